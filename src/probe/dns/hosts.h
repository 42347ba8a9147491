#pragma once

#include <ctime>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/clock.h"

namespace openseer::probe::dns {

// The names that need no server: localhost (RFC 6761, section 6.3) and the hosts
// file, read again when it has changed (looked at once a second at most).
class Hosts {
 public:
  explicit Hosts(std::string path = "/etc/hosts");

  // Both families; nullptr when the file does not have `name` (lower case).
  const std::vector<boost::asio::ip::address>* find(const std::string& name, Monotonic now);

 private:
  void refresh(Monotonic now);
  void read();

  const std::string path_;
  Monotonic next_look_{};
  std::timespec changed_{};
  std::unordered_map<std::string, std::vector<boost::asio::ip::address>> names_;
  const std::vector<boost::asio::ip::address> localhost_;
};

}  // namespace openseer::probe::dns
