#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/child_process.h"
#include "base/clock.h"

namespace openseer::pg {

namespace asio = boost::asio;

// PostgreSQL's programs, as installed.
struct Installation {
  std::filesystem::path binaries;
  int major = 0;
};

// The newest installed PostgreSQL 15+, or of exactly `major` when it is not 0:
// a cluster belongs to the version that made it. Throws std::runtime_error that
// names the package to install.
Installation find_installation(int major = 0);

// A PostgreSQL server of our own, which nobody else uses: its data and its unix
// socket live below one directory, it listens on no port, only this user (and
// root) gets in. As root it runs as the user postgres. It ends with this
// process, however that ends. Owned by app; runs on the executor given.
//
//   directory/data      PostgreSQL's data directory, with its log/
//   directory/run       the socket (elsewhere when that path is too long)
class PrivateCluster {
 public:
  PrivateCluster(asio::any_io_executor executor, std::filesystem::path directory);

  // Makes the cluster if it is not there, ends what a killed predecessor left
  // running, starts the server and completes when it answers. Throws
  // std::runtime_error with a sentence for people and the server's last words.
  asio::awaitable<void> start();
  // How the running server ended.
  asio::awaitable<ExitStatus> wait() { return server_->wait(); }
  // The same, or nothing when it still runs after `timeout`.
  asio::awaitable<std::optional<ExitStatus>> wait(Milliseconds timeout) { return server_->wait(timeout); }
  // Disconnects everyone, writes everything to disk and ends; not so cleanly
  // (the next start recovers) when that takes more than `grace`.
  asio::awaitable<void> stop(Milliseconds grace);

  // Gives what was put into the directory by others than the server to its user.
  void adopt() const;

  // The database "openseer", as its superuser.
  std::string database_url() const;
  pid_t server_pid() const { return server_ ? server_->pid() : -1; }

 private:
  void make_directories();
  asio::awaitable<void> check_reachable();
  asio::awaitable<void> initialize(const Installation& installation);
  void write_configuration(const Installation& installation) const;
  asio::awaitable<void> end_predecessor();
  asio::awaitable<bool> launch(const Installation& installation);
  asio::awaitable<void> make_database();
  asio::awaitable<void> run(std::vector<std::string> command, const std::string& purpose);
  asio::awaitable<void> pause(Milliseconds time);
  void give_to_server(const std::filesystem::path& path) const;
  std::string last_words() const;

  asio::any_io_executor executor_;
  std::filesystem::path directory_;
  std::filesystem::path data_;
  std::filesystem::path socket_;
  std::filesystem::path start_log_;
  std::string user_;  // whom the server runs as; empty: this process's
  std::unique_ptr<ChildProcess> server_;
};

}  // namespace openseer::pg
