#include "app/backup.h"

#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/data_directory.h"
#include "base/child_process.h"
#include "base/log.h"
#include "pg/private_cluster.h"

namespace openseer::app {
namespace {

namespace fs = std::filesystem;

constexpr int kFormat = 1;
constexpr const char* kAbout = "openseer-backup";
constexpr const char* kKey = "secret.key";
constexpr const char* kTar = "/usr/bin/tar";

// A directory for what is not ready, removed with the object unless it was moved away.
class Workshop {
 public:
  explicit Workshop(fs::path path) : path_(std::move(path)) {
    if (mkdir(path_.c_str(), 0700) != 0)
      throw std::runtime_error("cannot make " + path_.string() + ": " + std::strerror(errno));
  }
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  fs::path operator/(const char* name) const { return path_ / name; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string last_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line, last = "it says nothing";
  while (std::getline(file, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

// Runs a program to its end, however long that takes; its last words when it fails.
asio::awaitable<void> run(asio::any_io_executor executor, const fs::path& log,
                          std::vector<std::string> command, std::string purpose) {
  ChildOptions options;
  options.command = std::move(command);
  options.output = log;
  ChildProcess child(executor, options);
  const ExitStatus ended = co_await child.wait();
  if (!ended.success())
    throw std::runtime_error(purpose + " failed (" + ended.text() + "): " + last_line(log));
}

void write_file(const fs::path& path, const std::string& content) {
  std::ofstream file(path);
  file << content;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

// On the disk, then under its name: a backup is whole or not there.
void put_in_place(const fs::path& fresh, const fs::path& file) {
  const int descriptor = open(fresh.c_str(), O_RDONLY | O_CLOEXEC);
  const bool flushed = descriptor >= 0 && fchmod(descriptor, 0600) == 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  if (!flushed || rename(fresh.c_str(), file.c_str()) != 0)
    throw std::runtime_error("cannot write " + file.string() + ": " + std::strerror(errno));
}

// The private PostgreSQL, started here unless a running process has it.
class RunningCluster {
 public:
  RunningCluster(asio::any_io_executor executor, const DataDirectory& data)
      : data_(data), cluster_(executor, data.postgres()) {}

  asio::awaitable<std::string> start() {
    try {
      lock_ = std::make_unique<DirectoryLock>(data_, "postgres.lock");
    } catch (const std::runtime_error&) {
      const std::string url = data_.read("database-url");
      if (url.empty()) throw std::runtime_error("PostgreSQL is starting or stopping, try again");
      co_return url;
    }
    co_await cluster_.start();
    started_ = true;
    co_return cluster_.database_url();
  }
  asio::awaitable<void> stop() {
    if (started_) co_await cluster_.stop(Seconds{30});
  }

 private:
  const DataDirectory& data_;
  pg::PrivateCluster cluster_;
  std::unique_ptr<DirectoryLock> lock_;
  bool started_ = false;
};

bool is_free(const fs::path& directory) {
  return !fs::exists(directory) || (fs::is_directory(directory) && fs::is_empty(directory));
}

// "1 15": PostgreSQL's version, which must be installed here.
pg::Installation installation_for(const std::string& about, const fs::path& file) {
  std::istringstream words(about);
  int format = 0, major = 0;
  if (!(words >> format >> major)) throw std::runtime_error(file.string() + " is not a backup of openseer");
  if (format != kFormat)
    throw std::runtime_error(file.string() + " has format " + std::to_string(format) +
                             ", which this version cannot read");
  return pg::find_installation(major);
}

}  // namespace

asio::awaitable<void> make_backup(asio::any_io_executor executor, fs::path data_directory, fs::path file) {
  file = fs::absolute(file);
  if (fs::exists(file)) throw std::runtime_error(file.string() + " is there already: choose another name");
  const std::string version = first_line(data_directory / "postgres" / "data" / "PG_VERSION");
  if (version.empty())
    throw std::runtime_error(data_directory.string() +
                             " holds no private PostgreSQL; another database has tools of its own "
                             "(pg_basebackup, pg_dump)");
  umask(077);
  const DataDirectory data(data_directory);
  const pg::Installation installation = pg::find_installation(std::stoi(version));
  Workshop workshop(file.string() + ".part");
  const fs::path log = workshop / "log";
  // pg_basebackup makes it, and takes none that holds anything: not even its own log.
  const fs::path parts = workshop / "parts";
  RunningCluster cluster(executor, data);
  const std::string url = co_await cluster.start();
  // Physical: it takes no snapshot that would hold up the queue's clean-up.
  std::vector<std::string> command{installation.binaries / "pg_basebackup",
                                   "--dbname=" + url,
                                   "--pgdata=" + parts.string(),
                                   "--format=tar",
                                   "--wal-method=stream",
                                   "--checkpoint=fast",
                                   "--compress=client-gzip:1",
                                   "--no-password"};
  co_await run(executor, log, std::move(command), "pg_basebackup");
  co_await cluster.stop();
  write_file(parts / kAbout, std::to_string(kFormat) + " " + version + "\n");
  fs::copy_file(data.secret_key_file(), parts / kKey);
  std::vector<std::string> pack{kTar,
                                "--create",
                                "--file=" + (workshop / "backup.tar").string(),
                                "--directory=" + parts.string(),
                                kAbout,
                                kKey,
                                "backup_manifest",
                                "base.tar.gz",
                                "pg_wal.tar.gz"};
  co_await run(executor, log, std::move(pack), "tar");
  put_in_place(workshop / "backup.tar", file);
}

asio::awaitable<void> restore_backup(asio::any_io_executor executor, fs::path data_directory, fs::path file) {
  data_directory = fs::absolute(data_directory).lexically_normal();
  if (!fs::exists(file)) throw std::runtime_error("there is no " + file.string());
  if (!is_free(data_directory))
    throw std::runtime_error(data_directory.string() +
                             " is not empty: a backup is restored into a new directory");
  umask(077);
  Workshop workshop(data_directory.string() + ".part");
  const fs::path log = workshop / "log";
  const auto unpack = [&](const fs::path& archive, const fs::path& into) {
    std::error_code error;
    fs::create_directories(into, error);
    return run(executor, log,
               {kTar, "--extract", "--file=" + archive.string(), "--directory=" + into.string()},
               "reading " + file.string());
  };
  const fs::path fresh = workshop / "backup";
  co_await unpack(file, fresh);
  const pg::Installation installation = installation_for(first_line(fresh / kAbout), file);

  const DataDirectory data(workshop / "data");
  const fs::path cluster = data.postgres() / "data";
  co_await unpack(fresh / "base.tar.gz", cluster);
  co_await unpack(fresh / "pg_wal.tar.gz", cluster / "pg_wal");
  std::vector<std::string> verify{installation.binaries / "pg_verifybackup",
                                  "--manifest-path=" + (fresh / "backup_manifest").string(), "--quiet",
                                  cluster};
  co_await run(executor, log, std::move(verify), "checking " + file.string());
  data.write(kKey, first_line(fresh / kKey) + "\n", 0600);
  pg::PrivateCluster(executor, data.postgres()).adopt();

  std::error_code error;
  fs::remove(data_directory, error);  // empty, if it is there
  fs::rename(data.path(), data_directory, error);
  if (error) throw std::runtime_error("cannot make " + data_directory.string() + ": " + error.message());
}

}  // namespace openseer::app
