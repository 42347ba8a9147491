#include "local_server.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace openseer::probe::test {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";

std::size_t content_length(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string_view::npos ? 0 : std::strtoull(head.data() + at + 16, nullptr, 10);
}

}  // namespace

Connection::Connection(int fd, SSL_CTX* tls) : fd_(fd) {
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  SSL_set_fd(ssl_, fd);
}

Connection::~Connection() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_);
    SSL_free(ssl_);
  }
  if (fd_ >= 0) close(fd_);
}

bool Connection::handshake() { return ssl_ == nullptr || SSL_accept(ssl_) == 1; }

long Connection::read(char* to, std::size_t size) {
  return ssl_ != nullptr ? SSL_read(ssl_, to, static_cast<int>(size)) : recv(fd_, to, size, 0);
}

std::string Connection::read_request() {
  std::string request;
  char buffer[4096];
  for (;;) {
    const std::size_t end = request.find(kEndOfHead);
    if (end != std::string::npos && request.size() >= end + 4 + content_length(request)) return request;
    const long got = read(buffer, sizeof buffer);
    if (got <= 0) return request;
    request.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string Connection::read_some() {
  std::string bytes(4096, '\0');
  const long got = read(bytes.data(), bytes.size());
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

std::string Connection::read_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const long got = read(bytes.data() + have, size - have);
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

bool Connection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                      : send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Connection::wait_for_close(int timeout_ms) {
  char buffer[4096];
  for (;;) {
    pollfd poll_for{fd_, POLLIN, 0};
    if (poll(&poll_for, 1, timeout_ms) <= 0) return false;
    if (recv(fd_, buffer, sizeof buffer, 0) <= 0) return true;
  }
}

void Connection::wait_for_bytes() {
  pollfd poll_for{fd_, POLLIN, 0};
  poll(&poll_for, 1, 60'000);
}

void Connection::reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd_);
  fd_ = -1;
}

LocalServer::LocalServer(Script script, std::shared_ptr<SSL_CTX> tls)
    : script_(std::move(script)),
      tls_(std::move(tls)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT: SSL_write has no MSG_NOSIGNAL
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, plain, size) != 0 || listen(listener_, 1024) != 0) throw std::runtime_error("listen");
  getsockname(listener_, plain, &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

LocalServer::~LocalServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (std::thread& thread : connections_) thread.join();
}

std::string LocalServer::url(std::string_view path, std::string_view host) const {
  return (tls_ ? "https://" : "http://") + std::string(host) + ":" + std::to_string(port_) +
         std::string(path);
}

void LocalServer::accept_all() {
  for (;;) {
    const int fd = accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    connections_.emplace_back([this, fd] {
      Connection connection(fd, tls_.get());
      if (connection.handshake()) script_(connection);
    });
  }
}

FixedServer::FixedServer(std::string answer, std::shared_ptr<SSL_CTX> tls)
    : answer_(std::move(answer)),
      server_(
          [this](Connection& connection) {
            std::string request = connection.read_request();
            {
              const std::lock_guard lock(mutex_);
              requests_.push_back(std::move(request));
            }
            connection.write(answer_);
          },
          std::move(tls)) {}

std::vector<std::string> FixedServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

}  // namespace openseer::probe::test
