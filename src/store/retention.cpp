#include "store/retention.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kIsHypertable{"retention_is_hypertable", R"(
SELECT relkind = 'r' FROM pg_class WHERE oid = 'ts.results_raw'::regclass)"};

const pg::Statement kMissingPartitions{"retention_missing_partitions", R"(
SELECT to_char(day, 'YYYYMMDD'), to_char(day, 'YYYY-MM-DD'), to_char(day + interval '1 day', 'YYYY-MM-DD')
FROM generate_series(date_trunc('day', now() AT TIME ZONE 'UTC') - interval '2 days',
                     date_trunc('day', now() AT TIME ZONE 'UTC') + interval '3 days', interval '1 day') AS day
WHERE to_regclass('ts.results_raw_' || to_char(day, 'YYYYMMDD')) IS NULL
ORDER BY day)"};

// $3: the level that is made of this one and must be closed first; 0: none.
const pg::Statement kKeepFrom{"retention_keep_from", R"(
UPDATE ts.kept SET kept_from = greatest(kept_from, least(date_trunc('day', now() - $2::interval, 'UTC'),
  (SELECT date_trunc('day', closed_until, 'UTC') FROM ts.rollup_progress WHERE level = $3)))
WHERE level = $1 RETURNING kept_from)"};

const pg::Statement kOldPartitions{"retention_old_partitions", R"(
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'ts.results_raw'::regclass AND c.relname ~ '^results_raw_\d{8}$'
  AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 <= $1::timestamptz AT TIME ZONE 'UTC'
ORDER BY 1 LIMIT 1000)"};

#define DROP_BUCKETS(table)                                                     \
  "DELETE FROM ts." table " WHERE ctid = ANY (ARRAY(SELECT ctid FROM ts." table \
  " WHERE bucket < $1 ORDER BY bucket LIMIT $2))"
const pg::Statement kDropMinutes{"retention_drop_minutes", DROP_BUCKETS("results_agg_1m")};
const pg::Statement kDropHours{"retention_drop_hours", DROP_BUCKETS("results_agg_1h")};
const pg::Statement kDropDays{"retention_drop_days", DROP_BUCKETS("results_agg_1d")};
const pg::Statement kDropMinuteSketches{"retention_drop_minute_sketches", DROP_BUCKETS("sketches_1m")};
const pg::Statement kDropHourSketches{"retention_drop_hour_sketches", DROP_BUCKETS("sketches_1h")};
const pg::Statement kDropDaySketches{"retention_drop_day_sketches", DROP_BUCKETS("sketches_1d")};

const pg::Statement kDropSessions{"retention_drop_sessions",
                                  "DELETE FROM app.sessions WHERE expires_at < now()"};
const pg::Statement kDropTokens{
    "retention_drop_tokens",
    "DELETE FROM app.enrollment_tokens WHERE expires_at < now() - interval '30 days'"};
const pg::Statement kDropPendingSignIns{"retention_drop_pending_sign_ins",
                                        "DELETE FROM app.pending_sign_ins WHERE expires_at < now()"};
const pg::Statement kDropPasswordResets{"retention_drop_password_resets",
                                        "DELETE FROM app.password_resets WHERE expires_at < now()"};
const pg::Statement kDropInvitations{"retention_drop_invitations",
                                     "DELETE FROM app.invitations WHERE expires_at < now()"};
// A month later: people look why their program is refused.
const pg::Statement kDropApiTokens{
    "retention_drop_api_tokens", "DELETE FROM app.api_tokens WHERE expires_at < now() - interval '30 days'"};
const pg::Statement kDropThrottle{
    "retention_drop_throttle",
    "DELETE FROM app.sign_in_throttle WHERE last_failure_at < now() - interval '1 day'"};

const pg::Statement kDropRegionMinutes{
    "retention_drop_region_minutes", "DELETE FROM app.region_minutes WHERE minute < now() - interval '25 h'"};

constexpr Milliseconds kTimeout{30'000};

asio::awaitable<bool> is_hypertable(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kIsHypertable);
  co_return rows[0].get<bool>(0);
}

}  // namespace

