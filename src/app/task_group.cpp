#include "app/task_group.h"

#include <cstdlib>
#include <exception>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace openseer::app {

TaskGroup::TaskGroup(asio::any_io_executor executor)
    : executor_(executor), changed_(executor, asio::steady_timer::time_point::max()) {}

void TaskGroup::spawn(std::string_view name, asio::awaitable<void> loop) {
  ++running_;
  asio::co_spawn(executor_, std::move(loop),
                 [this, name = std::string(name)](const std::exception_ptr& failure) {
                   if (failure) {
                     try {
                       std::rethrow_exception(failure);
                     } catch (const std::exception& error) {
                       log::error("a loop failed; this is a bug", {{"loop", name}, {"error", error.what()}});
                     }
                     std::abort();
                   }
                   --running_;
                   changed_.cancel();
                 });
}

asio::awaitable<void> TaskGroup::join() {
  while (running_ > 0) {
    boost::system::error_code cancelled;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

}  // namespace openseer::app
