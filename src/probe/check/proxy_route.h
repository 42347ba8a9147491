#pragma once

#include <optional>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "domain/monitor.h"
#include "probe/http/url.h"

namespace openseer::probe {

// The proxy of a check, as its URL says. Pure.
struct ProxyRoute {
  bool socks = false;
  http::Url url;            // of the proxy itself; its scheme means nothing
  std::string credentials;  // of Proxy-Authorization; empty: none
  // Where a SOCKS5 proxy connects to: it is given an address that the egress policy
  // has seen, and resolves nothing.
  std::optional<boost::asio::ip::address> target;
};

// Empty when the URL is neither "http://..." nor "socks5://...".
std::optional<ProxyRoute> parse_proxy(const domain::Proxy& proxy);

}  // namespace openseer::probe
