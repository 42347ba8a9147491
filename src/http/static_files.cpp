#include "http/static_files.h"

#include <algorithm>

#include "http/content_security.h"
#include "http/fields.h"
#include "http/response_head.h"

namespace openseer::http {
namespace {

std::string_view media_type(std::string_view path) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".map", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".txt", "text/plain; charset=utf-8"},
      {".xml", "application/xml"},
  }};
  for (const auto& [extension, type] : kTypes) {
    if (path.ends_with(extension)) return type;
  }
  return "application/octet-stream";
}

// The path a browser asks for: pages lose ".html" and "index".
std::string url_path(std::string_view file) {
  std::string path = "/" + std::string(file);
  if (path.ends_with(".html")) path.resize(path.size() - 5);
  if (path == "/index") return "/";
  if (path.ends_with("/index")) path.resize(path.size() - 6);
  return path;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '[' && segment.back() == ']';
}

bool matches(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::string_view expected = next_element(pattern, '/');
    const std::string_view segment = path.substr(0, path.find('/'));
    if (is_parameter(expected) ? segment.empty() : expected != segment) return false;
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    if (pattern.empty() || path.empty()) return pattern.empty() && path.empty();
  }
}

// If-None-Match compares weakly (RFC 9110, 13.1.2).
bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    std::string_view candidate = next_element(if_none_match);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag || candidate == "*") return true;
  }
  return false;
}

}  // namespace

struct StaticFiles::Route {
  std::string path;      // as asked for
  bool pattern = false;  // has segments in brackets
  embedded::File file;
  bool html = false;
  std::string policy;  // Content-Security-Policy of a page
};

StaticFiles::StaticFiles(std::span<const embedded::File> files) {
  for (const embedded::File& file : files) {
    auto route = std::make_shared<Route>();
    route->html = file.path.ends_with(".html");
    route->path = route->html ? url_path(file.path) : "/" + std::string(file.path);
    route->pattern = route->html && route->path.find("/[") != std::string::npos;
    route->file = file;
    if (route->html) route->policy = page_policy(file.content);
    routes_.push_back(std::move(route));
  }
  std::sort(routes_.begin(), routes_.end(), [](const auto& a, const auto& b) {
    return std::tie(a->pattern, a->path) < std::tie(b->pattern, b->path);
  });
}

// A table look-up: no request can name a file that was not embedded.
const StaticFiles::Route* StaticFiles::find(std::string_view path) const {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto patterns =
      std::partition_point(routes_.begin(), routes_.end(), [](const auto& r) { return !r->pattern; });
  const auto exact = std::lower_bound(routes_.begin(), patterns, path,
                                      [](const auto& r, std::string_view p) { return r->path < p; });
  if (exact != patterns && (*exact)->path == path) return exact->get();
  for (auto route = patterns; route != routes_.end(); ++route) {
    if (matches((*route)->path, path)) return route->get();
  }
  return nullptr;
}

Response StaticFiles::answer(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    Response refusal = text_response(405, "method not allowed");
    refusal.headers.set("Allow", "GET, HEAD");
    return refusal;
  }
  const Route* route = find(request.path);
  const bool found = route != nullptr && route->path != "/404";
  if (!found) route = find("/404");
  if (route == nullptr) return text_response(404, "not found");
  Response response = content(*route, request);
  if (!found) {
    response.status = 404;
    response.headers.set("Cache-Control", "no-cache");
  } else if (etag_matches(request.headers.get("If-None-Match"), response.headers.get("ETag"))) {
    response.status = 304;
    response.static_body = {};
  }
  return response;
}

Response StaticFiles::content(const Route& route, const Request& request) {
  const embedded::File& file = route.file;
  const std::string_view accepted = request.headers.get("Accept-Encoding");
  Response response;
  std::string etag = "\"" + std::string(file.digest);
  if (!file.brotli.empty() && accepts_coding(accepted, "br")) {
    response.static_body = file.brotli;
    response.headers.set("Content-Encoding", "br");
    etag += "-br";
  } else if (!file.gzip.empty() && accepts_coding(accepted, "gzip")) {
    response.static_body = file.gzip;
    response.headers.set("Content-Encoding", "gzip");
    etag += "-gz";
  } else {
    response.static_body = file.content;
  }
  response.headers.set("ETag", etag + "\"");
  response.headers.set("Content-Type", std::string(media_type(file.path)));
  if (!file.brotli.empty() || !file.gzip.empty()) response.headers.set("Vary", "Accept-Encoding");
  // Next.js puts a hash of the content into these names.
  const bool immutable = file.path.starts_with("_next/static/");
  response.headers.set("Cache-Control", immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (route.html) response.headers.set("Content-Security-Policy", route.policy);
  add_security_headers(response, request.tls);
  return response;
}

}  // namespace openseer::http
