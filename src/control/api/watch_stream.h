#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/refusal.h"
#include "control/api/authoriser.h"
#include "control/api/options.h"

namespace openseer::http {
class EventSink;
}
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class WatchResponse;
}

namespace openseer::control {

namespace asio = boost::asio;

// What the two live views have in common: sending, the heartbeat while nothing
// changes, and the end of the stream with the session. One per stream, owned by
// its handler.
class WatchStream {
 public:
  WatchStream(pg::Pool& pool, Identity identity, http::EventSink& sink, const WatchPace& pace);

  std::int64_t workspace_id() const { return identity_.workspace_id; }
  pg::Pool& pool() const { return pool_; }

  asio::awaitable<void> send(v1::WatchResponse event);
  // The client has gone: nothing more needs to be done.
  bool gone() const { return gone_; }

  // When keep() wants to be called, at the latest.
  Monotonic next() const;
  // True once per pace: what follows from the time alone is to be looked at.
  bool is_recheck_due();
  // Sends a heartbeat when one is due, and looks whether the session still
  // stands: a refusal ends the stream.
  asio::awaitable<Result<void>> keep();

 private:
  asio::awaitable<Result<void>> check_session();

  pg::Pool& pool_;
  Identity identity_;
  http::EventSink& sink_;
  WatchPace pace_;
  bool gone_ = false;
  Monotonic heartbeat_at_;
  Monotonic recheck_at_;
  Monotonic session_check_at_;
};

}  // namespace openseer::control
