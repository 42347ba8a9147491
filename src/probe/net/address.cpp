#include "probe/net/address.h"

#include <array>
#include <charconv>

namespace openseer::probe {

std::string text_of(const boost::asio::ip::address& address) {
  if (!address.is_v4()) return address.to_string();
  std::array<char, 15> text{};  // "255.255.255.255"
  char* at = text.data();
  char* const end = at + text.size();
  for (const unsigned byte : address.to_v4().to_bytes()) {
    if (at != text.data()) *at++ = '.';
    at = std::to_chars(at, end, byte).ptr;
  }
  return {text.data(), at};
}

}  // namespace openseer::probe
