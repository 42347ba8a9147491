#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/state.h"
#include "store/history.h"

namespace openseer::pg {
class Pool;
}

// A workspace at a glance: one statement a section, whatever the number of monitors.
namespace openseer::store {

namespace asio = boost::asio;

struct Overview {
  std::int64_t total = 0;
  std::int64_t up = 0;
  std::int64_t degraded = 0;
  std::int64_t down = 0;
  std::int64_t no_data = 0;
  std::int64_t paused = 0;
  std::int64_t pending = 0;
  std::int64_t ok_24h = 0;
  std::int64_t failed_24h = 0;
  std::int64_t missed_24h = 0;
  std::int64_t workers_online = 0;  // of the installation
  bool operator==(const Overview&) const = default;
};
asio::awaitable<Overview> overview(pg::Pool& pool, std::int64_t workspace_id);

struct SlowMonitor {
  std::int64_t monitor_id = 0;
  std::string name;
  domain::MonitorState state = domain::MonitorState::kPending;
  Microseconds p50_24h{}, p95_24h{};
};

// The latest failed result of a monitor.
struct RecentFailure {
  std::int64_t monitor_id = 0;
  std::string name;
  domain::MonitorState state = domain::MonitorState::kPending;  // now
  std::string region;
  RawResult result;
};

// A region that the workspace's monitors are checked from.
struct RegionHealth {
  std::string region;
  std::int64_t workers_online = 0;  // "global" has those of all regions
  std::int64_t ok_1h = 0;
  std::int64_t failed_1h = 0;
  std::optional<Instant> last_result_at;
};

struct Highlights {
  Overview overview;
  std::vector<SlowMonitor> slowest;            // first
  std::vector<RecentFailure> recent_failures;  // newest first, one a monitor
  std::vector<RegionHealth> regions;           // by name
};
asio::awaitable<Highlights> highlights(pg::Pool& pool, std::int64_t workspace_id, std::size_t most);

}  // namespace openseer::store
