#include "pg/private_cluster.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "pg/cluster_configuration.h"
#include "pg/connection.h"

namespace openseer::pg {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSocketName = "/.s.PGSQL.5432";
constexpr std::size_t kLongestSocketPath = 107;  // sun_path of unix(7)
constexpr Milliseconds kPoll{20};
// A killed predecessor's processes and shared memory go within seconds.
constexpr Seconds kLeftoverTime{15};
// Recovery after a crash replays up to max_wal_size of log.
constexpr std::chrono::minutes kRecoveryTime{10};

const Statement kFindDatabase{"find_database", "SELECT 1 FROM pg_database WHERE datname = 'openseer'"};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    out.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return out;
}

// postmaster.pid: process id, data directory, start time, port, socket
// directory, address, shared memory, status (PostgreSQL's miscinit.c).
struct PidFile {
  pid_t pid = 0;
  bool ready = false;
};
PidFile read_pid_file(const fs::path& data) {
  const std::vector<std::string> lines = lines_of(read_file(data / "postmaster.pid"));
  PidFile out;
  if (!lines.empty()) out.pid = std::atoi(lines[0].c_str());
  out.ready = lines.size() > 7 && lines[7].starts_with("ready");
  return out;
}

// Whether `pid` is a server of this very directory, which is where it works.
bool serves(pid_t pid, const fs::path& data) {
  std::error_code error;
  const fs::path works_in = fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  return !error && fs::equivalent(works_in, data, error);
}

// FNV-1a: names a directory, guards nothing.
std::uint64_t digest(std::string_view text) {
  std::uint64_t value = 14695981039346656037U;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return value;
}

fs::path socket_directory(const fs::path& directory) {
  fs::path beside = directory / "run";
  if (beside.string().size() + kSocketName.size() <= kLongestSocketPath) return beside;
  char name[32];
  const auto [end, error] = std::to_chars(name, name + sizeof name, digest(directory.string()), 36);
  return "/tmp/openseer-" + std::string(name, end);
}

std::string own_user() {
  const passwd* user = getpwuid(geteuid());  // NOLINT(concurrency-mt-unsafe): before threads start
  return user == nullptr ? std::to_string(geteuid()) : user->pw_name;
}

// The directory above `path` that others may not enter; empty when none.
fs::path closed_ancestor(const fs::path& path) {
  fs::path at;
  for (const fs::path& part : path) {
    at /= part;
    struct stat info {};
    if (stat(at.c_str(), &info) == 0 && (info.st_mode & S_IXOTH) == 0 && at != path) return at;
  }
  return {};
}

bool left_over(const std::string& words) {
  return words.find("lock file") != std::string::npos ||
         words.find("pre-existing shared memory") != std::string::npos;
}

std::string percent_encoded(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.') {
      out += static_cast<char>(c);
    } else {
      out += {'%', kHex[c >> 4U], kHex[c & 15U]};
    }
  }
  return out;
}

}  // namespace

PrivateCluster::PrivateCluster(asio::any_io_executor executor, fs::path directory)
    : executor_(std::move(executor)),
      directory_(fs::absolute(directory).lexically_normal()),
      data_(directory_ / "data"),
      socket_(socket_directory(directory_)),
      start_log_(directory_ / "start.log"),
      user_(geteuid() == 0 ? "postgres" : "") {}

std::string PrivateCluster::database_url() const {
  return "postgresql:///openseer?user=openseer&port=5432&host=" + percent_encoded(socket_.string());
}

asio::awaitable<void> PrivateCluster::start() {
  const std::string made_by = read_file(data_ / "PG_VERSION");
  const Installation installation = find_installation(std::atoi(made_by.c_str()));
  make_directories();
  co_await check_reachable();
  if (made_by.empty()) co_await initialize(installation);
  write_configuration(installation);
  co_await end_predecessor();
  const Monotonic deadline = std::chrono::steady_clock::now() + kLeftoverTime;
  while (!co_await launch(installation)) {
    co_await pause(Milliseconds{200});  // its log collector has not written everything yet
    const std::string words = last_words();
    if (!left_over(words) || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("PostgreSQL did not start: " + words);
    }
  }
  co_await make_database();
}

