#include "app/probe_readiness.h"

#include <memory>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/clock.h"

namespace openseer::app {

namespace asio = boost::asio;

asio::awaitable<bool> is_ready(asio::any_io_executor executor, std::string address, std::uint16_t port) {
  // Shared with the timer's handler, which may run after this coroutine.
  const auto socket = std::make_shared<asio::ip::tcp::socket>(executor);
  asio::steady_timer limit(executor, Seconds{1});
  limit.async_wait([socket](const boost::system::error_code& cancelled) {
    boost::system::error_code ignored;
    if (!cancelled) socket->close(ignored);
  });
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address), port);
  boost::system::error_code error;
  co_await socket->async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return false;
  const std::string request = "GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n";
  co_await asio::async_write(*socket, asio::buffer(request),
                             asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return false;
  constexpr std::string_view kStatus = "HTTP/1.1 200";
  std::string answer(kStatus.size(), '\0');
  co_await asio::async_read(*socket, asio::buffer(answer), asio::redirect_error(asio::use_awaitable, error));
  // Either minor version.
  co_return !error && answer.starts_with("HTTP/1.") && answer.ends_with(" 200");
}

}  // namespace openseer::app
