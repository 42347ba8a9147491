#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace openseer::test {

// A wire between a worker and a control plane that can be cut in one direction.
// Runs on a thread of its own; its methods are for the test's.
class Proxy {
 public:
  // To 127.0.0.1:`server_port`.
  explicit Proxy(std::uint16_t server_port);
  ~Proxy();
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  // From now on nothing that the server says arrives, while what it is told
  // still does; new connections are closed at once.
  void silence_server();
  // New connections go to another server, and are heard again.
  void lead_to(std::uint16_t server_port);

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Pair;

  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> connect(std::shared_ptr<Pair> pair);
  static boost::asio::awaitable<void> carry(std::shared_ptr<Pair> pair, bool to_client);

  // Which connections are silent: those made before this generation.
  std::atomic<int> silenced_{0};
  std::atomic<bool> closed_{false};
  std::atomic<std::uint16_t> server_port_;
  std::atomic<int> generation_{0};
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

}  // namespace openseer::test
