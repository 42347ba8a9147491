#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded.h"
#include "http/server.h"

namespace openseer::http {

// Serves an exported site: "/x" from x.html, "/" from index.html, "/a/7" from
// a/[id].html where there is one (a segment in brackets matches any), the
// unknown from 404.html with status 404. Strong ETags, 304, brotli and gzip by
// Accept-Encoding, immutable caching below /_next/static/, GET and HEAD only.
// HTML carries a Content-Security-Policy with the hashes of its inline scripts.
class StaticFiles {
 public:
  explicit StaticFiles(std::span<const embedded::File> files);
  Response answer(const Request& request) const;
  bool empty() const { return routes_.empty(); }

 private:
  struct Route;
  const Route* find(std::string_view path) const;
  static Response content(const Route& route, const Request& request);

  std::vector<std::shared_ptr<const Route>> routes_;  // by path, those with brackets last
};

// Adds the headers every answer carries: nosniff, frame-ancestors, referrer
// policy, HSTS over TLS.
void add_security_headers(Response& response, bool tls);

}  // namespace openseer::http
