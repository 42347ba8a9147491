#pragma once

#include <boost/asio/ip/address.hpp>

#include "probe/probe.h"

// Which addresses a probe may connect to: pure rules over the IANA
// special-purpose registries (RFC 6890).
namespace openseer::probe {

enum class Reach {
  kPublic,
  kPrivate,  // a network of one's own: refused unless the operator allows it
  kNever,    // link-local, cloud metadata, multicast, unspecified: always refused
};

// An IPv6 address that carries an IPv4 one (mapped, 6to4, NAT64, Teredo, ISATAP)
// reaches no further than the address it carries.
Reach reach_of(const boost::asio::ip::address& address);

bool may_connect(const EgressPolicy& policy, const boost::asio::ip::address& address);

}  // namespace openseer::probe
