#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/result.h"
#include "domain/slots.h"
#include "store/rollups.h"

namespace openseer::pg {
class Pool;
}

// Reading what was committed. Raw results are found by their exact slots, which
// the epochs of a job tell: the primary key is (slot, job).
namespace openseer::store {

namespace asio = boost::asio;

struct JobEpoch {
  std::int64_t job_id = 0;
  std::string region;
  domain::Epoch epoch;
};

// Slots in [first, until) that passed without a result.
struct Gap {
  std::int64_t job_id = 0;
  Instant first;
  Instant until;
};

// All that says where a monitor's history lies.
struct Timeline {
  Instant now;  // the database's clock
  Instant closed_minute, closed_hour, closed_day;
  std::vector<JobEpoch> epochs;  // those that reach past the time asked for
  std::vector<Gap> gaps;         // likewise, the open ones included
};

asio::awaitable<Timeline> load_timeline(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                        Seconds back_to);

// The numbers of one raw result.
struct RawPoint {
  std::int64_t job_id = 0;
  Instant slot;
  bool ok = false;
  Microseconds total{};
};
asio::awaitable<std::vector<RawPoint>> load_raw_points(pg::Pool& pool, std::vector<std::int64_t> job_ids,
                                                       std::vector<Instant> slots);

struct StoredBucket {
  std::int64_t job_id = 0;
  Instant start;
  std::int64_t count = 0;
  std::int64_t ok_count = 0;
  std::vector<std::int32_t> bins, counts;  // empty when only numbers were asked for
};
asio::awaitable<std::vector<StoredBucket>> load_buckets(pg::Pool& pool, Level level,
                                                        std::vector<std::int64_t> job_ids, Instant from,
                                                        Instant to, bool with_sketches);

// Full results at the slots given, newest first, at most `limit`.
struct RawResult {
  std::int64_t job_id = 0;
  std::int64_t monitor_id = 0;
  Instant slot;
  std::int32_t worker_id = 0;
  domain::CheckResult check;
};
asio::awaitable<std::vector<RawResult>> load_results(pg::Pool& pool, std::vector<std::int64_t> job_ids,
                                                     std::vector<Instant> slots, std::size_t limit);

}  // namespace openseer::store
