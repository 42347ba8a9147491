#include "integration/proxy.h"

#include <array>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace openseer::test {
namespace asio = boost::asio;
using asio::ip::tcp;

struct Proxy::Pair {
  Socket client;
  Socket server;
  const int generation;
  const std::atomic<int>& silenced;

  // Both directions end together.
  void close() {
    boost::system::error_code ignored;
    client.close(ignored);
    server.close(ignored);
  }
};

Proxy::Proxy(std::uint16_t server_port)
    : server_port_(server_port), acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
  asio::co_spawn(context_, accept(), asio::detached);
  thread_ = std::thread([this] { context_.run(); });
}

Proxy::~Proxy() {
  context_.stop();
  thread_.join();
}

void Proxy::silence_server() {
  closed_ = true;
  silenced_ = ++generation_;
}

void Proxy::lead_to(std::uint16_t server_port) {
  server_port_ = server_port;
  closed_ = false;
}

asio::awaitable<void> Proxy::accept() {
  while (true) {
    Socket client = co_await acceptor_.async_accept(asio::use_awaitable);
    if (closed_) continue;  // closes it
    auto pair = std::make_shared<Pair>(Pair{std::move(client), Socket(context_), generation_, silenced_});
    asio::co_spawn(context_, connect(std::move(pair)), asio::detached);
  }
}

asio::awaitable<void> Proxy::connect(std::shared_ptr<Pair> pair) {
  boost::system::error_code error;
  const tcp::endpoint server(asio::ip::address_v4::loopback(), server_port_);
  co_await pair->server.async_connect(server, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  asio::co_spawn(context_, carry(pair, true), asio::detached);
  asio::co_spawn(context_, carry(pair, false), asio::detached);
}

asio::awaitable<void> Proxy::carry(std::shared_ptr<Pair> pair, bool to_client) {
  Socket& from = to_client ? pair->server : pair->client;
  Socket& to = to_client ? pair->client : pair->server;
  boost::system::error_code error;
  std::array<char, 16'384> bytes;
  while (!error) {
    const std::size_t size =
        co_await from.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
    if (error || (to_client && pair->generation < pair->silenced)) continue;
    co_await asio::async_write(to, asio::buffer(bytes, size),
                               asio::redirect_error(asio::use_awaitable, error));
  }
  pair->close();
}

}  // namespace openseer::test
