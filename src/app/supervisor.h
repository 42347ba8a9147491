#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/child_process.h"
#include "base/clock.h"

namespace openseer::app {

namespace asio = boost::asio;

// How long to wait before a process that ended is started again: at once for
// one that had lived for a while, then longer each time up to a bound.
class RestartDelay {
 public:
  // `lived` is how long the process ran.
  Milliseconds after(Milliseconds lived);

  static constexpr Milliseconds kFirst{500};
  static constexpr Milliseconds kLongest{30'000};
  static constexpr Milliseconds kHealthy{60'000};  // living longer forgets the past

 private:
  Milliseconds next_{0};
};

// One child that is started again whenever it ends. Owned by `openseer up`; runs
// on its executor.
class SupervisedProcess {
 public:
  // `command` is asked before every start, so that it can give what is current
  // (a fresh token). It may throw: that is a failed start.
  using Command = std::function<asio::awaitable<ChildOptions>()>;

  SupervisedProcess(asio::any_io_executor executor, std::string name, Command command);
  ~SupervisedProcess();
  SupervisedProcess(const SupervisedProcess&) = delete;
  SupervisedProcess& operator=(const SupervisedProcess&) = delete;

  void start();
  // Sends SIGTERM, and SIGKILL after `grace`; completes when the process has
  // gone and stays away.
  asio::awaitable<void> stop(Milliseconds grace);
  const std::string& name() const { return name_; }
  // 0 while none runs.
  pid_t pid() const { return child_ && child_->running() ? child_->pid() : 0; }
  // How it ended last, if it has.
  const std::optional<ExitStatus>& last_exit() const { return last_exit_; }

 private:
  asio::awaitable<void> run();
  asio::awaitable<void> run_once();
  asio::awaitable<void> pause(Milliseconds time);

  asio::any_io_executor executor_;
  std::string name_;
  Command command_;
  RestartDelay delay_;
  std::unique_ptr<ChildProcess> child_;
  std::optional<ExitStatus> last_exit_;
  bool stopping_ = false;
  bool running_ = false;
  asio::steady_timer pause_;
  asio::steady_timer ended_;  // never expires; cancelled when run() is over
};

}  // namespace openseer::app
