#include "store/rollups.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

// The latest that the horizon can be, which costs a scan of the jobs.
#define LATEST_HORIZON "now() - interval '30 s'"
const pg::Statement kProgress{"rollup_progress",
                              "SELECT level, closed_until, " LATEST_HORIZON " FROM ts.rollup_progress"};
// Leased jobs commit at their slot, until ten minutes past the lease (jobs_commit);
// others at the slot that the next lease would give them (jobs_lease). But one that
// nobody has taken for ten minutes, say for want of workers in its region, must not
// hold up all the others for its interval. A lease or a new monitor not yet committed is
// younger than the statement time-out, 30 s.
const pg::Statement kHorizon{"rollup_horizon", R"(
SELECT least()" LATEST_HORIZON R"(, (
  SELECT min(slot) FROM app.jobs
  CROSS JOIN LATERAL (SELECT coalesce(leased_until > now() - interval '10 min', false) AS leased) lease
  CROSS JOIN LATERAL (SELECT CASE WHEN leased THEN scheduled_at
    ELSE greatest(scheduled_at, date_bin(every, now() - interval '30 s', origin)) END AS slot) next
  WHERE next_attempt_at < 'infinity' AND scheduled_at <= now() AND (leased OR slot > now() - interval '10 min')))
)"};

const pg::Statement kClaim{"rollup_claim", R"(
SELECT closed_until FROM ts.rollup_progress WHERE level = $1 FOR UPDATE SKIP LOCKED)"};
// For the rest of the transaction: what is grouped and sorted here is large.
const pg::Statement kMemory{"rollup_memory", "SET LOCAL work_mem = '32MB'"};
const pg::Statement kSetClosed{"rollup_set_closed", R"(
UPDATE ts.rollup_progress SET closed_until = $2 WHERE level = $1)"};
const pg::Statement kClosed{"rollup_closed", "SELECT closed_until FROM ts.rollup_progress WHERE level = $1"};

// One group of raw results: numbers, and the sketch's bins (domain/sketch.h).
#define RAW_NUMBERS                                                                                     \
  "count(*)::integer AS count,"                                                                         \
  " count(*) FILTER (WHERE outcome <> 2)::integer AS ok_count,"                                         \
  " coalesce(sum(total_us) FILTER (WHERE outcome <> 2), 0)::bigint AS sum_us,"                          \
  " min(total_us) FILTER (WHERE outcome <> 2) AS min_us, max(total_us) FILTER (WHERE outcome <> 2) AS " \
  "max_us," MEAN("dns_us") "," MEAN("connect_us") "," MEAN("tls_us") "," MEAN("wait_us") "," MEAN(      \
      "download_us")
#define MEAN(column) "coalesce(round(avg(" column ") FILTER (WHERE outcome <> 2)), 0)::integer AS " column
#define NUMBER_COLUMNS \
  "count, ok_count, sum_us, min_us, max_us, dns_us, connect_us, tls_us, wait_us, download_us"
#define SET_NUMBERS                                                                          \
  "count = excluded.count, ok_count = excluded.ok_count, sum_us = excluded.sum_us,"          \
  " min_us = excluded.min_us, max_us = excluded.max_us, dns_us = excluded.dns_us,"           \
  " connect_us = excluded.connect_us, tls_us = excluded.tls_us, wait_us = excluded.wait_us," \
  " download_us = excluded.download_us"

// The results are read once, with their latencies for the sketches.
const pg::Statement kMinutes{"rollup_minutes", R"(
WITH minutes AS MATERIALIZED (
  SELECT job_id, date_trunc('minute', slot) AS bucket, )" RAW_NUMBERS R"(,
    array_agg(total_us) FILTER (WHERE outcome <> 2) AS totals
  FROM ts.results_raw WHERE slot >= $1 AND slot < $2 AND dense
  GROUP BY 1, 2
), sketches AS (
  INSERT INTO ts.sketches_1m (job_id, bucket, bins, counts)
  SELECT job_id, bucket, sketch.bins, sketch.counts
  FROM minutes CROSS JOIN LATERAL (
    SELECT array_agg(bin) AS bins, array_agg(n) AS counts
    FROM (SELECT ceil(ln(greatest(total, 1)::float8) / $3)::integer AS bin, count(*)::integer AS n
          FROM unnest(totals) AS total GROUP BY 1 ORDER BY 1) bins) sketch
  WHERE totals IS NOT NULL
  ON CONFLICT (job_id, bucket) DO UPDATE SET bins = excluded.bins, counts = excluded.counts
)
INSERT INTO ts.results_agg_1m (job_id, bucket, )" NUMBER_COLUMNS R"()
SELECT job_id, bucket, )" NUMBER_COLUMNS R"( FROM minutes
ON CONFLICT (job_id, bucket) DO UPDATE SET )" SET_NUMBERS};

