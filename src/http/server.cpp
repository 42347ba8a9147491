#include "http/server.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "http/connection.h"
#include "http/transport.h"

namespace openseer::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

// After an accept that failed for want of descriptors or memory.
constexpr Milliseconds kAcceptPause{100};

void require(error_code error, const std::string& what) {
  if (error) throw std::system_error(error, what);
}

// Small answers leave at once; a peer that vanished is noticed even while
// nothing is written to it.
void tune(tcp::socket& socket, Milliseconds write_time) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto timeout = static_cast<unsigned>(write_time.count());
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

std::string numeric_address(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

// Kept alive by the coroutines that it counts.
class Server::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::any_io_executor executor, Handler handler, Limits limits)
      : executor_(executor),
        serving_(std::make_shared<Serving>(Serving{std::move(handler), limits})),
        changed_(executor, Monotonic::max()) {}

  std::uint16_t listen(const std::string& address, std::uint16_t port, std::optional<TlsIdentity> tls);
  asio::awaitable<void> drain(std::shared_ptr<Impl> self, Milliseconds grace);
  void stop();

 private:
  struct Listener {
    tcp::acceptor acceptor;
    std::unique_ptr<asio::ssl::context> tls;  // null without TLS
    asio::steady_timer pause;
  };

  asio::awaitable<void> accept(Listener& listener);
  void admit(Listener& listener, tcp::socket socket);
  bool make_room();
  void stop_listening();
  void finished(std::exception_ptr error);

  asio::any_io_executor executor_;
  std::shared_ptr<Serving> serving_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
  int tasks_ = 0;               // coroutines under way: one per listener and connection
  asio::steady_timer changed_;  // cancelled when tasks_ becomes 0
};

std::uint16_t Server::Impl::listen(const std::string& address, std::uint16_t port,
                                   std::optional<TlsIdentity> tls) {
  const std::string where = address + " port " + std::to_string(port);
  error_code error;
  const auto ip = asio::ip::make_address(address, error);
  require(error, "not an IP address: " + address);
  const tcp::endpoint endpoint(ip, port);
  auto listener = std::make_shared<Listener>(Listener{
      tcp::acceptor(executor_), tls ? make_server_context(*tls) : nullptr, asio::steady_timer(executor_)});
  tcp::acceptor& acceptor = listener->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(!ip.is_unspecified()), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  require(error, "cannot listen on " + where);
  const std::uint16_t bound = acceptor.local_endpoint().port();
  listeners_.push_back(listener);
  ++tasks_;
  asio::co_spawn(executor_, accept(*listener),
                 [self = shared_from_this(), listener](std::exception_ptr e) { self->finished(e); });
  return bound;
}

asio::awaitable<void> Server::Impl::accept(Listener& listener) {
  while (listener.acceptor.is_open()) {
    error_code error;
    tcp::socket socket =
        co_await listener.acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!listener.acceptor.is_open()) break;
    if (!error) {
      admit(listener, std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      log::warning("cannot accept a connection", {{"error", error.message()}});
      listener.pause.expires_after(kAcceptPause);
      co_await listener.pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

void Server::Impl::admit(Listener& listener, tcp::socket socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  if (error) return;  // gone already
  if (static_cast<int>(connections_.size()) >= serving_->limits.connections && !make_room()) {
    log::warning("too many connections", {{"limit", serving_->limits.connections}});
    return;
  }
  tune(socket, serving_->limits.write_time);
  auto transport = listener.tls ? make_tls_transport(std::move(socket), *listener.tls)
                                : make_plain_transport(std::move(socket));
  auto connection = std::make_shared<Connection>(executor_, std::move(transport), serving_,
                                                 numeric_address(peer.address()), listener.tls != nullptr);
  connections_.emplace(connection.get(), connection);
  ++tasks_;
  asio::co_spawn(executor_, connection->run(), [self = shared_from_this(), connection](std::exception_ptr e) {
    connection->abort();
    self->connections_.erase(connection.get());
    self->finished(e);
  });
}

// Ends the connection that has been idle longest. False when none is idle.
bool Server::Impl::make_room() {
  const auto oldest = std::min_element(
      connections_.begin(), connections_.end(),
      [](const auto& a, const auto& b) { return a.second->idle_since() < b.second->idle_since(); });
  if (oldest == connections_.end() || oldest->second->idle_since() == Monotonic::max()) return false;
  const auto connection = oldest->second;
  connections_.erase(oldest);  // its coroutine still runs to its end, and is counted until then
  connection->abort();
  return true;
}

void Server::Impl::finished(std::exception_ptr error) {
  --tasks_;
  if (tasks_ == 0) changed_.cancel();
  if (!error) return;
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    log::error("connection failed", {{"error", e.what()}});
  } catch (...) {
    log::error("connection failed", {{"error", "unknown exception"}});
  }
}

void Server::Impl::stop_listening() {
  serving_->draining = true;
  for (const auto& listener : listeners_) {
    error_code ignored;
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
}

void Server::Impl::stop() {
  stop_listening();
  const auto connections = connections_;
  for (const auto& entry : connections) entry.second->abort();
}

asio::awaitable<void> Server::Impl::drain(std::shared_ptr<Impl>, Milliseconds grace) {
  stop_listening();
  const auto connections = connections_;
  for (const auto& entry : connections) entry.second->drain();
  changed_.expires_after(grace);
  while (tasks_ > 0) {
    error_code ended;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
    if (ended) continue;
    stop();
    changed_.expires_at(Monotonic::max());
  }
}

Server::Server(asio::any_io_executor executor, Handler handler, Limits limits)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(handler), limits)) {}

Server::~Server() { impl_->stop(); }

std::uint16_t Server::listen(const std::string& address, std::uint16_t port, std::optional<TlsIdentity> tls) {
  return impl_->listen(address, port, std::move(tls));
}

asio::awaitable<void> Server::drain(Milliseconds grace) { return impl_->drain(impl_, grace); }

}  // namespace openseer::http
