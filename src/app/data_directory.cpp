#include "app/data_directory.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pki/secret_box.h"

namespace openseer::app {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

void write_all(int descriptor, std::string_view content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t n = ::write(descriptor, content.data(), content.size());
    if (n < 0) fail("cannot write " + path.string());
    content.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

DataDirectory::DataDirectory(const fs::path& path) : path_(fs::absolute(path).lexically_normal()) {
  std::error_code error;
  fs::create_directories(path_.parent_path(), error);
  // As root, PostgreSQL runs as another user and has to pass through.
  const mode_t mode = geteuid() == 0 ? 0711 : 0700;
  if (mkdir(path_.c_str(), mode) == 0) {
    chmod(path_.c_str(), mode);
  } else if (errno != EEXIST) {
    fail("cannot make the data directory " + path_.string());
  }
  if (access(path_.c_str(), R_OK | W_OK | X_OK) != 0) fail("cannot use the data directory " + path_.string());
}

fs::path DataDirectory::worker(int number) const { return path_ / "workers.d" / std::to_string(number); }

fs::path DataDirectory::secret_key_file() const {
  const fs::path file = path_ / "secret.key";
  if (!fs::exists(file)) write("secret.key", pki::SecretBox::random_key_hex() + "\n", 0600);
  return file;
}

void DataDirectory::write(const std::string& name, std::string_view content, unsigned mode) const {
  const fs::path file = path_ / name;
  const fs::path fresh = path_ / (name + ".new");
  const int descriptor = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) fail("cannot write " + fresh.string());
  // A key that is lost by a power cut is worth a disk flush.
  fchmod(descriptor, mode);
  write_all(descriptor, content, fresh);
  fsync(descriptor);
  close(descriptor);
  if (rename(fresh.c_str(), file.c_str()) != 0) fail("cannot write " + file.string());
}

void DataDirectory::remove(const std::string& name) const {
  std::error_code ignored;
  fs::remove(path_ / name, ignored);
}

std::string DataDirectory::read(const std::string& name) const {
  std::ifstream file(path_ / name);
  std::string line;
  std::getline(file, line);
  return line;
}

DirectoryLock::DirectoryLock(const DataDirectory& directory, const std::string& name) {
  const fs::path file = directory.path() / name;
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("cannot open " + file.string());
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor_);
    const std::string holder = directory.read(name);
    throw std::runtime_error("the data directory " + directory.path().string() + " is in use by process " +
                             (holder.empty() ? "(unknown)" : holder) +
                             "; stop it, or choose another with --data-dir or OPENSEER_DATA_DIR");
  }
  if (ftruncate(descriptor_, 0) != 0) fail("cannot write " + file.string());
  write_all(descriptor_, std::to_string(getpid()) + "\n", file);
}

DirectoryLock::~DirectoryLock() {
  if (ftruncate(descriptor_, 0) != 0) errno = 0;  // the lock itself goes with the descriptor
  close(descriptor_);
}

}  // namespace openseer::app