// Said of both sides: PostgreSQL does not carry ranges over a join.
#define WITHIN(of) of ".bucket >= $1 AND " of ".bucket < $2 AND " of ".job_id > $3 AND " of ".job_id <= $4"
#define STORED_PARTS(suffix)                                                             \
  "SELECT a.job_id, " NUMBER_COLUMNS                                                     \
  ", coalesce(s.bins, '{}') AS bins, coalesce(s.counts, '{}') AS counts"                 \
  " FROM ts.results_agg_" suffix " a LEFT JOIN ts.sketches_" suffix                      \
  " s ON s.job_id = a.job_id AND s.bucket = a.bucket AND " WITHIN("s") " WHERE " WITHIN( \
      "a") " ORDER BY a.job_id"

const pg::Statement kMinuteParts{"rollup_minute_parts", STORED_PARTS("1m")};
const pg::Statement kHourParts{"rollup_hour_parts", STORED_PARTS("1h")};
// Jobs that have no minutes are read once, with their latencies for the sketch.
const pg::Statement kRawParts{"rollup_raw_parts", R"(
SELECT job_id, )" RAW_NUMBERS R"(, coalesce(array_agg(total_us) FILTER (WHERE outcome <> 2), '{}')
FROM ts.results_raw
WHERE slot >= $1 AND slot < $2 AND NOT dense AND job_id > $3 AND job_id <= $4
GROUP BY job_id ORDER BY job_id)"};

const pg::Statement kHighestJob{"rollup_highest_job", "SELECT coalesce(max(job_id), 0) FROM app.job_epochs"};

#define HAS(suffix) "SELECT EXISTS (SELECT FROM ts.results_agg_" suffix " WHERE bucket = $1)"
#define PUT_NUMBERS(suffix)                                                                            \
  "INSERT INTO ts.results_agg_" suffix " (bucket, job_id, " NUMBER_COLUMNS                             \
  ")"                                                                                                  \
  " SELECT $1, * FROM unnest($2::bigint[], $3::integer[], $4::integer[], $5::bigint[], $6::integer[]," \
  " $7::integer[], $8::integer[], $9::integer[], $10::integer[], $11::integer[], $12::integer[])"
#define OR_SET_NUMBERS " ON CONFLICT (job_id, bucket) DO UPDATE SET " SET_NUMBERS
// Arrays of arrays cannot be ragged: all sketches' bins come in one array, cut
// by offset and length.
#define PUT_SKETCHES(suffix)                                                         \
  "INSERT INTO ts.sketches_" suffix                                                  \
  " (bucket, job_id, bins, counts)"                                                  \
  " SELECT $1, job_id, ($5::integer[])[first : last], ($6::integer[])[first : last]" \
  " FROM unnest($2::bigint[], $3::integer[], $4::integer[]) AS cut (job_id, first, last)"
#define OR_SET_SKETCHES \
  " ON CONFLICT (job_id, bucket) DO UPDATE SET bins = excluded.bins, counts = excluded.counts"

