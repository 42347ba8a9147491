#include "store/overview.h"

#include "pg/pool.h"
#include "store/result_columns.h"
#include "store/shown_state.h"

namespace openseer::store {
namespace {

#define ONLINE "w.revoked_at IS NULL AND w.last_seen_at > now() - interval '30 s'"

const pg::Statement kOverview{"overview", R"(
SELECT count(*), count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3),
  count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE state = 5), count(*) FILTER (WHERE state = 6),
  count(*) FILTER (WHERE state = 1), coalesce(sum(ok_24h), 0)::bigint, coalesce(sum(failed_24h), 0)::bigint,
  coalesce(sum(missed_24h), 0)::bigint, (SELECT count(*) FROM app.workers w WHERE )" ONLINE R"()
FROM (SELECT )" SHOWN_STATE R"( AS state, f.ok_24h, f.failed_24h, f.missed_24h
      FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id
      LEFT JOIN app.monitor_figures f ON f.monitor_id = m.id
      WHERE m.workspace_id = $1) monitors)"};

const pg::Statement kSlowest{"overview_slowest",
                             "SELECT m.id, m.name, " SHOWN_STATE R"(::smallint, f.p50_24h_us, f.p95_24h_us
FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id
JOIN app.monitor_figures f ON f.monitor_id = m.id
WHERE m.workspace_id = $1 AND f.p95_24h_us IS NOT NULL
ORDER BY f.p95_24h_us DESC, m.id LIMIT $2)"};

const pg::Statement kFailures{"overview_failures", "SELECT m.id, m.name, " SHOWN_STATE R"(::smallint,
  g.name, r.job_id, r.slot, r.worker_id, )" RESULT_COLUMNS R"(
FROM (SELECT f.monitor_id, f.last_failed_slot, f.last_failed_job_id
      FROM app.monitor_figures f JOIN app.monitors m ON m.id = f.monitor_id
      WHERE m.workspace_id = $1 AND f.last_failed_slot > now() - interval '24 h'
      ORDER BY f.last_failed_slot DESC, f.monitor_id LIMIT $2) f
JOIN app.monitors m ON m.id = f.monitor_id JOIN app.monitor_current c ON c.monitor_id = m.id
JOIN ts.results_raw r ON r.slot = f.last_failed_slot AND r.job_id = f.last_failed_job_id
JOIN app.regions g ON g.id = r.region_id
ORDER BY r.slot DESC, m.id)"};

const pg::Statement kRegions{"overview_regions", R"(
SELECT g.name,
  (SELECT count(*) FROM app.workers w WHERE )" ONLINE R"( AND (w.region_id = g.id OR g.name = 'global')),
  coalesce(h.ok, 0), coalesce(h.failed, 0), h.latest
FROM app.regions g
LEFT JOIN (
  SELECT region_id, sum(ok) FILTER (WHERE minute >= now() - interval '1 h') AS ok,
    sum(failed) FILTER (WHERE minute >= now() - interval '1 h') AS failed, max(minute) AS latest
  FROM app.region_minutes WHERE workspace_id = $1 AND minute > now() - interval '24 h'
  GROUP BY region_id) h ON h.region_id = g.id
WHERE EXISTS (SELECT FROM app.monitors m JOIN app.monitor_regions j ON j.monitor_id = m.id
              WHERE m.workspace_id = $1 AND j.region_id = g.id)
ORDER BY g.name)"};

Overview read_overview(const pg::Row& row) {
  const auto number = [&row](int column) { return row.get<std::int64_t>(column); };
  return Overview{number(0), number(1), number(2), number(3), number(4), number(5),
                  number(6), number(7), number(8), number(9), number(10)};
}

domain::MonitorState read_state(const pg::Row& row, int column) {
  return static_cast<domain::MonitorState>(row.get<std::int16_t>(column));
}

}  // namespace

asio::awaitable<Overview> overview(pg::Pool& pool, std::int64_t workspace_id) {
  const pg::Rows rows = co_await pool.query(kOverview, pg::bind(workspace_id));
  co_return read_overview(rows[0]);
}

asio::awaitable<Highlights> highlights(pg::Pool& pool, std::int64_t workspace_id, std::size_t most) {
  const auto limit = static_cast<std::int64_t>(most);
  std::vector<pg::Query> queries;
  queries.push_back({&kOverview, pg::bind(workspace_id)});
  queries.push_back({&kSlowest, pg::bind(workspace_id, limit)});
  queries.push_back({&kFailures, pg::bind(workspace_id, limit)});
  queries.push_back({&kRegions, pg::bind(workspace_id)});
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
  Highlights highlights;
  highlights.overview = read_overview(results[0][0]);
  for (const pg::Row row : results[1]) {
    highlights.slowest.push_back({row.get<std::int64_t>(0), row.get<std::string>(1), read_state(row, 2),
                                  Microseconds{row.get<std::int32_t>(3)},
                                  Microseconds{row.get<std::int32_t>(4)}});
  }
  for (const pg::Row row : results[2]) {
    highlights.recent_failures.push_back(
        {row.get<std::int64_t>(0),
         row.get<std::string>(1),
         read_state(row, 2),
         row.get<std::string>(3),
         {row.get<std::int64_t>(4), row.get<Instant>(5), row.get<std::int32_t>(6), read_check(row, 7)}});
  }
  for (const pg::Row row : results[3]) {
    highlights.regions.push_back({row.get<std::string>(0), row.get<std::int64_t>(1), row.get<std::int64_t>(2),
                                  row.get<std::int64_t>(3), row.get<std::optional<Instant>>(4)});
  }
  co_return highlights;
}

}  // namespace openseer::store
