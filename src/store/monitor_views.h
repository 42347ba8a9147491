#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/result.h"
#include "domain/state.h"

namespace openseer::pg {
class Pool;
}

// Monitors as lists, the overview and live views show them: a fixed number of
// statements per page, whatever its size. Every function answers for one workspace.
namespace openseer::store {

namespace asio = boost::asio;

struct LastResult {
  std::string region;
  Instant slot;
  std::int32_t worker_id = 0;
  domain::CheckResult check;
};

struct MonitorSummary {
  std::int64_t id = 0;
  std::string name;
  std::string url;
  Seconds interval{60};
  domain::MonitorState state = domain::MonitorState::kPending;
  Instant state_since;
  std::optional<LastResult> last_result;  // also empty when retention has dropped it
  // Of the last 24 h; zeros before the figures are worked out.
  std::int64_t ok_24h = 0;
  std::int64_t failed_24h = 0;
  std::int64_t missed_24h = 0;
  std::optional<Microseconds> p95_24h;
  std::vector<std::int32_t> recent_us;  // oldest first; 0: failed
};

// Where a page of the list ends.
struct ListCursor {
  std::string name;
  std::int64_t id = 0;
};

// By name (then id), after `after`, at most `limit`.
asio::awaitable<std::vector<MonitorSummary>> list_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                                           std::optional<ListCursor> after,
                                                           std::size_t limit);
// Those of `ids` that exist, in no order.
asio::awaitable<std::vector<MonitorSummary>> find_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                                           std::vector<std::int64_t> ids);
// The ids of monitors whose results have stopped coming, at most `limit`.
asio::awaitable<std::vector<std::int64_t>> list_without_data(pg::Pool& pool, std::int64_t workspace_id,
                                                             std::size_t limit);
asio::awaitable<bool> monitor_exists(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id);

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
  std::int64_t workers_online = 0;  // of the installation
  bool operator==(const Overview&) const = default;
};
asio::awaitable<Overview> overview(pg::Pool& pool, std::int64_t workspace_id);

}  // namespace openseer::store
