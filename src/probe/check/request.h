#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/monitor.h"
#include "probe/http/cookies.h"
#include "probe/http/exchange.h"
#include "probe/http/url.h"

// What one hop asks for, and how a redirect changes it (RFC 9110, section 15.4,
// and the Fetch standard's HTTP-redirect fetch). Pure.
namespace openseer::probe {

class Request {
 public:
  // `spec` must outlive it.
  Request(const domain::MonitorSpec& spec, http::Url url);

  const http::Url& url() const { return url_; }
  const std::string& method() const { return method_; }
  // The monitor's credentials may go along: no hop has left its origin.
  bool at_home() const { return at_home_; }

  // `authorization` is the value of that header; empty: none.
  http::Message message(std::string_view user_agent, std::string_view authorization, bool http_proxy,
                        std::string_view proxy_authorization, Instant now) const;
  // Keeps the cookies of an answer to the present request.
  void take_cookies(const http::Headers& headers, Instant now) { cookies_.store(url_, headers, now); }
  // Turns into the request that follows a redirect by `status` to `next`: the method
  // becomes GET where the standards say so, and headers that belong to the origin
  // (sensitive ones, Authorization, Cookie, Host) stay behind.
  void redirect(int status, http::Url next);

 private:
  const domain::MonitorSpec& spec_;
  http::Url url_;
  std::string method_;
  std::vector<domain::Header> own_headers_;  // once a redirect has changed them
  const std::vector<domain::Header>* headers_;
  bool has_body_ = true;
  bool at_home_ = true;
  http::CookieJar cookies_;
};

// The statuses whose Location is followed.
bool is_redirect(int status);

}  // namespace openseer::probe
