#include "store/history.h"

#include <algorithm>

#include "pg/pool.h"
#include "store/lease_columns.h"
#include "store/result_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kProgress{"history_progress", R"(
SELECT now(), (SELECT closed_until FROM ts.rollup_progress WHERE level = 1),
  (SELECT closed_until FROM ts.rollup_progress WHERE level = 2),
  (SELECT closed_until FROM ts.rollup_progress WHERE level = 3),
  (SELECT kept_from FROM ts.kept WHERE level = 0), (SELECT max(kept_from) FROM ts.kept WHERE level < 2),
  (SELECT kept_from FROM ts.kept WHERE level = 2))"};

#define IN_WORKSPACE                                                                                 \
  "SELECT id FROM app.monitors WHERE workspace_id = $1 AND (cardinality($2::text[]) = 0 OR tags && " \
  "$2::text[])"
const pg::Statement kAllMonitors{"history_all_monitors", IN_WORKSPACE " ORDER BY id"};
const pg::Statement kMonitors{"history_monitors", IN_WORKSPACE " AND id = ANY ($3::bigint[]) ORDER BY id"};

const pg::Statement kEpochs{"history_epochs", R"(
SELECT e.monitor_id, e.job_id, r.name, e.first_slot, e.until, e.every, e.origin
FROM app.job_epochs e JOIN app.monitors m ON m.id = e.monitor_id JOIN app.regions r ON r.id = e.region_id
WHERE m.workspace_id = $1 AND e.monitor_id = ANY ($2::bigint[])
  AND (cardinality($4::text[]) = 0 OR r.name = ANY ($4::text[]))
  AND coalesce(e.until, 'infinity') > coalesce($5, now() - $3::interval)
ORDER BY e.job_id, e.first_slot)"};

const pg::Statement kGaps{"history_gaps", R"(
SELECT g.job_id, g.first_slot, g.until
FROM ts.gaps g JOIN app.monitors m ON m.id = g.monitor_id
WHERE m.workspace_id = $1 AND g.monitor_id = ANY ($2::bigint[]) AND g.until > coalesce($4, now() - $3::interval)
ORDER BY g.job_id, g.first_slot)"};

// Where a running job stands. `latest` is its latest slot; a lease can commit
// until ten minutes past its end (store/jobs).
const pg::Statement kJobs{"history_jobs", R"(
SELECT id, scheduled_at, gap_from, greatest(scheduled_at, date_bin(every, now(), origin)),
  coalesce(leased_until > now() - interval '10 min', false)
FROM app.jobs
WHERE workspace_id = $1 AND )" JOBS_OF("ANY ($2::bigint[])") R"( AND next_attempt_at < 'infinity'
  AND coalesce(gap_from, scheduled_at) <= now())"};

// The bounds let PostgreSQL look at the partitions in question only.
#define RAW_BY_KEYS(columns)                                          \
  "SELECT r.job_id, r.slot, r.outcome <> 2, r.total_us" columns       \
  " FROM unnest($1::bigint[], $2::timestamptz[]) AS k (job_id, slot)" \
  " JOIN ts.results_raw r ON r.slot = k.slot AND r.job_id = k.job_id" \
  " WHERE r.slot >= $3 AND r.slot <= $4"
#define PHASES(of) ", " of ".dns_us, " of ".connect_us, " of ".tls_us, " of ".wait_us, " of ".download_us"
const pg::Statement kRawPoints{"history_raw_points", RAW_BY_KEYS("")};
const pg::Statement kRawPhases{"history_raw_phases", RAW_BY_KEYS(PHASES("r"))};
const pg::Statement kRawScan{"history_raw_scan", R"(
SELECT job_id, slot, outcome <> 2, total_us FROM ts.results_raw
WHERE slot >= $2 AND slot < $3 AND job_id = ANY ($1::bigint[]) AND NOT (dense AND $4))"};

// OFFSET 0 keeps the inner query as it is, once a span: joined, it would read all
// that a job ever had. PostgreSQL does not carry ranges over a join: they are said of
// both sides, or it may read all sketches there are.
#define BUCKETS(suffix, columns, join)                                                                    \
  "SELECT b.* FROM unnest($2::timestamptz[], $3::timestamptz[]) AS s (first, until) CROSS JOIN LATERAL (" \
  "SELECT a.job_id, a.bucket, a.count, a.ok_count" columns " FROM ts.results_agg_" suffix " a" join       \
  " WHERE a.job_id = ANY ($1::bigint[]) AND a.bucket >= s.first AND a.bucket < s.until OFFSET 0) b"
