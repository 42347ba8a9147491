#include "app/supervisor.h"

#include <csignal>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"

namespace openseer::app {

Milliseconds RestartDelay::after(Milliseconds lived) {
  if (lived >= kHealthy) next_ = Milliseconds{0};
  const Milliseconds now = next_;
  next_ = std::min(std::max(next_ * 2, kFirst), kLongest);
  return now;
}

SupervisedProcess::SupervisedProcess(asio::any_io_executor executor, std::string name, Command command)
    : executor_(executor),
      name_(std::move(name)),
      command_(std::move(command)),
      pause_(executor),
      ended_(executor, asio::steady_timer::time_point::max()) {}

SupervisedProcess::~SupervisedProcess() = default;

void SupervisedProcess::start() {
  running_ = true;
  asio::co_spawn(executor_, run(), [this](const std::exception_ptr& failure) {
    // run() throws only what is a bug.
    if (failure) std::terminate();
    running_ = false;
    ended_.cancel();
  });
}

asio::awaitable<void> SupervisedProcess::run() {
  while (!stopping_) {
    const Monotonic began = std::chrono::steady_clock::now();
    std::string problem;
    try {
      co_await run_once();
      problem = last_exit_ ? last_exit_->text() : "not started";
    } catch (const std::exception& error) {
      problem = error.what();
    }
    if (stopping_) co_return;
    const auto lived = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
    const Milliseconds wait = delay_.after(lived);
    log::error("a process ended and will be started again",
               {{"process", name_}, {"how", problem}, {"in_ms", wait.count()}});
    co_await pause(wait);
  }
}

asio::awaitable<void> SupervisedProcess::run_once() {
  const ChildOptions options = co_await command_();
  if (stopping_) co_return;
  child_ = std::make_unique<ChildProcess>(executor_, options);
  last_exit_ = co_await child_->wait();
}

asio::awaitable<void> SupervisedProcess::pause(Milliseconds time) {
  boost::system::error_code cancelled;
  pause_.expires_after(time);
  co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

asio::awaitable<void> SupervisedProcess::stop(Milliseconds grace) {
  stopping_ = true;
  pause_.cancel();
  if (child_) {
    child_->send(SIGTERM);
    if (!co_await child_->wait(grace)) {
      log::warning("a process does not end and is killed", {{"process", name_}});
      child_->send(SIGKILL);
    }
  }
  while (running_) {
    boost::system::error_code cancelled;
    co_await ended_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

}  // namespace openseer::app
