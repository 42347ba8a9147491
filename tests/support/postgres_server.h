#pragma once

#include <filesystem>
#include <string>

#include <sys/types.h>

namespace openseer::test {

// A PostgreSQL of this process, in a temporary directory. Stopped, and its
// directory removed, by the destructor; when the process is killed, the kernel
// stops it and the next one to start removes the directory.
class PostgresServer {
 public:
  // Throws std::runtime_error with the end of the server's log.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // A superuser's connection, as libpq takes it.
  const std::string& conninfo() const { return conninfo_; }

 private:
  void start();
  std::string log_tail() const;

  std::filesystem::path directory_;
  std::filesystem::path binaries_;
  std::string conninfo_;
  pid_t pid_ = -1;
};

}  // namespace openseer::test
