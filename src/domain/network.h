#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

// IP addresses and networks as texts that people write.
namespace openseer::domain {

struct IpAddress {
  bool v6 = false;
  std::array<unsigned char, 16> bytes{};  // the first four for IPv4
  bool operator==(const IpAddress&) const = default;
};

// Numeric, without brackets or a zone.
std::optional<IpAddress> parse_address(std::string_view text);

// "192.0.2.0/24", or an address alone: all of its bits.
struct Network {
  IpAddress address;
  int prefix = 0;
  bool contains(const IpAddress& other) const;
};
std::optional<Network> parse_network(std::string_view text);

}  // namespace openseer::domain
