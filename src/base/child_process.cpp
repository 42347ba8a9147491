#include "base/child_process.h"

#include <cerrno>
#include <cstring>
#include <map>
#include <system_error>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

// glibc 2.36 forgets to say that these are C's.
extern "C" {
#include <sys/pidfd.h>
}

namespace openseer {
namespace asio = boost::asio;
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// Everything the child needs, made before the fork: after it, only
// async-signal-safe functions may be called.
struct Prepared {
  std::string program;
  std::vector<std::string> words;
  std::vector<std::string> variables;
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::string output;
  bool change_user = false;
  uid_t uid = 0;
  gid_t gid = 0;
  int death_signal = 0;
  pid_t parent = 0;
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> merged_environment(const ChildOptions& options) {
  std::map<std::string, std::string> variables;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string text = *at;
    const std::size_t equals = text.find('=');
    if (equals != std::string::npos) variables[text.substr(0, equals)] = text.substr(equals + 1);
  }
  for (const auto& [name, value] : options.environment) variables[name] = value;
  std::vector<std::string> out;
  for (const auto& [name, value] : variables) out.push_back(name + '=' + value);
  return out;
}

Prepared prepare(const ChildOptions& options) {
  Prepared p;
  p.program = options.program.empty() ? options.command.at(0) : options.program;
  p.words = options.command;
  p.variables = merged_environment(options);
  p.argv = pointers(p.words);
  p.envp = pointers(p.variables);
  p.output = options.output;
  p.death_signal = options.death_signal;
  p.parent = getpid();
  if (!options.user.empty()) {
    errno = 0;
    const passwd* user = getpwnam(options.user.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (user == nullptr) {
      if (errno == 0) errno = ENOENT;
      fail("the system's user " + options.user);
    }
    p.change_user = true;
    p.uid = user->pw_uid;
    p.gid = user->pw_gid;
  }
  return p;
}

// In the child, to the end. Exit codes as a shell's.
[[noreturn]] void become(const Prepared& p) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  setsid();
  const int input = open("/dev/null", O_RDONLY);
  if (input < 0 || dup2(input, STDIN_FILENO) < 0) _exit(126);
  if (!p.output.empty()) {
    const int output = open(p.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) _exit(126);
  }
  if (p.change_user && (setgroups(0, nullptr) != 0 || setgid(p.gid) != 0 || setuid(p.uid) != 0)) _exit(126);
  // After setuid(), which clears it. The parent may have died before: then its
  // death has no signal any more.
  if (prctl(PR_SET_PDEATHSIG, p.death_signal) != 0 || getppid() != p.parent) _exit(126);
  execve(p.program.c_str(), p.argv.data(), p.envp.data());
  _exit(127);
}

}  // namespace

std::string ExitStatus::text() const {
  if (signal == 0) return "exit code " + std::to_string(code);
  const char* name = sigabbrev_np(signal);
  return "killed by " + (name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal));
}

ChildProcess::ChildProcess(asio::any_io_executor executor, const ChildOptions& options)
    : executor_(std::move(executor)) {
  const Prepared prepared = prepare(options);
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) become(prepared);
  pidfd_ = pidfd_open(pid_, 0);
  if (pidfd_ < 0) {
    const int error = errno;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    errno = error;
    fail("pidfd_open");
  }
}

ChildProcess::~ChildProcess() {
  if (running()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(pidfd_);
}

void ChildProcess::send(int signal) const {
  if (running()) kill(pid_, signal);
}

bool ChildProcess::reap() {
  if (status_) return true;
  int raw = 0;
  const pid_t got = waitpid(pid_, &raw, WNOHANG);
  if (got == 0) return false;
  status_.emplace();
  if (got < 0) return true;  // reaped by someone else: how it ended is lost
  if (WIFSIGNALED(raw)) status_->signal = WTERMSIG(raw);
  if (WIFEXITED(raw)) status_->code = WEXITSTATUS(raw);
  return true;
}

asio::awaitable<std::optional<ExitStatus>> ChildProcess::wait(Milliseconds timeout) {
  const Monotonic deadline = std::chrono::steady_clock::now() + timeout;
  while (!reap()) {
    if (std::chrono::steady_clock::now() >= deadline) co_return std::nullopt;
    // A descriptor of its own, so that several may wait; shared with the
    // timer's handler, which may run after this coroutine has gone.
    const auto ended = std::make_shared<asio::posix::stream_descriptor>(executor_, dup(pidfd_));
    asio::steady_timer timer(executor_, deadline);
    timer.async_wait([ended](const boost::system::error_code& error) {
      if (!error) ended->cancel();
    });
    boost::system::error_code ignored;
    co_await ended->async_wait(asio::posix::stream_descriptor::wait_read,
                               asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return *status_;
}

asio::awaitable<ExitStatus> ChildProcess::wait() {
  while (true) {
    const std::optional<ExitStatus> status = co_await wait(std::chrono::hours{24});
    if (status) co_return *status;
  }
}

}  // namespace openseer
