#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>

namespace openseer::probe::test {

// One accepted connection, as a script sees it: blocking, a thread of its own.
class Connection {
 public:
  Connection(int fd, SSL_CTX* tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False when the client would not go through with it.
  bool handshake();
  // The request's head, and its body by Content-Length.
  std::string read_request();
  // What has come, once something has; empty when the client has gone.
  std::string read_some();
  // That many bytes; fewer when the client has gone.
  std::string read_bytes(std::size_t size);
  // False when the client has gone.
  bool write(std::string_view bytes);
  // Blocks until the client has gone, or for at most `timeout_ms`; true when gone.
  bool wait_for_close(int timeout_ms = 60'000);
  // Blocks until the client has sent something or has gone.
  void wait_for_bytes();
  // Closes with a TCP reset rather than a FIN.
  void reset();

 private:
  long read(char* to, std::size_t size);

  int fd_;
  SSL* ssl_ = nullptr;
};

// A server on a free port of 127.0.0.1 that runs a script for each connection,
// each in a thread. Its destructor waits for them; a script must therefore end
// when its client goes away.
class LocalServer {
 public:
  using Script = std::function<void(Connection&)>;

  explicit LocalServer(Script script, std::shared_ptr<SSL_CTX> tls = nullptr);
  ~LocalServer();
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  int port() const { return port_; }
  // "http://127.0.0.1:<port><path>"
  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const;

 private:
  void accept_all();

  Script script_;
  std::shared_ptr<SSL_CTX> tls_;
  int listener_;
  int port_ = 0;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

// Answers every request the same way, and keeps the requests.
class FixedServer {
 public:
  explicit FixedServer(std::string answer, std::shared_ptr<SSL_CTX> tls = nullptr);

  std::string url(std::string_view path = "/", std::string_view host = "127.0.0.1") const {
    return server_.url(path, host);
  }
  std::vector<std::string> requests() const;

 private:
  const std::string answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  LocalServer server_;
};

}  // namespace openseer::probe::test
