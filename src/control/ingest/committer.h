#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "control/ingest/watched.h"
#include "domain/lease.h"

namespace openseer::pg {
class Pool;
}

// Stage two: results become committed rows.
namespace openseer::control {

namespace asio = boost::asio;

class QueueVacuum;

// Gathers results of all this replica's workers for a few milliseconds and
// commits them in one transaction: exactly one accepted result per job and slot.
// Owned by app; runs on the control plane's executor (one thread).
class Committer {
 public:
  struct Options {
    Milliseconds gather{10};
    std::size_t batch = 500;     // enough not to wait for more
    Watched* watched = nullptr;  // whom to notify; null: everybody
    QueueVacuum* vacuum = nullptr;
  };

  Committer(asio::any_io_executor executor, pg::Pool& pool, Options options);
  ~Committer();

  // Completes after the commit, with one acceptance per result in their order.
  // Throws pg::Error when the database is away: nothing was acknowledged, the
  // worker sends again.
  asio::awaitable<std::vector<domain::Acceptance>> commit(std::int32_t worker_id,
                                                          std::vector<domain::LeasedResult> results);
  // Commits what has been gathered, then refuses more.
  asio::awaitable<void> drain();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace openseer::control
