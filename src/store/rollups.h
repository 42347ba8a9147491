#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/sketch.h"

namespace openseer::pg {
class Pool;
class Statement;
class Transaction;
}  // namespace openseer::pg

// Writing rollups: buckets of one job, with counts and a latency sketch.
namespace openseer::store {

namespace asio = boost::asio;

// The numbers are those of ts.rollup_progress.
// kFigures are the lists' (store/figures), by the minute.
enum class Level : std::int16_t { kMinute = 1, kHour = 2, kDay = 3, kFigures = 4 };
Seconds width(Level level);

// Jobs with an interval below this have one-minute rollups; a result of the
// others is its own minute.
inline constexpr Seconds kDenseBelow{30};

struct Bucket {
  std::int64_t job_id = 0;
  std::int64_t count = 0;
  std::int64_t ok_count = 0;
  std::int64_t sum_us = 0;  // of ok results, like min, max and the sketch
  std::optional<std::int32_t> min_us, max_us;
  // Means of the phases, in the order of the columns: dns, connect, tls, wait, download.
  std::array<std::int32_t, 5> mean_us{};
  domain::Sketch sketch;

  void merge(const Bucket& other);
};

// Whether the next bucket of any level, or the figures' next minute, is over as far as
// time goes: commit_horizon(), which costs a scan of the jobs, may find that it can be closed.
asio::awaitable<bool> rollup_is_due(pg::Pool& pool);
// No result with an earlier slot is to be expected any more, whatever lease or worker
// it comes from. One of a job that nobody has run for long may still come: who commits
// it opens its buckets again.
asio::awaitable<Instant> commit_horizon(pg::Pool& pool);
// Slots from $1 on have changed: buckets that hold them and are closed are to be
// rolled up once more.
extern const pg::Statement kReopenBuckets;

// Takes the level for the rest of the transaction, gives that memory to sort in, and
// tells up to where the level is closed; nothing when another replica has it.
asio::awaitable<std::optional<Instant>> claim_level(pg::Transaction& tx, Level level);
asio::awaitable<void> set_closed_until(pg::Transaction& tx, Level level, Instant closed_until);
// Where the level is closed, without taking it.
asio::awaitable<Instant> closed_until(pg::Pool& pool, Level level);
asio::awaitable<Instant> closed_until(pg::Transaction& tx, Level level);

// Aggregates the dense results of [from, to) into minutes, by SQL alone.
asio::awaitable<void> roll_minutes(pg::Transaction& tx, Instant from, Instant to);

// What goes into the bucket of `level` at `start`, in parts to be merged by job:
// for hours minutes and sparse results, for days hours. Ordered by job, for the
// jobs in (after_job, up_to_job].
asio::awaitable<std::vector<Bucket>> bucket_parts(pg::Transaction& tx, Level level, Instant start,
                                                  std::int64_t after_job, std::int64_t up_to_job);
asio::awaitable<std::int64_t> highest_job(pg::Transaction& tx);

// Whether any bucket of `level` at `start` has been written before.
asio::awaitable<bool> has_buckets(pg::Transaction& tx, Level level, Instant start);
// Writes buckets of `level` at `start`; `rewrites` those that may be there already.
asio::awaitable<void> put_buckets(pg::Transaction& tx, Level level, Instant start,
                                  std::vector<Bucket> buckets, bool rewrites);

}  // namespace openseer::store
