#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "control/metrics/ledger.h"
#include "domain/result.h"

namespace openseer::pg {
class Pool;
}

// What charts and windows show, worked out from rollups and the raw tail: each
// range reads the coarsest level that fits its buckets, and finer levels where
// that one is not closed yet, so that every answer is current to the second.
// All functions answer for a monitor of the workspace given; for any other they
// answer as for a monitor without history (callers check existence first).
namespace openseer::control {

namespace asio = boost::asio;

enum class Range { k1h, k24h, k7d, k30d, k90d };

struct LatencyPoint {
  Instant start;
  std::optional<Microseconds> p50, p95, p99;  // of ok results; empty without any
  std::int64_t ok = 0;
  std::int64_t failed = 0;
};

struct LatencySeries {
  std::string region;                         // empty: all regions together
  std::vector<LatencyPoint> points;           // oldest first, buckets without results left out
  std::optional<Microseconds> p50, p95, p99;  // over the whole range
};

struct Latency {
  Instant start;
  Instant end;
  Seconds bucket{60};
  std::vector<LatencySeries> series;  // all together first, then by region when asked for
};

struct UptimeWindow {
  Range range = Range::k24h;
  LedgerCounts counts;
};

asio::awaitable<Latency> latency(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                 Range range, bool by_region);

// 24 h, 7 d, 30 d and 90 d.
asio::awaitable<std::vector<UptimeWindow>> uptime(pg::Pool& pool, std::int64_t workspace_id,
                                                  std::int64_t monitor_id);

// Means over the ok results of one bucket; `total` is not filled.
struct PhasePoint {
  Instant start;
  domain::Phases mean;
  std::int64_t count = 0;  // results that it is the mean of
};
struct PhaseChart {
  Instant start;
  Instant end;
  Seconds bucket{60};
  std::vector<PhasePoint> points;  // oldest first, buckets without ok results left out
};
// An empty region is all together.
asio::awaitable<PhaseChart> phases(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                   Range range, std::string region);

}  // namespace openseer::control
