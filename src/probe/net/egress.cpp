#include "probe/net/egress.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>

namespace openseer::probe {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

struct RangeV4 {
  V4 network;
  int bits;
  Reach reach;
};

// The first range that holds an address decides.
constexpr RangeV4 kRangesV4[] = {
    {{0, 0, 0, 0}, 8, Reach::kNever},           // "this network"
    {{169, 254, 0, 0}, 16, Reach::kNever},      // link-local; metadata of most clouds
    {{100, 100, 100, 200}, 32, Reach::kNever},  // Alibaba Cloud metadata
    {{192, 0, 0, 0}, 24, Reach::kNever},        // protocol assignments; Oracle metadata
    {{168, 63, 129, 16}, 32, Reach::kNever},    // Azure's host agent
    {{224, 0, 0, 0}, 4, Reach::kNever},         // multicast
    {{240, 0, 0, 0}, 4, Reach::kNever},         // reserved, broadcast
    {{10, 0, 0, 0}, 8, Reach::kPrivate},        // RFC 1918
    {{172, 16, 0, 0}, 12, Reach::kPrivate},     // RFC 1918
    {{192, 168, 0, 0}, 16, Reach::kPrivate},    // RFC 1918
    {{100, 64, 0, 0}, 10, Reach::kPrivate},     // RFC 6598, carrier NAT
    {{127, 0, 0, 0}, 8, Reach::kPrivate},       // loopback
    {{198, 18, 0, 0}, 15, Reach::kPrivate},     // benchmarking
    {{192, 0, 2, 0}, 24, Reach::kPrivate},      // documentation
    {{198, 51, 100, 0}, 24, Reach::kPrivate},   // documentation
    {{203, 0, 113, 0}, 24, Reach::kPrivate},    // documentation
};

struct RangeV6 {
  const char* network;
  int bits;
  Reach reach;
};

constexpr RangeV6 kRangesV6[] = {
    {"::", 128, Reach::kNever},             // unspecified
    {"::1", 128, Reach::kPrivate},          // loopback
    {"fe80::", 10, Reach::kNever},          // link-local
    {"ff00::", 8, Reach::kNever},           // multicast
    {"fd00:ec2::254", 128, Reach::kNever},  // AWS metadata
    {"fd20:ce::254", 128, Reach::kNever},   // Google Cloud metadata
    {"100::", 64, Reach::kNever},           // discard
    {"fc00::", 7, Reach::kPrivate},         // RFC 4193
    {"fec0::", 10, Reach::kPrivate},        // site-local, deprecated
    {"64:ff9b:1::", 48, Reach::kPrivate},   // NAT64 of a network's own
    {"2001:db8::", 32, Reach::kPrivate},    // documentation
    {"3fff::", 20, Reach::kPrivate},        // documentation
};

template <std::size_t N>
bool within(const std::array<std::uint8_t, N>& bytes, const std::array<std::uint8_t, N>& network, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(bytes.begin(), bytes.begin() + whole, network.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || ((bytes[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

// The stricter of two.
Reach least(Reach a, Reach b) { return std::max(a, b); }

Reach reach_of(const V4& bytes) {
  for (const RangeV4& range : kRangesV4) {
    if (within(bytes, range.network, range.bits)) return range.reach;
  }
  return Reach::kPublic;
}

V4 embedded(const V6& bytes, std::size_t at) {
  return {bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]};
}

bool has_prefix(const V6& bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

// What the IPv4 address inside `bytes` allows; kPublic when there is none.
Reach embedded_reach(const V6& bytes) {
  const bool zeros_64 = has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0});
  const bool compatible = zeros_64 && has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});  // ::a.b.c.d
  const bool mapped = has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff});      // ::ffff:a.b.c.d
  const bool translated = has_prefix(bytes, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0});  // ::ffff:0:a.b.c.d
  const bool nat64 = has_prefix(bytes, {0, 0x64, 0xff, 0x9b});  // RFC 6052, RFC 8215
  if (compatible || mapped || translated || nat64) return reach_of(embedded(bytes, 12));
  if (has_prefix(bytes, {0x20, 0x02})) return reach_of(embedded(bytes, 2));  // 6to4
  if (has_prefix(bytes, {0x20, 0x01, 0, 0})) {  // Teredo: server, inverted client
    V4 client = embedded(bytes, 12);
    for (std::uint8_t& b : client) b = static_cast<std::uint8_t>(~b);
    return least(reach_of(embedded(bytes, 4)), reach_of(client));
  }
  const bool isatap = (bytes[8] & 0xfd) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
  return isatap ? reach_of(embedded(bytes, 12)) : Reach::kPublic;
}

Reach reach_of(const V6& bytes) {
  for (const RangeV6& range : kRangesV6) {
    const V6 network = boost::asio::ip::make_address_v6(range.network).to_bytes();
    if (!within(bytes, network, range.bits)) continue;
    // The loopback and unspecified addresses look like ::a.b.c.d.
    return range.bits == 128 ? range.reach : least(range.reach, embedded_reach(bytes));
  }
  return embedded_reach(bytes);
}

}  // namespace

Reach reach_of(const address& address) {
  return address.is_v4() ? reach_of(address.to_v4().to_bytes()) : reach_of(address.to_v6().to_bytes());
}

bool may_connect(const EgressPolicy& policy, const address& address) {
  switch (reach_of(address)) {
    case Reach::kPublic:
      return true;
    case Reach::kPrivate:
      return policy.allow_private;
    case Reach::kNever:
      return false;
  }
  return false;
}

}  // namespace openseer::probe
