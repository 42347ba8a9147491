#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/watch_hub.h"
#include "control/api/watch_stream.h"
#include "control/metrics/metrics.h"

namespace openseer::pki {
class SecretBox;
}

namespace openseer::control {

// One monitor's live page: itself, its results, its chart and its windows.
class MonitorWatch {
 public:
  struct View {
    std::int64_t monitor_id = 0;
    Range range = Range::k24h;
    bool by_region = false;
  };
  MonitorWatch(WatchHub& hub, WatchStream& stream, const pki::SecretBox& secrets, View view)
      : hub_(hub), stream_(stream), secrets_(secrets), view_(view) {}
  // Until the client goes, the session ends, or the monitor is deleted. NotFound
  // when the workspace has no such monitor.
  asio::awaitable<Result<void>> run();

 private:
  // False when the monitor is gone.
  asio::awaitable<bool> send_monitor();
  asio::awaitable<void> send_results(std::size_t most);
  asio::awaitable<void> send_charts();
  asio::awaitable<void> send_deleted();

  WatchHub& hub_;
  WatchStream& stream_;
  const pki::SecretBox& secrets_;
  View view_;
  std::string shown_monitor_;                                 // as sent, to tell whether it has changed
  std::set<std::pair<Instant, std::int64_t>> shown_results_;  // slot and job of the latest ones
  bool charts_stale_ = false;
  Monotonic charts_at_{};
  Seconds charts_pace_{1};
};

}  // namespace openseer::control
