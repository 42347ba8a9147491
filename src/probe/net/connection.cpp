#include "probe/net/connection.h"

#include <cerrno>

namespace openseer::probe {

Connection::~Connection() { poller_.forget(*this); }

int Connection::connect(const boost::asio::ip::address& to, std::uint16_t port) {
  address = to;
  const int error = socket.connect(to, port);
  if (error != 0 && error != EINPROGRESS) return error;
  return poller_.add(socket.fd(), *this) ? 0 : errno;
}

void Connection::on_ready(std::uint32_t events) {
  constexpr std::uint32_t kEnd = EPOLLERR | EPOLLHUP | EPOLLRDHUP;
  if ((events & (EPOLLIN | kEnd)) != 0) readable = true;
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) writable = true;
  if ((events & EPOLLERR) != 0) broken = true;
  owner_->on_ready(*this);
}

}  // namespace openseer::probe
