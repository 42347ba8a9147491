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
class Transaction;
}  // namespace openseer::pg

// Reading what was committed. Raw results are found by their exact slots, which
// the epochs of a job tell: the primary key is (slot, job). All functions take a
// snapshot (pg::Pool::begin_snapshot), so that what one tells fits what the next
// one finds.
namespace openseer::store {

namespace asio = boost::asio;

// Which histories: of one workspace, those that fit all that is given.
struct HistoryScope {
  std::int64_t workspace_id = 0;
  std::vector<std::int64_t> monitor_ids;  // empty: all
  std::vector<std::string> tags;          // at least one of these; empty: any
  std::vector<std::string> regions;       // empty: all
};

struct JobEpoch {
  std::int64_t monitor_id = 0;
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

// A slot that may still get its result: neither missed nor expected yet.
struct OpenSlot {
  std::int64_t job_id = 0;
  Instant slot;
};

// All that says where histories lie.
struct Timeline {
  Instant now;  // the database's clock
  Instant closed_minute, closed_hour, closed_day;
  // What is older has been dropped: of raw results; of these or of minutes; of hours.
  Instant kept_raw, kept_fine, kept_hour;
  std::vector<std::int64_t> monitor_ids;  // of the scope's monitors those that exist, ascending
  std::vector<JobEpoch> epochs;           // those that reach past the time asked for, by job and time
  std::vector<Gap> gaps;                  // likewise, those not yet written included
  std::vector<OpenSlot> open;
};

// How far back: `since` if given, or `back` from now.
struct Reach {
  Seconds back{};
  std::optional<Instant> since;
};
asio::awaitable<Timeline> load_timeline(pg::Transaction& tx, HistoryScope scope, Reach reach);

// [from, to)
struct Span {
  Instant from, to;
  bool empty() const { return from >= to; }
  bool operator==(const Span&) const = default;
};

// What is wanted of buckets and results besides their numbers.
enum class Detail { kNumbers, kSketches, kPhases };

// The numbers of one raw result.
struct RawPoint {
  std::int64_t job_id = 0;
  Instant slot;
  bool ok = false;
  Microseconds total{};
  domain::Phases phases;  // only with Detail::kPhases
};

// Exactly these slots of these jobs: parallel arrays.
struct RawKeys {
  std::vector<std::int64_t> job_ids;
  std::vector<Instant> slots;
};

struct StoredBucket {
  std::int64_t job_id = 0;
  Instant start;
  std::int64_t count = 0;
  std::int64_t ok_count = 0;
  std::vector<std::int32_t> bins, counts;  // only with Detail::kSketches
  domain::Phases phases;                   // means of the ok results; only with Detail::kPhases
};

// Buckets of one level that start in any of the spans.
struct BucketQuery {
  Level level = Level::kHour;
  std::vector<std::int64_t> job_ids;
  std::vector<Span> spans;
};

// All that the queries and the keys find, in one round trip.
struct Found {
  std::vector<StoredBucket> buckets;
  std::vector<RawPoint> points;
};
asio::awaitable<Found> load_history(pg::Transaction& tx, std::vector<BucketQuery> queries, RawKeys keys,
                                    Detail detail);

// Raw results of many jobs: everything in [span.from, span.to), found by scanning
// it. Minutes' worth: the caller bounds the span.
asio::awaitable<std::vector<RawPoint>> scan_raw_points(pg::Transaction& tx, std::vector<std::int64_t> job_ids,
                                                       Span span, bool sparse_only);

// Full results of the keys, newest first.
struct RawResult {
  std::int64_t job_id = 0;
  Instant slot;
  std::int32_t worker_id = 0;
  domain::CheckResult check;
};
asio::awaitable<std::vector<RawResult>> load_results(pg::Transaction& tx, RawKeys keys);

}  // namespace openseer::store
