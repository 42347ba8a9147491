#include "integration/process.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "integration/wait.h"

namespace openseer::test {
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

ChildOptions child_options(std::vector<std::string> command, const fs::path& log, Variables environment) {
  ChildOptions options;
  options.command = std::move(command);
  options.environment = std::move(environment);
  options.output = log;
  return options;
}

std::string title(const std::vector<std::string>& command) {
  std::string out = fs::path(command.front()).filename();
  if (command.size() > 1) out += " " + command[1];
  return out;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string path = (fs::temp_directory_path() / "openseer-integration-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make a directory under /tmp");
  chmod(path.c_str(), 0755);
  path_ = path;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code error;
  fs::remove_all(path_, error);
}

Process::Process(std::vector<std::string> command, fs::path log, Variables environment)
    : name_(title(command)),
      log_(std::move(log)),
      child_(loop_.executor(), child_options(std::move(command), log_, std::move(environment))) {}

Process::~Process() {
  const std::optional<ExitStatus> ended = wait(Milliseconds{0});
  if (!ended) kill();
  if (!testing::Test::HasFailure()) return;
  constexpr std::size_t kTail = 4000;
  const std::string all = log();
  std::fprintf(stderr, "---- %s (%d, %s) said last:\n%s----\n", name_.c_str(), pid(),
               ended ? ended->text().c_str() : "running",
               all.substr(all.size() - std::min(all.size(), kTail)).c_str());
}

void Process::kill() {
  child_.send(SIGKILL);
  wait(Seconds{10});
}

bool Process::running() { return !wait(Milliseconds{0}).has_value(); }

std::optional<ExitStatus> Process::wait(Milliseconds limit) {
  return loop_.run(child_.wait(limit), std::chrono::duration_cast<Seconds>(limit) + Seconds{5});
}

std::string Process::log() const { return contents(log_); }

Ended run(const std::vector<std::string>& command, const Variables& environment) {
  const TemporaryDirectory directory;
  Process process(command, directory.path() / "output", environment);
  const std::optional<ExitStatus> status = process.wait(scaled(Seconds{30}));
  if (!status) throw std::runtime_error(title(command) + " did not end: " + process.log());
  return {*status, process.log()};
}

std::vector<std::string> openseer_command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), OPENSEER_BINARY);
  return arguments;
}

Ended openseer(std::vector<std::string> arguments, const Variables& environment) {
  return run(openseer_command(std::move(arguments)), environment);
}

std::vector<pid_t> process_tree(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    if (pid == 0) continue;
    const std::string stat = contents(entry.path() / "stat");
    const std::size_t name_end = stat.rfind(')');  // "pid (name) state parent ..."
    if (name_end == std::string::npos || name_end + 4 > stat.size()) continue;
    children.emplace(std::atoi(stat.c_str() + name_end + 4), pid);
  }
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto at = begin; at != end; ++at) tree.push_back(at->second);
  }
  return tree;
}

bool alive(pid_t pid) {
  const std::string stat = contents("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t name_end = stat.rfind(')');
  // A zombie has ended; whoever adopted it has yet to say so.
  return name_end != std::string::npos && name_end + 2 < stat.size() && stat[name_end + 2] != 'Z';
}

}  // namespace openseer::test
