#include "probe/net/socket.h"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>

namespace openseer::probe {

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

int Socket::connect(const boost::asio::ip::address& address, std::uint16_t port) {
  const boost::asio::ip::tcp::endpoint endpoint(address, port);
  fd_ = socket(address.is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd_ < 0) return errno;
  const int result = ::connect(fd_, endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  return result == 0 ? 0 : errno;
}

void Socket::send_at_once() {
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  at_once_ = true;
}

int Socket::outcome() const {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool Socket::disturbed() const {
  char byte = 0;
  const ssize_t got = recv(fd_, &byte, 1, MSG_PEEK);
  return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

Transport::Result Socket::read(std::span<char> to) {
  for (;;) {
    const ssize_t got = recv(fd_, to.data(), to.size(), 0);
    if (got > 0) return {Status::kOk, static_cast<std::size_t>(got)};
    if (got == 0) return {Status::kClosed, 0};
    if (errno == EAGAIN) return {Status::kBlocked, 0};
    if (errno != EINTR) return {Status::kReset, 0};
  }
}

Transport::Result Socket::write(std::string_view bytes) {
  if (written_ && !at_once_) send_at_once();
  written_ = true;
  for (;;) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) return {Status::kOk, static_cast<std::size_t>(sent)};
    if (errno == EAGAIN) return {Status::kBlocked, 0};
    if (errno != EINTR) return {Status::kReset, 0};
  }
}

}  // namespace openseer::probe
