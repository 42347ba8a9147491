#include "store/retention.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kIsHypertable{"retention_is_hypertable", R"(
SELECT relkind = 'r' FROM pg_class WHERE oid = 'ts.results_raw'::regclass)"};

// What is kept by time: each table, the level it belongs to (0: raw), and the span of
// its partitions. (name, level, unit)
#define TABLES                                                    \
  "(VALUES ('results_raw', 0, 'day'), ('evidence', 0, 'day'),"    \
  " ('results_agg_1m', 1, 'day'), ('sketches_1m', 1, 'day'),"     \
  " ('results_agg_1h', 2, 'month'), ('sketches_1h', 2, 'month')," \
  " ('results_agg_1d', 3, 'year'), ('sketches_1d', 3, 'year')) AS kept (name, level, unit)"
// Where a partition begins and ends; MINVALUE is minus infinity.
#define BOUND(word) \
  "substring(pg_get_expr(c.relpartbound, c.oid) FROM '" word " \\(''([^'']*)''\\)')::timestamptz"
#define PARTITIONS \
  "(SELECT c.relname, coalesce(" BOUND("FROM") ", '-infinity') AS first, " BOUND("TO") " AS until" \
  " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"                        \
  " WHERE i.inhparent = to_regclass('ts.' || kept.name)) AS there"

const pg::Statement kMissingPartitions{"retention_missing_partitions", R"(
SELECT kept.name, kept.name || to_char(first, CASE unit WHEN 'day' THEN '_YYYYMMDD' WHEN 'month' THEN '_YYYYMM' ELSE '_YYYY' END),
  to_char(first, 'YYYY-MM-DD'), to_char(first + ('1 ' || unit)::interval, 'YYYY-MM-DD')
FROM )" TABLES R"(
CROSS JOIN generate_series(0, 5) AS days CROSS JOIN LATERAL
  (SELECT date_trunc(unit, now() AT TIME ZONE 'UTC' + (days - 2) * interval '1 day') AS first) AS wanted
WHERE NOT EXISTS (SELECT FROM )" PARTITIONS R"( WHERE wanted.first AT TIME ZONE 'UTC' >= there.first
                    AND wanted.first AT TIME ZONE 'UTC' < there.until)
GROUP BY kept.name, unit, first ORDER BY first, kept.name)"};

// $3: the level that is made of this one and must be closed first; 0: none.
const pg::Statement kKeepFrom{"retention_keep_from", R"(
UPDATE ts.kept SET kept_from = greatest(kept_from, least(date_trunc('day', now() - $2::interval, 'UTC'),
  (SELECT date_trunc('day', closed_until, 'UTC') FROM ts.rollup_progress WHERE level = $3)))
WHERE level = $1 RETURNING kept_from)"};

const pg::Statement kOldPartitions{"retention_old_partitions", R"(
SELECT relname FROM )" TABLES " CROSS JOIN LATERAL " PARTITIONS R"(
WHERE level = $1 AND until <= $2 ORDER BY until, relname)"};

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
    // The lock keeps replicas that start together apart: IF NOT EXISTS alone does not,
    // and then one of them fails.
    const std::string sql =
        "SET lock_timeout = '5s'; SELECT pg_advisory_xact_lock(7308325); CREATE TABLE IF NOT EXISTS ts." +
        row.get<std::string>(1) + " PARTITION OF ts." + row.get<std::string>(0) + " FOR VALUES FROM ('" +
        row.get<std::string>(2) + " 00:00:00+00') TO ('" + row.get<std::string>(3) +
        " 00:00:00+00'); RESET lock_timeout";
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

asio::awaitable<int> drop_partitions(pg::Pool& pool, std::int16_t level, Instant kept_from) {
  if (co_await is_hypertable(pool)) {
    pg::Loan connection = co_await pool.acquire();
    co_await connection->execute("SELECT drop_chunks(('ts.' || name)::regclass, older_than => to_timestamp(" +
                                     std::to_string(kept_from.time_since_epoch() / Seconds{1}) +
                                     ")) FROM " TABLES " WHERE level = " + std::to_string(level),
                                 kTimeout);
    co_return 0;
  }
  const pg::Rows old = co_await pool.query(kOldPartitions, pg::bind(level, kept_from));
  pg::Loan connection = co_await pool.acquire();
  for (const pg::Row row : old) {
    const std::string sql = "SET lock_timeout = '5s'; DROP TABLE IF EXISTS ts." + row.get<std::string>(0) +
                            "; RESET lock_timeout";
    co_await connection->execute(sql, kTimeout);
  }
  co_return static_cast<int>(old.size());
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
