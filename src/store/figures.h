#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/figures.h"

namespace openseer::pg {
class Transaction;
}

// app.monitor_figures and app.region_minutes: what lists and the overview show,
// counted up from the results. All functions run in the transaction that has
// claimed the figures' level (claim_level), so that there is one writer.
namespace openseer::store {

namespace asio = boost::asio;

// A result as the figures need it.
struct FigureResult {
  std::int64_t monitor_id = 0;
  std::int64_t job_id = 0;
  Instant slot;
  bool ok = false;
  Microseconds total{};
  std::int64_t workspace_id = 0;
  std::int16_t region_id = 0;
};
// All results of the slots in [from, to), by monitor and slot, a few thousand at a
// time, until there are none: a minute of a large instance has a million.
asio::awaitable<void> open_figure_results(pg::Transaction& tx, Instant from, Instant to);
asio::awaitable<std::vector<FigureResult>> next_figure_results(pg::Transaction& tx);

struct FigureMonitor {
  std::int64_t monitor_id = 0;
  std::int64_t workspace_id = 0;
};
// Monitors with slots in [from, to) that passed without a result.
asio::awaitable<std::vector<FigureMonitor>> monitors_with_gaps(pg::Transaction& tx, Instant from, Instant to);

// Of the first `limit` monitors behind the one numbered `after` those whose figures are
// not based on `base`, or that have none.
struct MonitorsToRebase {
  std::vector<FigureMonitor> monitors;
  std::optional<std::int64_t> last;  // of those looked at; nothing: there are none
};
asio::awaitable<MonitorsToRebase> monitors_to_rebase(pg::Transaction& tx, Instant base, std::int64_t after,
                                                     std::size_t limit);

struct StoredFigures {
  std::int64_t monitor_id = 0;
  std::int64_t workspace_id = 0;
  Instant base;
  domain::MonitorFigures figures;
  domain::MonitorFigures::Day day;
  // The latest failed result, if any was seen.
  std::optional<Instant> last_failed_slot;
  std::optional<std::int64_t> last_failed_job_id;
};
// Those of `monitor_ids` that there are and that this version can read.
asio::awaitable<std::vector<StoredFigures>> load_figures(pg::Transaction& tx,
                                                         std::vector<std::int64_t> monitor_ids);
// Writes `day` and the packed figures, and NOTIFYs openseer_monitors. A monitor that
// has been deleted meanwhile is left out.
asio::awaitable<void> put_figures(pg::Transaction& tx, std::vector<StoredFigures> figures);

// The results of whole minutes by workspace and region.
struct RegionMinute {
  std::int64_t workspace_id = 0;
  std::int16_t region_id = 0;
  Instant minute;
  auto operator<=>(const RegionMinute&) const = default;
};
struct RegionCounts {
  std::int32_t ok = 0, failed = 0;
};
using RegionMinutes = std::map<RegionMinute, RegionCounts>;
// Rewriting a minute gives the same. One of a workspace that has been deleted meanwhile
// is left out.
asio::awaitable<void> put_region_minutes(pg::Transaction& tx, RegionMinutes counted);

}  // namespace openseer::store
