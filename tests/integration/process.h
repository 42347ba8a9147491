#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/child_process.h"
#include "base/clock.h"
#include "support/loop.h"

namespace openseer::test {

// A directory under /tmp that others may enter, removed with the object.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

using Variables = std::vector<std::pair<std::string, std::string>>;

// A running program whose output goes to a file. Killed by the destructor and
// by the kernel when the test dies; a failing test shows the end of its log.
class Process {
 public:
  Process(std::vector<std::string> command, std::filesystem::path log, Variables environment = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return child_.pid(); }
  void send(int signal) const { child_.send(signal); }
  // SIGKILL, and gone.
  void kill();
  bool running();
  // How it ended; nothing when it still runs after `limit`.
  std::optional<ExitStatus> wait(Milliseconds limit);
  // Everything it has said so far.
  std::string log() const;

 private:
  Loop loop_;
  std::string name_;
  std::filesystem::path log_;
  ChildProcess child_;
};

// How a program that is expected to end by itself ended, and what it said.
struct Ended {
  ExitStatus status;
  std::string output;
};
// Throws std::runtime_error when it takes longer than half a minute.
Ended run(const std::vector<std::string>& command, const Variables& environment = {});

// Runs the program under test: {"worker", "--help"}.
Ended openseer(std::vector<std::string> arguments, const Variables& environment = {});
std::vector<std::string> openseer_command(std::vector<std::string> arguments);

// All processes below `root`, itself included.
std::vector<pid_t> process_tree(pid_t root);
bool alive(pid_t pid);

}  // namespace openseer::test