#define NUMBERS(suffix) BUCKETS(suffix, "", "")
#define SKETCHES(suffix)                                                \
  BUCKETS(suffix, ", coalesce(k.bins, '{}'), coalesce(k.counts, '{}')", \
          " LEFT JOIN ts.sketches_" suffix                              \
          " k ON k.job_id = a.job_id AND k.bucket = a.bucket"           \
          " AND k.job_id = ANY ($1::bigint[]) AND k.bucket >= s.first AND k.bucket < s.until")
const pg::Statement kBuckets[3][3] = {
    {{"history_minutes", NUMBERS("1m")},
     {"history_minute_sketches", SKETCHES("1m")},
     {"history_minute_phases", BUCKETS("1m", PHASES("a"), "")}},
    {{"history_hours", NUMBERS("1h")},
     {"history_hour_sketches", SKETCHES("1h")},
     {"history_hour_phases", BUCKETS("1h", PHASES("a"), "")}},
    {{"history_days", NUMBERS("1d")},
     {"history_day_sketches", SKETCHES("1d")},
     {"history_day_phases", BUCKETS("1d", PHASES("a"), "")}},
};

const pg::Statement kResults{"history_results", "SELECT r.job_id, r.slot, r.worker_id, " RESULT_COLUMNS R"(
FROM unnest($1::bigint[], $2::timestamptz[]) AS k (job_id, slot)
JOIN ts.results_raw r ON r.slot = k.slot AND r.job_id = k.job_id
WHERE r.slot >= $3 AND r.slot <= $4
ORDER BY r.slot DESC, r.job_id DESC)"};

domain::Phases read_phases(const pg::Row& row, int first) {
  const auto phase = [&row, first](int column) {
    return Microseconds{row.get<std::int32_t>(first + column)};
  };
  return {phase(0), phase(1), phase(2), phase(3), phase(4), {}};
}

RawPoint read_point(const pg::Row& row, Detail detail) {
  RawPoint point{row.get<std::int64_t>(0),
                 row.get<Instant>(1),
                 row.get<bool>(2),
                 Microseconds{row.get<std::int32_t>(3)},
                 {}};
  if (detail == Detail::kPhases) point.phases = read_phases(row, 4);
  return point;
}

StoredBucket read_bucket(const pg::Row& row, Detail detail) {
  StoredBucket bucket{row.get<std::int64_t>(0),
                      row.get<Instant>(1),
                      row.get<std::int32_t>(2),
                      row.get<std::int32_t>(3),
                      {},
                      {},
                      {}};
  if (detail == Detail::kSketches) {
    bucket.bins = row.get<std::vector<std::int32_t>>(4);
    bucket.counts = row.get<std::vector<std::int32_t>>(5);
  }
  if (detail == Detail::kPhases) bucket.phases = read_phases(row, 4);
  return bucket;
}

pg::Params keys_params(const RawKeys& keys) {
  const auto [first, last] = std::minmax_element(keys.slots.begin(), keys.slots.end());
  return pg::bind(keys.job_ids, keys.slots, *first, *last);
}

// What the rows of app.jobs add to what is written: gaps that are not yet, and
// slots that are open.
void add_running(Timeline& timeline, const pg::Rows& jobs) {
  for (const pg::Row row : jobs) {
    const auto id = row.get<std::int64_t>(0);
    const auto scheduled = row.get<Instant>(1);
    const auto latest = row.get<Instant>(3);
    const bool leased = row.get<bool>(4);
    const Instant missed_from = row.get<std::optional<Instant>>(2).value_or(scheduled);
    timeline.open.push_back({id, latest});
    if (!leased) {
      if (missed_from < latest) timeline.gaps.push_back({id, missed_from, latest});
      continue;
    }
    // The lease may still bring its slot's result; those around it are lost.
    if (missed_from < scheduled) timeline.gaps.push_back({id, missed_from, scheduled});
    if (scheduled == latest) continue;
    timeline.open.push_back({id, scheduled});
    timeline.gaps.push_back({id, scheduled + Microseconds{1}, latest});
  }
}

}  // namespace

