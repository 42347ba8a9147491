#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "probe/http/headers.h"
#include "probe/http/url.h"

// The cookies of one check, kept across its redirects (RFC 6265bis, section 5). Pure:
// the time is passed in. There is no public suffix list: a jar lives for one check,
// and a Domain without a dot in it is refused.
namespace openseer::probe::http {

class CookieJar {
 public:
  // Takes every Set-Cookie of an answer that came from `url`; what the rules
  // refuse is dropped.
  void store(const Url& url, const Headers& headers, Instant now);

  // The value of Cookie for a request to `url`; empty: none.
  std::string cookies_for(const Url& url, Instant now) const;

  std::size_t size() const { return cookies_.size(); }

 private:
  struct Cookie {
    std::string name;
    std::string value;
    std::string domain;
    std::string path;
    bool host_only = true;
    bool secure = false;
    std::optional<Instant> expires;  // empty: as long as the jar
  };
  struct Attributes;

  void store_one(const Url& url, std::string_view header, Instant now);
  static bool apply(Cookie& cookie, const Attributes& attributes, const Url& url, Instant now);

  std::vector<Cookie> cookies_;  // in the order they were made
};

// The dates of Expires in all their spellings (RFC 6265bis, section 5.1.1).
std::optional<Instant> parse_cookie_date(std::string_view text);

}  // namespace openseer::probe::http
