#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "app/clock_watch.h"
#include "app/control_plane_options.h"
#include "app/http_edge.h"
#include "app/readiness.h"
#include "app/task_group.h"
#include "base/clock.h"
#include "http/server.h"
#include "pg/pool.h"
#include "pki/secret_box.h"

namespace openseer::app {

// One replica: the stages of a check and the edges for users and workers, built
// and torn down in order. Everything runs on one thread, the one that runs
// `context`.
class ControlPlane {
 public:
  ControlPlane(asio::io_context& context, ControlPlaneOptions options);
  ~ControlPlane();
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;

  // Serves until stop(), then drains; the process's exit code. Throws
  // std::runtime_error when it cannot start: a port is taken, the schema is newer
  // than the binary, the secret key is another one than the database's.
  asio::awaitable<int> run();
  void stop();

 private:
  struct Stages;

  void listen(http::Server& server, const Port& port, std::optional<http::TlsIdentity> identity);
  asio::awaitable<void> build_stages();
  void start_loops();
  asio::awaitable<void> drain();
  void observe();

  asio::io_context& context_;
  ControlPlaneOptions options_;
  pg::Pool pool_;
  pki::SecretBox secrets_;
  Readiness readiness_;
  ClockWatch clock_;
  HttpEdge edge_;
  http::Server ui_server_;
  http::Server api_server_;
  TaskGroup loops_;
  std::unique_ptr<Stages> stages_;  // once the database is good
  asio::steady_timer stopped_;      // never expires; cancelled by stop()
  bool stopping_ = false;
};

}  // namespace openseer::app
