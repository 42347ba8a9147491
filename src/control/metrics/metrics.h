#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
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

// expected = ok + failed + missed.
struct UptimeWindow {
  Range range = Range::k24h;
  std::int64_t ok = 0;
  std::int64_t failed = 0;
  std::int64_t missed = 0;
  std::optional<double> uptime() const;    // ok / (ok + failed)
  std::optional<double> coverage() const;  // (ok + failed) / expected
};

// A committed result.
struct StoredResult {
  std::int64_t job_id = 0;
  std::int64_t monitor_id = 0;
  std::string region;
  Instant slot;
  std::int32_t worker_id = 0;
  domain::CheckResult check;
};

asio::awaitable<Latency> latency(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                 Range range, bool by_region);

// 24 h, 7 d, 30 d and 90 d.
asio::awaitable<std::vector<UptimeWindow>> uptime(pg::Pool& pool, std::int64_t workspace_id,
                                                  std::int64_t monitor_id);

// Where a page ends: results older than (slot, job) follow.
struct ResultCursor {
  Instant slot;
  std::int64_t job_id = 0;
};

// At most `limit` results, newest first, older than `before` if given. The
// raw level's retention bounds how far back they go.
asio::awaitable<std::vector<StoredResult>> list_results(pg::Pool& pool, std::int64_t workspace_id,
                                                        std::int64_t monitor_id,
                                                        std::optional<ResultCursor> before,
                                                        std::size_t limit);

}  // namespace openseer::control
