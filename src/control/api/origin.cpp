#include "control/api/origin.h"

#include <algorithm>

#include "domain/text.h"

namespace openseer::control {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The element that the nearest proxy added: what stands before it, anybody may
// have written.
std::string_view last_element(std::string_view list) {
  const std::size_t comma = list.rfind(',');
  return trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1));
}

std::string host_of(const http::Request& request, const ApiOptions& options) {
  if (options.trust_proxy) {
    const std::string_view forwarded = last_element(request.headers.get("X-Forwarded-Host"));
    if (!forwarded.empty()) return domain::lower(forwarded);
  }
  return domain::lower(request.headers.get("Host"));
}

bool through_tls(const http::Request& request, const ApiOptions& options) {
  if (request.tls) return true;
  return options.trust_proxy && last_element(request.headers.get("X-Forwarded-Proto")) == "https";
}

// Without the port: "localhost:3000", "[::1]:3000".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

bool is_localhost(std::string_view host) {
  const std::string_view name = without_port(host);
  return name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1" || name == "[::1]";
}

bool is_own_origin(const std::string& origin, const http::Request& request, const ApiOptions& options) {
  const std::string host = host_of(request, options);
  if (host.empty()) return false;
  if (origin == "https://" + host) return true;
  return !through_tls(request, options) && origin == "http://" + host;
}

Refusal cross_site() { return {Code::kPermissionDenied, "the request comes from another site", {}}; }

}  // namespace

Result<void> check_origin(const http::Request& request, const ApiOptions& options) {
  const std::string origin = domain::lower(request.headers.get("Origin"));
  const bool allowed = std::any_of(options.allowed_origins.begin(), options.allowed_origins.end(),
                                   [&](const std::string& one) { return domain::lower(one) == origin; });
  if (!origin.empty() && allowed) return {};
  if (!origin.empty() && !is_own_origin(origin, request, options)) return cross_site();
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") return cross_site();
  return {};
}

bool is_secure(const http::Request& request, const ApiOptions& options) {
  return through_tls(request, options) || is_localhost(host_of(request, options));
}

std::string client_address(const http::Request& request, const ApiOptions& options) {
  if (options.trust_proxy) {
    const std::string_view forwarded = last_element(request.headers.get("X-Forwarded-For"));
    if (!forwarded.empty()) return std::string(forwarded);
  }
  return request.peer_address;
}

std::string api_url(const http::Request& request, const ApiOptions& options) {
  if (!options.api_url.empty()) return options.api_url;
  const std::string host = host_of(request, options);
  return "https://" + std::string(without_port(host)) + ":" + std::to_string(options.api_port);
}

}  // namespace openseer::control
