#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}

// The 24 h figures of app.monitor_current; its state is kept by the commit (store/jobs).
namespace openseer::store {

namespace asio = boost::asio;

struct StaleMonitor {
  std::int64_t monitor_id = 0;
  std::int64_t workspace_id = 0;
};

struct CurrentFigures {
  std::int64_t ok = 0;
  std::int64_t failed = 0;
  std::int64_t missed = 0;
  std::optional<Microseconds> p50, p95, p99;
  std::vector<std::int32_t> recent_us;  // oldest first; 0: failed
};

// At most `limit` monitors whose figures are older than their results, those
// without any first; marks them fresh, so that other replicas take others.
asio::awaitable<std::vector<StaleMonitor>> claim_stale_monitors(pg::Pool& pool, std::size_t limit);
// Also NOTIFYs openseer_monitors.
asio::awaitable<void> set_current_figures(pg::Pool& pool, StaleMonitor monitor,
                                          const CurrentFigures& figures);

}  // namespace openseer::store
