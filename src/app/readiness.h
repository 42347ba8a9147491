#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/refusal.h"

namespace openseer::pg {
class Pool;
}

namespace openseer::app {

namespace asio = boost::asio;

// Whether this replica can do its work, looked at every other second: the
// database answers and its schema is the binary's. Owned by the control plane;
// runs on its executor.
class Readiness {
 public:
  Readiness(asio::any_io_executor executor, pg::Pool& pool);

  // Completes at the first time that the database is good; false when stopped
  // before. Throws std::runtime_error when its schema is newer than the binary.
  asio::awaitable<bool> wait_until_good();
  // Goes on looking until stop(). A schema that becomes newer meanwhile (a
  // rolling upgrade) is served on.
  asio::awaitable<void> watch();
  void stop();

  // Set once everything is built; until then the database alone does not make
  // the replica ready.
  void serving() { serving_ = true; }
  // The refusal's message says why not.
  Result<void> check() const;

 private:
  asio::awaitable<std::string> look(bool starting);
  asio::awaitable<void> pause(std::chrono::milliseconds time);
  void report(const std::string& problem);

  pg::Pool& pool_;
  asio::steady_timer timer_;
  std::string problem_ = "starting";
  bool serving_ = false;
  bool stopped_ = false;
};

}  // namespace openseer::app
