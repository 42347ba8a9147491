#include "probe/check/request.h"

#include <algorithm>
#include <array>

#include "probe/http/compose.h"

namespace openseer::probe {
namespace {

using domain::Header;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view one) { return http::same_name(name, one); });
}

bool stays_with_origin(const Header& header) {
  return header.sensitive ||
         is_one_of(header.name, {"authorization", "cookie", "host", "proxy-authorization"});
}

bool describes_body(const Header& header) {
  return is_one_of(header.name, {"content-encoding", "content-language", "content-location", "content-type"});
}

bool becomes_get(std::string_view method, int status) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

Request::Request(const domain::MonitorSpec& spec, http::Url url)
    : spec_(spec), url_(std::move(url)), method_(spec.method), headers_(&spec.headers) {}

http::Message Request::message(std::string_view user_agent, std::string_view authorization, bool http_proxy,
                               std::string_view proxy_authorization, Instant now) const {
  const std::string cookies = cookies_.size() == 0 ? std::string() : cookies_.cookies_for(url_, now);
  return http::compose({.method = method_,
                        .url = url_,
                        .headers = *headers_,
                        .body = has_body_ ? std::string_view(spec_.body) : std::string_view(),
                        .body_type = spec_.body_type,
                        .user_agent = user_agent,
                        .authorization = authorization,
                        .cookies = cookies,
                        .through_http_proxy = http_proxy,
                        .proxy_authorization = proxy_authorization});
}

void Request::redirect(int status, http::Url next) {
  const bool to_get = becomes_get(method_, status);
  const bool leaves = !url_.same_origin(next);
  if (to_get || leaves) {
    if (headers_ != &own_headers_) own_headers_ = *headers_;
    headers_ = &own_headers_;
  }
  if (to_get) {
    method_ = "GET";
    has_body_ = false;
    std::erase_if(own_headers_, describes_body);
  }
  if (leaves) {
    at_home_ = false;
    std::erase_if(own_headers_, stays_with_origin);
  }
  url_ = std::move(next);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace openseer::probe
