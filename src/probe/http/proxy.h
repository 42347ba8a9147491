#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "probe/http/protocol.h"
#include "probe/http/url.h"

// Handshakes that turn a connection to a proxy into one to the target. Faults have
// the reason kProxy; a stream that ends early is one of them.
namespace openseer::probe::http {

// CONNECT (RFC 9110, section 9.3.6) to `target` over an HTTP proxy. `authorization`
// is the value of Proxy-Authorization; empty: none.
std::unique_ptr<Protocol> make_http_tunnel(const Url& target, std::string_view user_agent,
                                           std::string_view authorization);

// SOCKS5 (RFC 1928), with RFC 1929 when there is a user name. The address is the
// one the egress policy has seen: the proxy resolves nothing.
std::unique_ptr<Protocol> make_socks5(const boost::asio::ip::address& address, std::uint16_t port,
                                      std::string_view username, std::string_view password);

}  // namespace openseer::probe::http