// The statements of a level. Those that look for conflicts cost more, and a bucket is
// seldom written twice.
struct LevelStatements {
  const pg::Statement has, put_numbers, set_numbers, put_sketches, set_sketches;
};
const LevelStatements kHour{
    {"rollup_has_hour", HAS("1h")},
    {"rollup_put_hour_numbers", PUT_NUMBERS("1h")},
    {"rollup_set_hour_numbers", PUT_NUMBERS("1h") OR_SET_NUMBERS},
    {"rollup_put_hour_sketches", PUT_SKETCHES("1h")},
    {"rollup_set_hour_sketches", PUT_SKETCHES("1h") OR_SET_SKETCHES},
};
const LevelStatements kDay{
    {"rollup_has_day", HAS("1d")},
    {"rollup_put_day_numbers", PUT_NUMBERS("1d")},
    {"rollup_set_day_numbers", PUT_NUMBERS("1d") OR_SET_NUMBERS},
    {"rollup_put_day_sketches", PUT_SKETCHES("1d")},
    {"rollup_set_day_sketches", PUT_SKETCHES("1d") OR_SET_SKETCHES},
};
const LevelStatements& statements_of(Level level) { return level == Level::kHour ? kHour : kDay; }

Bucket read_numbers(const pg::Row& row) {
  Bucket part;
  part.job_id = row.get<std::int64_t>(0);
  part.count = row.get<std::int32_t>(1);
  part.ok_count = row.get<std::int32_t>(2);
  part.sum_us = row.get<std::int64_t>(3);
  part.min_us = row.get<std::optional<std::int32_t>>(4);
  part.max_us = row.get<std::optional<std::int32_t>>(5);
  for (int i = 0; i < 5; ++i) part.mean_us[static_cast<std::size_t>(i)] = row.get<std::int32_t>(6 + i);
  return part;
}

}  // namespace

const pg::Statement kReopenBuckets{"rollup_reopen", R"(
UPDATE ts.rollup_progress
SET closed_until = date_trunc((ARRAY['minute', 'hour', 'day'])[level], $1::timestamptz, 'UTC')
WHERE level <= 3 AND closed_until > $1)"};

Seconds width(Level level) {
  switch (level) {
    case Level::kMinute:
    case Level::kFigures:
      return std::chrono::minutes{1};
    case Level::kHour:
      return std::chrono::hours{1};
    case Level::kDay:
      return std::chrono::hours{24};
  }
  std::abort();
}

void Bucket::merge(const Bucket& other) {
  const std::int64_t all = ok_count + other.ok_count;
  for (std::size_t i = 0; i < mean_us.size() && all > 0; ++i) {
    const std::int64_t sum = mean_us[i] * ok_count + other.mean_us[i] * other.ok_count;
    mean_us[i] = static_cast<std::int32_t>((sum + all / 2) / all);
  }
  count += other.count;
  ok_count += other.ok_count;
  sum_us += other.sum_us;
  if (other.min_us) min_us = min_us ? std::min(*min_us, *other.min_us) : other.min_us;
  if (other.max_us) max_us = max_us ? std::max(*max_us, *other.max_us) : other.max_us;
  sketch.merge(other.sketch);
}

asio::awaitable<bool> rollup_is_due(pg::Pool& pool) {
  for (const pg::Row row : co_await pool.query(kProgress)) {
    const auto level = static_cast<Level>(row.get<std::int16_t>(0));
    if (row.get<Instant>(1) + width(level) <= row.get<Instant>(2)) co_return true;
  }
  co_return false;
}

asio::awaitable<Instant> commit_horizon(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kHorizon);
  co_return rows[0].get<Instant>(0);
}

asio::awaitable<std::optional<Instant>> claim_level(pg::Transaction& tx, Level level) {
  std::vector<pg::Query> queries;
  queries.push_back({&kMemory, {}});
  queries.push_back({&kClaim, pg::bind(static_cast<std::int16_t>(level))});
  const std::vector<pg::Rows> results = co_await tx.pipeline(std::move(queries));
  if (results[1].empty()) co_return std::nullopt;
  co_return results[1][0].get<Instant>(0);
}

asio::awaitable<void> set_closed_until(pg::Transaction& tx, Level level, Instant closed_until) {
  co_await tx.query(kSetClosed, pg::bind(static_cast<std::int16_t>(level), closed_until));
}

asio::awaitable<Instant> closed_until(pg::Pool& pool, Level level) {
  const pg::Rows rows = co_await pool.query(kClosed, pg::bind(static_cast<std::int16_t>(level)));
  co_return rows[0].get<Instant>(0);
}

asio::awaitable<Instant> closed_until(pg::Transaction& tx, Level level) {
  const pg::Rows rows = co_await tx.query(kClosed, pg::bind(static_cast<std::int16_t>(level)));
  co_return rows[0].get<Instant>(0);
}

