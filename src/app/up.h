#pragma once

#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/data_directory.h"
#include "app/supervisor.h"
#include "app/task_group.h"
#include "app/up_options.h"
#include "pg/pool.h"
#include "pg/private_cluster.h"

namespace openseer::app {

// Everything on one machine, as one process tree: this process supervises
// PostgreSQL, a control plane and workers, each a process of its own, and does
// nothing else. All of them end with it, however it ends. Runs on one thread.
class Up {
 public:
  Up(asio::io_context& context, UpOptions options);
  ~Up();
  Up(const Up&) = delete;
  Up& operator=(const Up&) = delete;

  // Until stop(); the process's exit code. Throws std::runtime_error when it
  // cannot start.
  asio::awaitable<int> run();
  void stop();

 private:
  asio::awaitable<void> start_everything();
  asio::awaitable<void> start_database();
  asio::awaitable<void> watch_database();
  asio::awaitable<void> migrate();
  asio::awaitable<void> start_control_plane();
  asio::awaitable<ChildOptions> control_plane_command();
  asio::awaitable<bool> control_plane_answers();
  asio::awaitable<ChildOptions> worker_command(int number);
  asio::awaitable<bool> wait_for_worker();
  asio::awaitable<void> scale_workers(int wanted);
  int workers_wanted() const;
  void announce();
  void listen_for_hangup();
  asio::awaitable<void> stop_everything();
  asio::awaitable<void> pause(Milliseconds time);

  asio::io_context& context_;
  UpOptions options_;
  DataDirectory data_;
  DirectoryLock lock_;
  std::unique_ptr<DirectoryLock> database_lock_;
  std::string database_url_;
  std::unique_ptr<pg::PrivateCluster> cluster_;
  std::unique_ptr<pg::Pool> pool_;
  TaskGroup tasks_;
  std::unique_ptr<SupervisedProcess> control_plane_;
  std::vector<std::unique_ptr<SupervisedProcess>> workers_;
  asio::signal_set hangup_;
  asio::steady_timer wake_;  // never expires; cancelled by what run() waits for
  bool stopping_ = false;
  bool rescale_ = false;
};

}  // namespace openseer::app
