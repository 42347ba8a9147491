#include "store/history.h"

#include "pg/pool.h"
#include "store/result_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kProgress{"history_progress", R"(
SELECT now(), (SELECT closed_until FROM ts.rollup_progress WHERE level = 1),
  (SELECT closed_until FROM ts.rollup_progress WHERE level = 2),
  (SELECT closed_until FROM ts.rollup_progress WHERE level = 3))"};

const pg::Statement kEpochs{"history_epochs", R"(
SELECT e.job_id, r.name, e.first_slot, e.until, e.every, e.origin
FROM app.job_epochs e JOIN app.monitors m ON m.id = e.monitor_id JOIN app.regions r ON r.id = e.region_id
WHERE m.workspace_id = $1 AND e.monitor_id = $2 AND coalesce(e.until, 'infinity') > now() - $3::interval
ORDER BY e.job_id, e.first_slot)"};

// Written gaps, and those still open in the job's row: a job that is leased at
// or waits at an old slot has missed the ones up to the latest.
const pg::Statement kGaps{"history_gaps", R"(
SELECT g.job_id, g.first_slot, g.until
FROM ts.gaps g JOIN app.monitors m ON m.id = g.monitor_id
WHERE m.workspace_id = $1 AND g.monitor_id = $2 AND g.until > now() - $3::interval
UNION ALL
SELECT id, coalesce(gap_from, scheduled_at), greatest(scheduled_at, date_bin(every, now(), origin))
FROM app.jobs
WHERE workspace_id = $1 AND monitor_id = $2 AND next_attempt_at < 'infinity'
  AND coalesce(gap_from, scheduled_at) < greatest(scheduled_at, date_bin(every, now(), origin)))"};

const pg::Statement kRawPoints{"history_raw_points", R"(
SELECT job_id, slot, outcome <> 2, total_us FROM ts.results_raw
WHERE slot = ANY ($2::timestamptz[]) AND job_id = ANY ($1::bigint[]))"};

#define NUMBERS(suffix)                                                \
  "SELECT job_id, bucket, count, ok_count FROM ts.results_agg_" suffix \
  " WHERE job_id = ANY ($1::bigint[]) AND bucket >= $2 AND bucket < $3"
#define NUMBERS_AND_SKETCHES(suffix)                                                                 \
  "SELECT a.job_id, a.bucket, a.count, a.ok_count, coalesce(s.bins, '{}'), coalesce(s.counts, '{}')" \
  " FROM ts.results_agg_" suffix " a LEFT JOIN ts.sketches_" suffix                                  \
  " s USING (job_id, bucket)"                                                                        \
  " WHERE a.job_id = ANY ($1::bigint[]) AND a.bucket >= $2 AND a.bucket < $3"
const pg::Statement kMinutes{"history_minutes", NUMBERS("1m")};
const pg::Statement kHours{"history_hours", NUMBERS("1h")};
const pg::Statement kDays{"history_days", NUMBERS("1d")};
const pg::Statement kMinuteSketches{"history_minute_sketches", NUMBERS_AND_SKETCHES("1m")};
const pg::Statement kHourSketches{"history_hour_sketches", NUMBERS_AND_SKETCHES("1h")};
const pg::Statement kDaySketches{"history_day_sketches", NUMBERS_AND_SKETCHES("1d")};

const pg::Statement& buckets_statement(Level level, bool with_sketches) {
  switch (level) {
    case Level::kMinute:
      return with_sketches ? kMinuteSketches : kMinutes;
    case Level::kHour:
      return with_sketches ? kHourSketches : kHours;
    case Level::kDay:
      return with_sketches ? kDaySketches : kDays;
  }
  std::abort();
}

const pg::Statement kResults{"history_results",
                             "SELECT r.job_id, r.monitor_id, r.slot, r.worker_id, " RESULT_COLUMNS R"(
FROM ts.results_raw r
WHERE r.slot = ANY ($2::timestamptz[]) AND r.job_id = ANY ($1::bigint[])
ORDER BY r.slot DESC, r.job_id DESC LIMIT $3)"};

}  // namespace

asio::awaitable<Timeline> load_timeline(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                        Seconds back_to) {
  std::vector<pg::Query> queries;
  queries.push_back({&kProgress, {}});
  queries.push_back({&kEpochs, pg::bind(workspace_id, monitor_id, back_to)});
  queries.push_back({&kGaps, pg::bind(workspace_id, monitor_id, back_to)});
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));

  Timeline timeline;
  const pg::Row progress = results[0][0];
  timeline.now = progress.get<Instant>(0);
  timeline.closed_minute = progress.get<Instant>(1);
  timeline.closed_hour = progress.get<Instant>(2);
  timeline.closed_day = progress.get<Instant>(3);
  for (const pg::Row row : results[1]) {
    timeline.epochs.push_back(
        {row.get<std::int64_t>(0),
         row.get<std::string>(1),
         {row.get<Instant>(2), row.get<std::optional<Instant>>(3),
          std::chrono::duration_cast<Seconds>(row.get<Microseconds>(4)), row.get<Instant>(5)}});
  }
  for (const pg::Row row : results[2]) {
    timeline.gaps.push_back({row.get<std::int64_t>(0), row.get<Instant>(1), row.get<Instant>(2)});
  }
  co_return timeline;
}

asio::awaitable<std::vector<RawPoint>> load_raw_points(pg::Pool& pool, std::vector<std::int64_t> job_ids,
                                                       std::vector<Instant> slots) {
  std::vector<RawPoint> points;
  if (job_ids.empty() || slots.empty()) co_return points;
  const pg::Rows rows = co_await pool.query(kRawPoints, pg::bind(job_ids, slots));
  points.reserve(rows.size());
  for (const pg::Row row : rows) {
    points.push_back({row.get<std::int64_t>(0), row.get<Instant>(1), row.get<bool>(2),
                      Microseconds{row.get<std::int32_t>(3)}});
  }
  co_return points;
}

asio::awaitable<std::vector<StoredBucket>> load_buckets(pg::Pool& pool, Level level,
                                                        std::vector<std::int64_t> job_ids, Instant from,
                                                        Instant to, bool with_sketches) {
  std::vector<StoredBucket> buckets;
  if (job_ids.empty()) co_return buckets;
  const pg::Rows rows =
      co_await pool.query(buckets_statement(level, with_sketches), pg::bind(job_ids, from, to));
  buckets.reserve(rows.size());
  for (const pg::Row row : rows) {
    StoredBucket bucket{row.get<std::int64_t>(0),
                        row.get<Instant>(1),
                        row.get<std::int32_t>(2),
                        row.get<std::int32_t>(3),
                        {},
                        {}};
    if (with_sketches) {
      bucket.bins = row.get<std::vector<std::int32_t>>(4);
      bucket.counts = row.get<std::vector<std::int32_t>>(5);
    }
    buckets.push_back(std::move(bucket));
  }
  co_return buckets;
}

asio::awaitable<std::vector<RawResult>> load_results(pg::Pool& pool, std::vector<std::int64_t> job_ids,
                                                     std::vector<Instant> slots, std::size_t limit) {
  std::vector<RawResult> results;
  if (job_ids.empty() || slots.empty()) co_return results;
  const pg::Rows rows =
      co_await pool.query(kResults, pg::bind(job_ids, slots, static_cast<std::int64_t>(limit)));
  for (const pg::Row row : rows) {
    results.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Instant>(2),
                       row.get<std::int32_t>(3), read_check(row, 4)});
  }
  co_return results;
}

}  // namespace openseer::store