asio::awaitable<void> roll_minutes(pg::Transaction& tx, Instant from, Instant to) {
  co_await tx.query(kMinutes, pg::bind(from, to, domain::Sketch::log_gamma()));
}

asio::awaitable<std::vector<Bucket>> bucket_parts(pg::Transaction& tx, Level level, Instant start,
                                                  std::int64_t after_job, std::int64_t up_to_job) {
  const pg::Params range = pg::bind(start, start + width(level), after_job, up_to_job);
  std::vector<pg::Query> queries;
  queries.push_back({level == Level::kHour ? &kMinuteParts : &kHourParts, range});
  if (level == Level::kHour) queries.push_back({&kRawParts, range});
  const std::vector<pg::Rows> results = co_await tx.pipeline(std::move(queries));
  std::vector<Bucket> parts;
  for (const pg::Row row : results.front()) {
    parts.push_back(read_numbers(row));
    parts.back().sketch.merge(row.get<std::vector<std::int32_t>>(11), row.get<std::vector<std::int32_t>>(12));
  }
  if (level != Level::kHour) co_return parts;
  const auto stored = static_cast<std::ptrdiff_t>(parts.size());
  for (const pg::Row row : results.back()) {
    parts.push_back(read_numbers(row));
    for (const std::int32_t total : row.get<std::vector<std::int32_t>>(11))
      parts.back().sketch.add(Microseconds{total});
  }
  std::inplace_merge(parts.begin(), parts.begin() + stored, parts.end(),
                     [](const Bucket& a, const Bucket& b) { return a.job_id < b.job_id; });
  co_return parts;
}

asio::awaitable<std::int64_t> highest_job(pg::Transaction& tx) {
  const pg::Rows rows = co_await tx.query(kHighestJob, {});
  co_return rows[0].get<std::int64_t>(0);
}

asio::awaitable<bool> has_buckets(pg::Transaction& tx, Level level, Instant start) {
  const pg::Rows rows = co_await tx.query(statements_of(level).has, pg::bind(start));
  co_return rows[0].get<bool>(0);
}

asio::awaitable<void> put_buckets(pg::Transaction& tx, Level level, Instant start,
                                  std::vector<Bucket> buckets, bool rewrites) {
  std::vector<std::int64_t> jobs, sums, sketched;
  std::vector<std::int32_t> counts, oks, firsts, lasts, bins, bin_counts;
  std::vector<std::optional<std::int32_t>> minima, maxima;
  std::array<std::vector<std::int32_t>, 5> means;
  for (const Bucket& bucket : buckets) {
    jobs.push_back(bucket.job_id);
    counts.push_back(static_cast<std::int32_t>(bucket.count));
    oks.push_back(static_cast<std::int32_t>(bucket.ok_count));
    sums.push_back(bucket.sum_us);
    minima.push_back(bucket.min_us);
    maxima.push_back(bucket.max_us);
    for (std::size_t i = 0; i < means.size(); ++i) means[i].push_back(bucket.mean_us[i]);
    const std::vector<std::int32_t> own_bins = bucket.sketch.bins();
    if (own_bins.empty()) continue;
    const std::vector<std::int32_t> own_counts = bucket.sketch.counts();
    sketched.push_back(bucket.job_id);
    firsts.push_back(static_cast<std::int32_t>(bins.size()) + 1);
    bins.insert(bins.end(), own_bins.begin(), own_bins.end());
    bin_counts.insert(bin_counts.end(), own_counts.begin(), own_counts.end());
    lasts.push_back(static_cast<std::int32_t>(bins.size()));
  }
  const LevelStatements& to = statements_of(level);
  co_await tx.query(rewrites ? to.set_numbers : to.put_numbers,
                    pg::bind(start, jobs, counts, oks, sums, minima, maxima, means[0], means[1], means[2],
                             means[3], means[4]));
  if (!sketched.empty()) {
    co_await tx.query(rewrites ? to.set_sketches : to.put_sketches,
                      pg::bind(start, sketched, firsts, lasts, bins, bin_counts));
  }
}

}  // namespace openseer::store
