#pragma once

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer {

struct ChildOptions {
  // The words of the command line; the first is the absolute path of the program
  // unless that is `program`.
  std::vector<std::string> command;
  std::string program;
  std::vector<std::pair<std::string, std::string>> environment;  // in addition to this process's
  std::string user;                                              // to run as, by name; empty: this process's
  std::string output;          // a file that stdout and stderr are appended to; empty: this process's
  int death_signal = SIGKILL;  // what the kernel sends it when this process dies
};

// How a process ended.
struct ExitStatus {
  int code = 0;    // when it exited
  int signal = 0;  // when a signal killed it, otherwise 0
  bool success() const { return code == 0 && signal == 0; }
  // "exit code 1", "killed by SIGSEGV".
  std::string text() const;
};

// A child in a session of its own (a terminal's Ctrl-C does not reach it) that
// does not outlive this process. Owned by whoever started it; waits run on the
// executor. Start children from one thread only: the kernel ties the death
// signal to the thread that forked. Linux only.
class ChildProcess {
 public:
  // Throws std::system_error when it cannot be forked or its user is unknown; a
  // program that cannot be executed ends with exit code 127.
  ChildProcess(boost::asio::any_io_executor executor, const ChildOptions& options);
  // Kills what still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running() const { return !status_; }
  void send(int signal) const;
  // How it ended, or nothing when it still runs after `timeout`.
  boost::asio::awaitable<std::optional<ExitStatus>> wait(Milliseconds timeout);
  boost::asio::awaitable<ExitStatus> wait();

 private:
  bool reap();

  boost::asio::any_io_executor executor_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<ExitStatus> status_;
};

}  // namespace openseer
