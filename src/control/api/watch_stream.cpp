#include "control/api/watch_stream.h"

#include "http/rpc.h"
#include "openseer/v1/dashboard_service.pb.h"

namespace openseer::control {
namespace {

Monotonic now() { return std::chrono::steady_clock::now(); }

}  // namespace

WatchStream::WatchStream(pg::Pool& pool, Identity identity, http::EventSink& sink, const WatchPace& pace)
    : pool_(pool),
      identity_(std::move(identity)),
      sink_(sink),
      pace_(pace),
      heartbeat_at_(now() + pace_.heartbeat),
      recheck_at_(now() + pace_.recheck),
      session_check_at_(now() + pace_.session_check) {}

asio::awaitable<void> WatchStream::send(v1::WatchResponse event) {
  if (gone_) co_return;
  gone_ = !co_await sink_.send(event);
  heartbeat_at_ = now() + pace_.heartbeat;
}

Monotonic WatchStream::next() const { return std::min({heartbeat_at_, recheck_at_, session_check_at_}); }

bool WatchStream::is_recheck_due() {
  if (now() < recheck_at_) return false;
  recheck_at_ = now() + pace_.recheck;
  return true;
}

asio::awaitable<Result<void>> WatchStream::keep() {
  if (now() >= session_check_at_) {
    session_check_at_ = now() + pace_.session_check;
    const Result<void> standing = co_await check_session();
    if (!standing) co_return standing.error();
  }
  if (now() >= heartbeat_at_) {
    v1::WatchResponse event;
    event.mutable_heartbeat();
    co_await send(std::move(event));
  }
  co_return Result<void>();
}

asio::awaitable<Result<void>> WatchStream::check_session() {
  const std::optional<store::Caller> caller = co_await find_caller_again(pool_, identity_);
  if (!caller) co_return Refusal{Code::kUnauthenticated, "the session has ended", {}};
  if (caller->role < store::Role::kViewer)
    co_return Refusal{Code::kNotFound, "there is no such workspace", {}};
  co_return Result<void>();
}

}  // namespace openseer::control
