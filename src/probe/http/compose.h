#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/monitor.h"
#include "probe/http/exchange.h"
#include "probe/http/url.h"

namespace openseer::probe::http {

// What one hop's request is made of. A person's headers override ours of the same
// name; those that decide the framing (Content-Length, Transfer-Encoding) are ours
// alone.
struct Draft {
  std::string_view method;
  const Url& url;
  const std::vector<domain::Header>& headers;
  std::string_view body = {};
  domain::BodyType body_type = domain::BodyType::kText;
  std::string_view user_agent = {};
  std::string_view authorization = {};  // the header's value; empty: none
  std::string_view cookies = {};        // of the jar, for Cookie; joined to a person's own
  bool through_http_proxy = false;      // in absolute form: an http URL over an HTTP proxy
  std::string_view proxy_authorization = {};
};

Message compose(const Draft& draft);

// "Basic ..." (RFC 7617) and "Bearer ..." (RFC 6750), for Authorization.
std::string basic_credentials(std::string_view username, std::string_view password);
std::string bearer_credentials(std::string_view token);

// Of RFC 4648, section 4.
std::string base64(std::string_view bytes);

}  // namespace openseer::probe::http
