#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/figures.h"
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

// The numbers are the proto's.
enum class ListOrder : std::int16_t {
  kName = 1,
  kState = 2,    // what needs a look first; then the latest change of state
  kUptime = 3,   // lowest first, without results last
  kSlowest = 4,  // highest p95 first, without one last
  kCreated = 5,  // newest first
};

// A place in a list: its key in the list's order. The default one is the start.
struct ListCursor {
  std::string name;  // by name: the name and the id
  // Otherwise two numbers that ascend in the order, and the id.
  std::int64_t first = std::numeric_limits<std::int64_t>::min();
  std::int64_t second = std::numeric_limits<std::int64_t>::min();
  std::int64_t id = 0;
  bool operator==(const ListCursor&) const = default;
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
  std::optional<Microseconds> p50_24h, p95_24h, p99_24h;
  std::vector<domain::HourFigures> hours;  // the last 24, oldest first; empty before they are worked out
  std::vector<std::int32_t> recent_us;     // oldest first; 0: failed
  std::vector<std::string> tags;
  std::vector<std::string> regions;  // by name
  ListCursor cursor;                 // its place in the list that it was read for
};

// Which monitors a list shows; what is empty does not restrict it.
struct ListFilter {
  std::string search;  // part of the name or the URL, in any case of letters
  std::vector<domain::MonitorState> states;
  std::vector<std::string> tags;     // at least one of them
  std::vector<std::string> regions;  // at least one of them
};

// At most `limit` monitors after `after`, in this order. Two statements, whatever
// the number of monitors.
struct MonitorPage {
  std::vector<MonitorSummary> monitors;
  std::int64_t total = 0;  // that match, on all pages
};
asio::awaitable<MonitorPage> list_monitors(pg::Pool& pool, std::int64_t workspace_id, ListFilter filter,
                                           ListOrder order, ListCursor after, std::size_t limit);
// Those of `ids` that exist, in no order.
asio::awaitable<std::vector<MonitorSummary>> find_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                                           std::vector<std::int64_t> ids);
// The ids of monitors whose results have stopped coming, at most `limit`.
asio::awaitable<std::vector<std::int64_t>> list_without_data(pg::Pool& pool, std::int64_t workspace_id,
                                                             std::size_t limit);
asio::awaitable<bool> monitor_exists(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id);

// Whether the workspace has all of them.
asio::awaitable<bool> monitors_exist(pg::Pool& pool, std::int64_t workspace_id,
                                     std::vector<std::int64_t> ids);

}  // namespace openseer::store
