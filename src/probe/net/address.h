#pragma once

#include <string>

#include <boost/asio/ip/address.hpp>

namespace openseer::probe {

// As address.to_string(), which goes through printf, some ten times as fast for IPv4:
// every check tells where it connected to.
std::string text_of(const boost::asio::ip::address& address);

}  // namespace openseer::probe
