#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}

// Stage three: closed buckets of results become rollups.
namespace openseer::control {

namespace asio = boost::asio;

// Closes minutes, hours and days once nothing can land in them any more, and
// keeps the 24 h figures of lists fresh. Idempotent: a crash or a second replica
// repeats harmlessly. Owned by app; runs on the control plane's executor.
class Rollup {
 public:
  Rollup(asio::any_io_executor executor, pg::Pool& pool);
  ~Rollup();

  // Until stop(); survives a database that is away.
  asio::awaitable<void> run();
  void stop();

  // Closes everything that can be closed now. Returns the number of buckets (per
  // level and time, not per job) written.
  asio::awaitable<int> run_once();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace openseer::control
