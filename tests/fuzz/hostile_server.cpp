#include "fuzz/hostile_server.h"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>

#include "fuzz/targets.h"

namespace openseer::fuzz {
namespace {

constexpr std::size_t kMostHeard = 16 * 1024;
constexpr std::size_t kDnsHeader = 12;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int bound_socket(int type, std::uint16_t& port) {
  const int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  promise(fd >= 0 && bind(fd, plain, size) == 0 && getsockname(fd, plain, &size) == 0);
  port = ntohs(address.sin_port);
  return fd;
}

// The end of the question in `query`; npos when there is none.
std::size_t question_end(std::string_view query) {
  std::size_t at = kDnsHeader;
  while (at < query.size() && query[at] != 0) at += static_cast<unsigned char>(query[at]) + 1U;
  return at + 5 <= query.size() ? at + 5 : std::string_view::npos;
}

}  // namespace

HostileServer::Connection::~Connection() {
  SSL_free(ssl);
  if (fd >= 0) ::close(fd);
}

HostileServer::HostileServer(SSL_CTX* tls)
    : tls_(tls), listener_(bound_socket(SOCK_STREAM, port_)), names_(bound_socket(SOCK_DGRAM, name_port_)) {
  promise(listen(listener_, 64) == 0);
}

HostileServer::~HostileServer() { shut(); }

bool HostileServer::turn() {
  bool any = take_question();
  if (answers_names_ && !questions_.empty()) answer_oldest();
  any = accept_some() || any;
  for (const auto& connection : connections_) any = read_from(*connection) || any;
  return any;
}

bool HostileServer::accept_some() {
  if (listener_ < 0) return false;
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return false;
  ++accepted_;
  connections_.push_back(std::make_unique<Connection>(fd));
  if (tls_ == nullptr) return true;
  SSL* const ssl = SSL_new(tls_);
  SSL_set_fd(ssl, fd);
  SSL_set_accept_state(ssl);
  connections_.back()->ssl = ssl;
  return true;
}

bool HostileServer::read_from(Connection& connection) {
  if (connection.over) return false;
  const bool handshakes = connection.ssl != nullptr && SSL_is_init_finished(connection.ssl) == 0;
  if (deaf_ && !handshakes) return false;
  char buffer[4096];
  ERR_clear_error();
  const auto got = connection.ssl != nullptr ? SSL_read(connection.ssl, buffer, sizeof buffer)
                                             : recv(connection.fd, buffer, sizeof buffer, 0);
  if (got > 0) {
    heard_.append(buffer, static_cast<std::size_t>(got));
    if (heard_.size() > kMostHeard) heard_.erase(0, heard_.size() - kMostHeard);
    return true;
  }
  connection.over = connection.ssl != nullptr
                        ? SSL_get_error(connection.ssl, static_cast<int>(got)) != SSL_ERROR_WANT_READ
                        : got == 0 || errno != EAGAIN;
  return connection.over || (handshakes && SSL_is_init_finished(connection.ssl) != 0);
}

void HostileServer::send(std::string_view bytes) {
  if (connections_.empty()) return;
  const Connection& connection = *connections_.front();
  ERR_clear_error();
  if (connection.ssl == nullptr) {
    ::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } else if (!bytes.empty()) {
    SSL_write(connection.ssl, bytes.data(), static_cast<int>(bytes.size()));
  }
}

void HostileServer::half_close() {
  if (connections_.empty()) return;
  Connection& connection = *connections_.front();
  if (connection.ssl != nullptr && SSL_is_init_finished(connection.ssl) != 0) SSL_shutdown(connection.ssl);
  shutdown(connection.fd, SHUT_WR);
}

void HostileServer::close() {
  if (!connections_.empty()) connections_.pop_front();
}

void HostileServer::reset() {
  if (connections_.empty()) return;
  const linger at_once{1, 0};
  setsockopt(connections_.front()->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  connections_.pop_front();
}

void HostileServer::next_connection() {
  if (connections_.size() < 2) return;
  connections_.push_back(std::move(connections_.front()));
  connections_.pop_front();
}

bool HostileServer::take_question() {
  if (names_ < 0) return false;
  char buffer[1024];
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const ssize_t got = recvfrom(names_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (got < 0) return false;
  questions_.push_back({std::string(buffer, static_cast<std::size_t>(got)), ntohs(from.sin_port)});
  return true;
}

void HostileServer::reply(std::string_view rest) {
  if (questions_.empty() || names_ < 0) return;
  const Question question = std::move(questions_.front());
  questions_.pop_front();
  const std::size_t end = question_end(question.bytes);
  if (end == std::string_view::npos) return;
  std::string message = question.bytes.substr(0, 2);  // id
  std::string numbers(rest.substr(0, std::min<std::size_t>(8, rest.size())));
  numbers.resize(8);
  message += numbers.substr(0, 2) + std::string("\0\1", 2) + numbers.substr(2);
  message += question.bytes.substr(kDnsHeader, end - kDnsHeader);
  message += rest.substr(std::min<std::size_t>(8, rest.size()));
  const sockaddr_in to = loopback(question.port);
  sendto(names_, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

// 127.0.0.1, and no IPv6 address.
void HostileServer::answer_oldest() {
  const std::string& question = questions_.front().bytes;
  const std::size_t end = question_end(question);
  const bool ipv4 = end != std::string_view::npos && question[end - 3] == 1;
  using namespace std::string_view_literals;
  reply(ipv4 ? "\x81\x80\0\1\0\0\0\0\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1"sv : "\x81\x80\0\0\0\0\0\0"sv);
}

void HostileServer::refuse_connections() {
  if (listener_ >= 0) ::close(listener_);
  listener_ = -1;
}

void HostileServer::shut() {
  refuse_connections();
  if (names_ >= 0) ::close(names_);
  names_ = -1;
  connections_.clear();
}

}  // namespace openseer::fuzz
