#pragma once

#include <cstdint>

#include <boost/asio/ip/address.hpp>

#include "probe/net/transport.h"

namespace openseer::probe {

// A TCP socket that never blocks. Closes itself.
class Socket : public Transport {
 public:
  Socket() = default;
  ~Socket() override;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // errno: 0 or EINPROGRESS when the connection is under way.
  int connect(const boost::asio::ip::address& address, std::uint16_t port);
  // What is written goes out at once, even while earlier bytes are not acknowledged
  // (TCP_NODELAY). write() sees to it from the second time on: a check of one request
  // and one answer does without.
  void send_at_once();
  // The outcome of a connection attempt that has become writable: errno, 0 when it stands.
  int outcome() const;
  int fd() const { return fd_; }
  // The peer has sent something, or has gone: an idle connection is of no more use.
  bool disturbed() const;

  Result read(std::span<char> to) override;
  Result write(std::string_view bytes) override;

 private:
  int fd_ = -1;
  bool written_ = false;
  bool at_once_ = false;
};

}  // namespace openseer::probe
