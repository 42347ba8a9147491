// Key, certificates and all are one file, so that a crash never leaves a key
// beside the certificate of another one.
#include "worker/state_directory.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pki/authority.h"

namespace openseer::worker {
namespace {

constexpr std::string_view kFile = "/identity.pem";

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void make_directory(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    ::mkdir(path.substr(0, slash).c_str(), 0755);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make the state directory " + path);
  // Also when somebody made it with wider permissions: it holds a key.
  if (::chmod(path.c_str(), 0700) != 0) fail("cannot protect the state directory " + path);
}

void write_all(int fd, std::string_view data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("cannot write " + path);
    data.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::vector<std::string> pem_blocks(const std::string& text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  std::vector<std::string> blocks;
  std::size_t start = text.find(kBegin);
  while (start != std::string::npos) {
    const std::size_t next = text.find(kBegin, start + 1);
    blocks.push_back(text.substr(start, next == std::string::npos ? next : next - start));
    start = next;
  }
  return blocks;
}

}  // namespace

StateDirectory::StateDirectory(std::string path) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  make_directory(path_);
  const std::string lock = path_ + "/lock";
  lock_ = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) fail("cannot open " + lock);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw std::runtime_error("another worker is running with the state directory " + path_);
  }
}

StateDirectory::~StateDirectory() { ::close(lock_); }

std::optional<Identity> StateDirectory::load() const {
  const std::string path = path_ + std::string(kFile);
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 && errno == ENOENT) return std::nullopt;
  if (file.get() < 0) fail("cannot read " + path);
  if (::fchmod(file.get(), 0600) != 0) fail("cannot protect " + path);
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const std::vector<std::string> blocks = pem_blocks(text);
  if (blocks.size() == 3 && pki::issued_for(blocks[1], blocks[0], blocks[2])) {
    if (const auto identity = pki::worker_identity(blocks[1]))
      return Identity{blocks[0], blocks[1], blocks[2], identity->worker_id};
  }
  throw std::runtime_error(path + " is damaged; remove it and enrol again with a new token");
}

void StateDirectory::save(const Identity& identity) const {
  const std::string path = path_ + std::string(kFile);
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  {
    const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0) fail("cannot write " + temporary);
    write_all(file.get(), identity.private_key_pem + identity.certificate_pem + identity.ca_certificate_pem,
              temporary);
    if (::fsync(file.get()) != 0) fail("cannot write " + temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail("cannot replace " + path);
  const File directory(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) fail("cannot keep " + path);
}

}  // namespace openseer::worker
