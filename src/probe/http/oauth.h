#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "domain/monitor.h"
#include "probe/http/exchange.h"
#include "probe/http/url.h"

// OAuth 2.0 client credentials (RFC 6749, section 4.4). Pure.
namespace openseer::probe::http {

struct OauthToken {
  std::string value;
  Seconds lifetime{0};  // zero: the server does not say
};

// What asks `token_url` for a token; `authentication` has the credentials. In absolute
// form when the URL is http and goes over an HTTP proxy.
Message oauth_request(const domain::Authentication& authentication, const Url& token_url,
                      std::string_view user_agent, bool through_http_proxy = false,
                      std::string_view proxy_authorization = {});

// What came back: a bearer token, or why there is none (kAuthentication). `answer`
// has to be whole, with its body kept.
std::variant<OauthToken, Fault> oauth_token(const Answer& answer);

}  // namespace openseer::probe::http
