#pragma once

#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

namespace openseer::app {

namespace asio = boost::asio;

// Owns the loops that run beside each other; joins them. Runs on one executor.
class TaskGroup {
 public:
  explicit TaskGroup(asio::any_io_executor executor);
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  // A loop that throws is a bug (loops survive what they meet): it is logged and
  // the process aborts, to be started again by whoever supervises it.
  void spawn(std::string_view name, asio::awaitable<void> loop);
  // Completes when all have ended.
  asio::awaitable<void> join();

 private:
  asio::any_io_executor executor_;
  asio::steady_timer changed_;  // never expires; cancelled when one has ended
  int running_ = 0;
};

}  // namespace openseer::app
