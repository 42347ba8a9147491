#include "store/current.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kClaim{"current_claim", R"(
UPDATE app.monitor_current SET stats_at = now()
WHERE monitor_id = ANY (ARRAY(
  SELECT monitor_id FROM app.monitor_current
  WHERE last_result_at IS NOT NULL AND (stats_at IS NULL
    OR (last_result_at > stats_at AND stats_at < now() - interval '5 s')
    OR stats_at < now() - interval '10 min')
  ORDER BY stats_at NULLS FIRST LIMIT $1 FOR UPDATE SKIP LOCKED))
RETURNING monitor_id, workspace_id)"};

const pg::Statement kSet{"current_set", R"(
UPDATE app.monitor_current
SET ok_24h = $2, failed_24h = $3, missed_24h = $4, p50_24h_us = $5, p95_24h_us = $6, p99_24h_us = $7, recent_us = $8
WHERE monitor_id = $1)"};

const pg::Statement kNotify{"current_notify", "SELECT pg_notify('openseer_monitors', $1)"};

std::optional<std::int32_t> count_us(std::optional<Microseconds> value) {
  if (!value) return std::nullopt;
  return static_cast<std::int32_t>(value->count());
}

}  // namespace

asio::awaitable<std::vector<StaleMonitor>> claim_stale_monitors(pg::Pool& pool, std::size_t limit) {
  const pg::Rows rows = co_await pool.query(kClaim, pg::bind(static_cast<std::int64_t>(limit)));
  std::vector<StaleMonitor> monitors;
  for (const pg::Row row : rows) monitors.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1)});
  co_return monitors;
}

asio::awaitable<void> set_current_figures(pg::Pool& pool, StaleMonitor monitor,
                                          const CurrentFigures& figures) {
  std::vector<pg::Query> queries;
  queries.push_back(
      {&kSet, pg::bind(monitor.monitor_id, figures.ok, figures.failed, figures.missed, count_us(figures.p50),
                       count_us(figures.p95), count_us(figures.p99), figures.recent_us)});
  queries.push_back(
      {&kNotify, pg::bind(std::to_string(monitor.workspace_id) + ":" + std::to_string(monitor.monitor_id))});
  co_await pool.pipeline(std::move(queries));
}

}  // namespace openseer::store
