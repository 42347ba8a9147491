#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/refusal.h"
#include "openseer/v1/dashboard_service.pb.h"

namespace openseer::pg {
class Pool;
}

namespace openseer::control {

namespace asio = boost::asio;
class WatchHub;
class WatchStream;

// All workers and regions as they are, read at most once a second however many
// views are open. Owned by the API.
class WorkerBoard {
 public:
  explicit WorkerBoard(pg::Pool& pool) : pool_(pool) {}
  using Snapshot = std::shared_ptr<const v1::WatchResponse::Workers>;
  asio::awaitable<Snapshot> look();

 private:
  pg::Pool& pool_;
  Snapshot latest_;
  Monotonic read_at_{};
};

// The live view of the workers and regions. One per stream, owned by its handler.
class WorkerWatch {
 public:
  // `with_workers`: otherwise the regions alone.
  WorkerWatch(WatchHub& hub, WorkerBoard& board, WatchStream& stream, bool with_workers)
      : hub_(hub), board_(board), stream_(stream), with_workers_(with_workers) {}
  // Until the client goes or the session ends.
  asio::awaitable<Result<void>> run();

 private:
  asio::awaitable<void> send_changed();

  WatchHub& hub_;
  WorkerBoard& board_;
  WatchStream& stream_;
  const bool with_workers_;
  std::string shown_;  // as sent, to tell whether it has changed
};

}  // namespace openseer::control
