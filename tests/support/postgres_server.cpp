#include "support/postgres_server.h"

#include <charconv>
#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/clock.h"

namespace openseer::test {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kPrefix = "openseer-test-pg-";

// The newest version that Debian's packages have installed.
fs::path find_binaries() {
  fs::path newest;
  int version = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    const int candidate = std::atoi(entry.path().filename().c_str());
    if (candidate > version && fs::exists(entry.path() / "bin" / "initdb")) {
      version = candidate;
      newest = entry.path() / "bin";
    }
  }
  if (newest.empty()) throw std::runtime_error("tests need PostgreSQL's server (Debian package postgresql)");
  return newest;
}

// Directories of test processes that were killed.
void remove_stale_directories() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(), error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    const int owner = std::atoi(name.c_str() + kPrefix.size());
    if (owner > 0 && kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), error);
  }
}

fs::path make_directory() {
  std::string path =
      (fs::temp_directory_path() / (std::string(kPrefix) + std::to_string(getpid()) + "-XXXXXX")).string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("cannot make a directory under /tmp");
  return path;
}

// PostgreSQL refuses to run as root.
const passwd* run_as() {
  if (geteuid() != 0) return nullptr;
  const passwd* user = getpwnam("postgres");
  if (user == nullptr) throw std::runtime_error("as root, tests run PostgreSQL as the user postgres");
  return user;
}

// Starts a program whose output goes to `log` and which the kernel ends with
// this process.
pid_t spawn(const std::vector<std::string>& command, const fs::path& log) {
  const passwd* user = run_as();
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
    _exit(126);
  // After setuid(), which clears it. SIGQUIT is PostgreSQL's immediate shutdown.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(126);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

bool accepts_connections(const std::string& conninfo) { return PQping(conninfo.c_str()) == PQPING_OK; }

}  // namespace

PostgresServer::PostgresServer() {
  remove_stale_directories();
  binaries_ = find_binaries();
  directory_ = make_directory();
  conninfo_ = "host=" + directory_.string() + " port=5432 user=postgres dbname=postgres";
  try {
    if (const passwd* user = run_as();
        user != nullptr && chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0)
      throw std::runtime_error("cannot give " + directory_.string() + " to postgres");
    start();
  } catch (...) {
    fs::remove_all(directory_);
    throw;
  }
}

void PostgresServer::start() {
  const fs::path data = directory_ / "data";
  const fs::path log = directory_ / "log";
  const pid_t init = spawn({binaries_ / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                            "--no-locale", "--no-sync", "--no-instructions"},
                           log);
  int status = 0;
  if (init < 0 || waitpid(init, &status, 0) != init || status != 0)
    throw std::runtime_error("initdb failed: " + log_tail());

  std::vector<std::string> command{binaries_ / "postgres", "-D", data, "-k", directory_, "-p", "5432"};
  for (const char* setting : {"listen_addresses=", "fsync=off", "synchronous_commit=off",
                              "full_page_writes=off", "max_connections=200", "shared_buffers=64MB",
                              "wal_level=minimal", "max_wal_senders=0", "log_min_messages=warning"}) {
    command.emplace_back("-c");
    command.emplace_back(setting);
  }
  pid_ = spawn(command, log);
  const Monotonic deadline = std::chrono::steady_clock::now() + Seconds{30};
  while (!accepts_connections(conninfo_)) {
    const bool ended = pid_ < 0 || waitpid(pid_, nullptr, WNOHANG) == pid_;
    if (ended || std::chrono::steady_clock::now() > deadline) {
      if (!ended) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
      }
      throw std::runtime_error("PostgreSQL did not start: " + log_tail());
    }
    std::this_thread::sleep_for(Milliseconds{20});
  }
}

PostgresServer::~PostgresServer() {
  if (pid_ > 0) {
    kill(pid_, SIGQUIT);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code error;
  fs::remove_all(directory_, error);
}

std::string PostgresServer::log_tail() const {
  std::ifstream file(directory_ / "log");
  std::stringstream text;
  text << file.rdbuf();
  std::string all = text.str();
  constexpr std::size_t kTail = 1000;
  return all.size() > kTail ? all.substr(all.size() - kTail) : all;
}

}  // namespace openseer::test
