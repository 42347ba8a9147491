#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.h"

namespace openseer::test {

namespace asio = boost::asio;

// The event loop of a test: what is spawned on executor() makes progress while
// run() waits. Must outlive everything that was made with its executor.
class Loop {
 public:
  asio::io_context& context() { return context_; }
  asio::any_io_executor executor() { return context_.get_executor(); }

  // Runs `task` to its end and gives its value; throws what it throws, and
  // std::runtime_error when it has not ended after `limit`.
  template <class T>
  T run(asio::awaitable<T> task, Seconds limit = Seconds{30}) {
    auto end = std::make_shared<End<T>>();
    asio::co_spawn(context_, keep(std::move(task), end), [end](std::exception_ptr failure) {
      end->failure = std::move(failure);
      end->done = true;
    });
    run_until_done(end->done, limit);
    if (end->failure) std::rethrow_exception(end->failure);
    if constexpr (!std::is_void_v<T>) return std::move(*end->value);
  }

  // Lets everything that is spawned run until `condition` holds; false when it
  // does not within `limit`. The condition is looked at after every step.
  template <class Condition>
  bool run_until(Condition condition, Seconds limit = Seconds{30}) {
    const Monotonic deadline = std::chrono::steady_clock::now() + limit;
    context_.restart();
    while (!condition()) {
      if (context_.run_one_until(deadline) == 0) return condition();
    }
    return true;
  }

 private:
  struct Nothing {};
  template <class T>
  struct End {
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;
    std::exception_ptr failure;
    bool done = false;
  };

  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> task, std::shared_ptr<End<T>> end) {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      end->value.emplace(co_await std::move(task));
    }
  }

  void run_until_done(const bool& done, Seconds limit) {
    const auto condition = [&done] { return done; };
    if (!run_until(condition, limit)) throw std::runtime_error("the task has not ended in time");
  }

  asio::io_context context_;
};

}  // namespace openseer::test
