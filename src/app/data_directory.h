#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace openseer::app {

// Where `openseer up` keeps what must survive. Other programs read some of it:
//
//   lock, postgres.lock   held while a process uses the directory or the database; contain its pid
//   secret.key            seals what is secret in the database (mode 0600)
//   postgres/             the private PostgreSQL
//   database-url          where the database is, while it runs (mode 0600)
//   addresses             where the parts listen, while they are ready
//   workers               how many workers to run, when it was changed
//   workers.d/N/          the state of local worker N
class DataDirectory {
 public:
  // Makes the directory if it is not there. Throws std::runtime_error.
  explicit DataDirectory(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path postgres() const { return path_ / "postgres"; }
  std::filesystem::path worker(int number) const;

  // Makes the secret key at the first time. Returns the file's path.
  std::filesystem::path secret_key_file() const;
  // Replaces a file as a whole; `mode` as chmod's.
  void write(const std::string& name, std::string_view content, unsigned mode) const;
  void remove(const std::string& name) const;
  // The first line of a file; empty when there is none.
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

// One process at a time; freed by the kernel however the process ends.
class DirectoryLock {
 public:
  // Throws std::runtime_error that names the other process.
  DirectoryLock(const DataDirectory& directory, const std::string& name);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace openseer::app