void PrivateCluster::make_directories() {
  fs::create_directories(directory_);
  for (const fs::path& path : {directory_, socket_}) {
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
      throw std::runtime_error("cannot make " + path.string() + ": " + std::strerror(errno));
    }
    give_to_server(path);
    // A directory in /tmp could be someone else's trap.
    struct stat info {};
    const bool ours = lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode) &&
                      (user_.empty() ? info.st_uid == geteuid() : true);
    if (!ours || chmod(path.c_str(), 0700) != 0) {
      throw std::runtime_error(path.string() + " does not belong to this user");
    }
  }
}

void PrivateCluster::give_to_server(const fs::path& path) const {
  if (user_.empty()) return;
  const passwd* user = getpwnam(user_.c_str());  // NOLINT(concurrency-mt-unsafe): before threads start
  if (user == nullptr) {
    throw std::runtime_error("PostgreSQL does not run as root, and there is no user " + user_ +
                             ": install the package postgresql");
  }
  if (lchown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("cannot give " + path.string() + " to " + user_ + ": " + std::strerror(errno));
  }
}

void PrivateCluster::adopt() const {
  give_to_server(directory_);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(directory_))
    give_to_server(entry.path());
}

asio::awaitable<void> PrivateCluster::check_reachable() {
  if (user_.empty()) co_return;
  ChildOptions test;
  test.command = {"/usr/bin/test", "-x", directory_.string()};
  test.user = user_;
  ChildProcess child(executor_, test);
  const std::optional<ExitStatus> ended = co_await child.wait(Seconds{5});
  if (ended && ended->success()) co_return;
  const fs::path closed = closed_ancestor(directory_);
  throw std::runtime_error("PostgreSQL runs as the user " + user_ + ", who may not enter " +
                           (closed.empty() ? directory_ : closed).string() +
                           ": choose a data directory elsewhere, such as /var/lib/openseer");
}

// Beside its place first, so that a crash half way leaves nothing that looks whole.
asio::awaitable<void> PrivateCluster::initialize(const Installation& installation) {
  const fs::path partial = directory_ / "data.partial";
  fs::remove_all(partial);
  log::info("making a PostgreSQL cluster", {{"directory", data_.string()}, {"version", installation.major}});
  std::vector<std::string> command{installation.binaries / "initdb",
                                   "--pgdata=" + partial.string(),
                                   "--username=openseer",
                                   "--locale=C.UTF-8",
                                   "--encoding=UTF8",
                                   "--auth-local=peer",
                                   "--auth-host=reject",
                                   "--data-checksums",
                                   "--no-instructions"};
  co_await run(std::move(command), "making the PostgreSQL cluster failed");
  std::ofstream(partial / "postgresql.conf", std::ios::app) << "\ninclude = 'openseer.conf'\n";
  fs::rename(partial, data_);
}

void PrivateCluster::write_configuration(const Installation& installation) const {
  const bool timescale = fs::exists(installation.binaries.parent_path() / "lib" / "timescaledb.so");
  const auto write = [this](const char* name, const std::string& text) {
    const fs::path path = data_ / name;
    std::ofstream file(path, std::ios::trunc);
    file << text;
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path.string());
    chmod(path.c_str(), 0600);
    give_to_server(path);
  };
  write("openseer.conf", cluster_configuration(socket_, timescale));
  if (!fs::exists(data_ / "local.conf"))
    write("local.conf", "# Your own settings of PostgreSQL; they come last.\n");
  write("pg_hba.conf",
        "# Only through the socket, only this system's user and root.\nlocal all all peer map=openseer\n"
        "local replication all peer map=openseer\n");
  write("pg_ident.conf", "openseer \"" + own_user() + "\" openseer\nopenseer root openseer\n");
}

// A server whose parent was killed may still be shutting down, or may not have
// noticed. Never touches one that works in another directory.
asio::awaitable<void> PrivateCluster::end_predecessor() {
  const pid_t pid = read_pid_file(data_).pid;
  if (pid == 0) co_return;
  if (!serves(pid, data_)) {
    // The number belongs to another process by now; PostgreSQL would wait for it.
    fs::remove(data_ / "postmaster.pid");
    co_return;
  }
  log::info("waiting for the PostgreSQL of a killed predecessor to end", {{"pid", pid}});
  kill(pid, SIGINT);
  const Monotonic start = std::chrono::steady_clock::now();
  bool pressed = false;
  while (serves(pid, data_)) {
    const auto waited = std::chrono::steady_clock::now() - start;
    if (waited > kLeftoverTime && !pressed) {
      kill(pid, SIGQUIT);
      pressed = true;
    }
    if (waited > 2 * kLeftoverTime) {
      throw std::runtime_error("process " + std::to_string(pid) + " uses " + data_.string() +
                               " and does not end");
    }
    co_await pause(kPoll);
  }
}

