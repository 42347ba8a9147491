#include "http/deadline.h"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace openseer::http {

namespace asio = boost::asio;

asio::awaitable<bool> finish_by(asio::awaitable<void> work, Monotonic deadline) {
  using namespace asio::experimental::awaitable_operators;
  if (deadline == Monotonic::max()) {
    co_await std::move(work);
    co_return true;
  }
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  asio::awaitable<void> expiry = timer.async_wait(asio::use_awaitable);
  const auto first = co_await (std::move(work) || std::move(expiry));
  co_return first.index() == 0;
}

}  // namespace openseer::http