asio::awaitable<Timeline> load_timeline(pg::Transaction& tx, HistoryScope scope, Reach reach) {
  if (scope.monitor_ids.empty() || !scope.tags.empty()) {
    const pg::Rows monitors =
        scope.monitor_ids.empty()
            ? co_await tx.query(kAllMonitors, pg::bind(scope.workspace_id, scope.tags))
            : co_await tx.query(kMonitors, pg::bind(scope.workspace_id, scope.tags, scope.monitor_ids));
    scope.monitor_ids.clear();
    for (const pg::Row row : monitors) scope.monitor_ids.push_back(row.get<std::int64_t>(0));
  }
  const Microseconds back = reach.back;
  std::vector<pg::Query> queries;
  queries.push_back({&kProgress, {}});
  queries.push_back({&kMonitors, pg::bind(scope.workspace_id, scope.tags, scope.monitor_ids)});
  queries.push_back(
      {&kEpochs, pg::bind(scope.workspace_id, scope.monitor_ids, back, scope.regions, reach.since)});
  queries.push_back({&kGaps, pg::bind(scope.workspace_id, scope.monitor_ids, back, reach.since)});
  queries.push_back({&kJobs, pg::bind(scope.workspace_id, scope.monitor_ids)});
  const std::vector<pg::Rows> results = co_await tx.pipeline(std::move(queries));

  Timeline timeline;
  const pg::Row progress = results[0][0];
  timeline.now = progress.get<Instant>(0);
  timeline.closed_minute = progress.get<Instant>(1);
  timeline.closed_hour = progress.get<Instant>(2);
  timeline.closed_day = progress.get<Instant>(3);
  timeline.kept_raw = progress.get<Instant>(4);
  timeline.kept_fine = progress.get<Instant>(5);
  timeline.kept_hour = progress.get<Instant>(6);
  for (const pg::Row row : results[1]) timeline.monitor_ids.push_back(row.get<std::int64_t>(0));
  timeline.epochs.reserve(results[2].size());
  for (const pg::Row row : results[2]) {
    timeline.epochs.push_back(
        {row.get<std::int64_t>(0),
         row.get<std::int64_t>(1),
         row.get<std::string>(2),
         {row.get<Instant>(3), row.get<std::optional<Instant>>(4),
          std::chrono::duration_cast<Seconds>(row.get<Microseconds>(5)), row.get<Instant>(6)}});
  }
  for (const pg::Row row : results[3]) {
    timeline.gaps.push_back({row.get<std::int64_t>(0), row.get<Instant>(1), row.get<Instant>(2)});
  }
  add_running(timeline, results[4]);
  co_return timeline;
}

asio::awaitable<Found> load_history(pg::Transaction& tx, std::vector<BucketQuery> queries, RawKeys keys,
                                    Detail detail) {
  const bool with_raw = !keys.slots.empty();
  std::vector<pg::Query> pipeline;
  for (const BucketQuery& query : queries) {
    std::vector<Instant> first, until;
    for (const Span& span : query.spans) {
      first.push_back(span.from);
      until.push_back(span.to);
    }
    const pg::Statement& statement = kBuckets[static_cast<int>(query.level) - 1][static_cast<int>(detail)];
    pipeline.push_back({&statement, pg::bind(query.job_ids, first, until)});
  }
  if (with_raw)
    pipeline.push_back({detail == Detail::kPhases ? &kRawPhases : &kRawPoints, keys_params(keys)});
  Found found;
  if (pipeline.empty()) co_return found;
  const std::vector<pg::Rows> results = co_await tx.pipeline(std::move(pipeline));
  for (std::size_t i = 0; i < queries.size(); ++i) {
    for (const pg::Row row : results[i]) found.buckets.push_back(read_bucket(row, detail));
  }
  if (with_raw) {
    for (const pg::Row row : results.back()) found.points.push_back(read_point(row, detail));
  }
  co_return found;
}

asio::awaitable<std::vector<RawPoint>> scan_raw_points(pg::Transaction& tx, std::vector<std::int64_t> job_ids,
                                                       Span span, bool sparse_only) {
  const pg::Rows rows = co_await tx.query(kRawScan, pg::bind(job_ids, span.from, span.to, sparse_only));
  std::vector<RawPoint> points;
  points.reserve(rows.size());
  for (const pg::Row row : rows) points.push_back(read_point(row, Detail::kNumbers));
  co_return points;
}

asio::awaitable<std::vector<RawResult>> load_results(pg::Transaction& tx, RawKeys keys) {
  std::vector<RawResult> results;
  if (keys.slots.empty()) co_return results;
  const pg::Rows rows = co_await tx.query(kResults, keys_params(keys));
  for (const pg::Row row : rows) {
    results.push_back(
        {row.get<std::int64_t>(0), row.get<Instant>(1), row.get<std::int32_t>(2), read_check(row, 3)});
  }
  co_return results;
}

}  // namespace openseer::store