// False when the server ended instead of getting ready.
asio::awaitable<bool> PrivateCluster::launch(const Installation& installation) {
  std::error_code ignored;
  fs::remove(start_log_, ignored);
  ChildOptions options;
  options.command = {installation.binaries / "postgres", "-D", data_.string()};
  options.user = user_;
  options.output = start_log_;
  options.death_signal = SIGINT;  // PostgreSQL's fast shutdown
  server_ = std::make_unique<ChildProcess>(executor_, options);
  const Monotonic start = std::chrono::steady_clock::now();
  Monotonic told = start;
  while (true) {
    if (co_await server_->wait(kPoll)) co_return false;
    const PidFile file = read_pid_file(data_);
    // Ours, not one that a predecessor left.
    if (file.ready && file.pid == server_->pid()) co_return true;
    const Monotonic now = std::chrono::steady_clock::now();
    if (now - start > kRecoveryTime)
      throw std::runtime_error("PostgreSQL is not ready after 10 minutes: " + last_words());
    if (now - told > Seconds{5}) {
      log::info("PostgreSQL is still starting; after a crash it repeats what was not on disk yet");
      told = now;
    }
  }
}

asio::awaitable<void> PrivateCluster::make_database() {
  constexpr Seconds kTimeout{30};
  const std::string maintenance = "user=openseer port=5432 dbname=postgres host='" + socket_.string() + "'";
  const auto connection = co_await Connection::open(executor_, maintenance, kTimeout);
  std::vector<Query> find;
  find.push_back({&kFindDatabase, {}});
  const std::vector<Rows> found = co_await connection->run(std::move(find), kTimeout);
  if (found.front().empty()) co_await connection->execute("CREATE DATABASE openseer", kTimeout);
}

asio::awaitable<void> PrivateCluster::stop(Milliseconds grace) {
  if (!server_ || !server_->running()) co_return;
  server_->send(SIGINT);
  if (co_await server_->wait(grace)) {
    std::error_code ignored;
    if (socket_.parent_path() != directory_) fs::remove(socket_, ignored);
    co_return;
  }
  log::warning("PostgreSQL takes too long to stop; it will recover at the next start");
  server_->send(SIGQUIT);
  if (co_await server_->wait(Seconds{5})) co_return;
  server_->send(SIGKILL);
  co_await server_->wait(Seconds{5});
}

asio::awaitable<void> PrivateCluster::run(std::vector<std::string> command, const std::string& purpose) {
  std::error_code ignored;
  fs::remove(start_log_, ignored);
  ChildOptions options;
  options.command = std::move(command);
  options.user = user_;
  options.output = start_log_;
  ChildProcess child(executor_, options);
  const std::optional<ExitStatus> ended = co_await child.wait(std::chrono::minutes{2});
  if (!ended) throw std::runtime_error(purpose + ": it takes more than two minutes");
  if (!ended->success()) throw std::runtime_error(purpose + " (" + ended->text() + "): " + last_words());
}

asio::awaitable<void> PrivateCluster::pause(Milliseconds time) {
  asio::steady_timer timer(executor_, time);
  co_await timer.async_wait(asio::use_awaitable);
}

// Why the server ended, on one line: what it wrote before its log collector took
// over and, from the log, what the process itself said.
std::string PrivateCluster::last_words() const {
  std::vector<std::string> lines = lines_of(read_file(start_log_));
  if (server_) {
    const std::string own = "[" + std::to_string(server_->pid()) + "]";
    for (const std::string& entry : lines_of(read_file(data_ / "current_logfiles"))) {
      // "stderr log/postgresql-Mon.log"
      for (std::string& line : lines_of(read_file(data_ / entry.substr(entry.find(' ') + 1)))) {
        if (line.find(own) != std::string::npos) lines.push_back(std::move(line));
      }
    }
  }
  std::string fatal;
  for (const std::string& line : lines) {
    const bool tells = line.find("FATAL:") != std::string::npos || line.find("PANIC:") != std::string::npos ||
                       line.find("error:") != std::string::npos;
    if (tells) fatal += (fatal.empty() ? "" : " / ") + line;
  }
  if (fatal.empty() && !lines.empty()) fatal = lines.back();
  return fatal + " (more in " + (data_ / "log").string() + " and " + start_log_.string() + ")";
}

}  // namespace openseer::pg
