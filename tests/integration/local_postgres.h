#pragma once

#include <memory>
#include <string>

#include "integration/process.h"
#include "pg/private_cluster.h"
#include "support/loop.h"

namespace openseer::test {

// OPENSEER_TEST_DATABASE_URL names the server to test with: tests that start and
// stop one themselves say nothing about it.
bool another_server_is_given();

// A PostgreSQL that a test may stop and start: for what has to survive that.
class LocalPostgres {
 public:
  // Not running yet.
  LocalPostgres() : server_(std::make_unique<pg::PrivateCluster>(loop_.executor(), directory())) {}
  ~LocalPostgres();

  void start() { loop_.run(server_->start(), Seconds{60}); }
  // Disconnects everyone and writes everything to disk.
  void stop() { loop_.run(server_->stop(Seconds{10}), Seconds{30}); }
  std::string url() const { return server_->database_url(); }

 private:
  std::string directory() const;

  TemporaryDirectory directory_;
  Loop loop_;
  std::unique_ptr<pg::PrivateCluster> server_;
};

}  // namespace openseer::test
