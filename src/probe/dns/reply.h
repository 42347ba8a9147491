#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/clock.h"

// What a name server said, read from the bytes of its message (RFC 1035, RFC 2308).
// Pure; the bytes come from strangers.
namespace openseer::probe::dns {

enum class Family : std::uint8_t { kIpv4, kIpv6 };

enum class Outcome : std::uint8_t {
  kFound,
  kNotFound,       // NXDOMAIN
  kNoAddress,      // the name exists, without an address of the family
  kServerFailure,  // SERVFAIL, REFUSED and other refusals, or a message that cannot be read
  kTimeout,        // no answer from any server
  kUnreachable,    // no server can be reached
  kWorker,         // a fault of this machine
};

struct Answer {
  Outcome outcome = Outcome::kServerFailure;
  std::vector<boost::asio::ip::address> addresses;  // of kFound: in the server's order
  Seconds ttl{0};                                   // how long it may be kept; 0: not at all
  std::string detail;                               // what the server answered: "SERVFAIL"
};

// `message` is a whole reply to a question for `family`'s addresses. Aliases shorten
// the TTL to that of the shortest link.
Answer read_reply(std::span<const unsigned char> message, Family family);

}  // namespace openseer::probe::dns