asio::awaitable<int> create_partitions(pg::Pool& pool) {
  if (co_await is_hypertable(pool)) co_return 0;
  const pg::Rows missing = co_await pool.query(kMissingPartitions);
  pg::Loan connection = co_await pool.acquire();
  for (const pg::Row row : missing) {
    // One transaction. The lock keeps replicas that start together apart: IF NOT
    // EXISTS alone does not, and then one of them fails.
    const auto create = [&row](const std::string& table) {
      return "CREATE TABLE IF NOT EXISTS " + table + "_" + row.get<std::string>(0) + " PARTITION OF " +
             table + " FOR VALUES FROM ('" + row.get<std::string>(1) + " 00:00:00+00') TO ('" +
             row.get<std::string>(2) + " 00:00:00+00');";
    };
    const std::string sql = "SET lock_timeout = '5s'; SELECT pg_advisory_xact_lock(7308325);" +
                            create("ts.results_raw") + create("ts.evidence") + "RESET lock_timeout";
    co_await connection->execute(sql, kTimeout);
  }
  co_return static_cast<int>(missing.size());
}

asio::awaitable<Instant> keep_from(pg::Pool& pool, std::int16_t level, Seconds keep) {
  const auto made_of_it = static_cast<std::int16_t>(level == 0 ? 2 : level == 3 ? 0 : level + 1);
  const Seconds at_least = std::max<Seconds>(keep, std::chrono::hours{24});
  const pg::Rows rows = co_await pool.query(kKeepFrom, pg::bind(level, at_least, made_of_it));
  co_return rows[0].get<Instant>(0);
}

asio::awaitable<int> drop_raw(pg::Pool& pool, Instant kept_from) {
  if (co_await is_hypertable(pool)) {
    pg::Loan connection = co_await pool.acquire();
    const std::string seconds = std::to_string(kept_from.time_since_epoch() / Seconds{1});
    for (const char* table : {"ts.results_raw", "ts.evidence"}) {
      const std::string sql =
          "SELECT drop_chunks('" + std::string(table) + "', older_than => to_timestamp(" + seconds + "))";
      co_await connection->execute(sql, kTimeout);
    }
    co_return 0;
  }
  const pg::Rows old = co_await pool.query(kOldPartitions, pg::bind(kept_from));
  pg::Loan connection = co_await pool.acquire();
  for (const pg::Row row : old) {
    const std::string results = row.get<std::string>(0);
    const std::string sql = "SET lock_timeout = '5s'; DROP TABLE IF EXISTS ts." + results + ", ts.evidence_" +
                            results.substr(results.size() - 8) + "; RESET lock_timeout";
    co_await connection->execute(sql, kTimeout);
  }
  co_return static_cast<int>(old.size());
}

asio::awaitable<std::int64_t> drop_buckets(pg::Pool& pool, Level level, Instant kept_from,
                                           std::size_t limit) {
  const auto pick = [level](const pg::Statement& m, const pg::Statement& h, const pg::Statement& d) {
    return level == Level::kMinute ? &m : level == Level::kHour ? &h : &d;
  };
  const pg::Params params = pg::bind(kept_from, static_cast<std::int64_t>(limit));
  std::vector<pg::Query> queries;
  queries.push_back({pick(kDropMinutes, kDropHours, kDropDays), params});
  queries.push_back({pick(kDropMinuteSketches, kDropHourSketches, kDropDaySketches), params});
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
  co_return std::max(results[0].affected(), results[1].affected());
}

asio::awaitable<void> drop_expired(pg::Pool& pool) {
  std::vector<pg::Query> queries;
  queries.push_back({&kDropSessions, {}});
  queries.push_back({&kDropTokens, {}});
  queries.push_back({&kDropThrottle, {}});
  queries.push_back({&kDropPendingSignIns, {}});
  queries.push_back({&kDropPasswordResets, {}});
  queries.push_back({&kDropInvitations, {}});
  queries.push_back({&kDropApiTokens, {}});
  queries.push_back({&kDropRegionMinutes, {}});
  co_await pool.pipeline(std::move(queries));
}

}  // namespace openseer::store
