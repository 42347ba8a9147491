#include "store/monitor_views.h"

#include "pg/pool.h"
#include "store/result_columns.h"

namespace openseer::store {
namespace {

// Until when results count as coming: two intervals and what one check may take
// after the latest result, or after a change, which is due at once.
#define FRESH_UNTIL                                                                          \
  "(greatest(c.last_result_at, m.updated_at) + 2 * m.every + m.timeout_ms * interval '1 ms'" \
  " + interval '30 s')"

// domain/state.h's numbers.
#define SHOWN_STATE                                                                   \
  "(CASE WHEN m.paused THEN 6 WHEN c.last_result_at IS NULL THEN 1 WHEN " FRESH_UNTIL \
  " < now() THEN 5 ELSE c.state END)"

// The latest result comes whole from ts.results_raw, by its key.
#define SUMMARY                                                                               \
  "SELECT m.id, m.name, m.url, m.every, " SHOWN_STATE "::smallint, CASE " SHOWN_STATE         \
  " WHEN 6 THEN m.updated_at WHEN 5 THEN " FRESH_UNTIL                                        \
  " ELSE c.state_since END, c.ok_24h, c.failed_24h, c.missed_24h, c.p95_24h_us, c.recent_us," \
  " g.name, r.slot, r.worker_id, " RESULT_COLUMNS                                             \
  " FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id"                    \
  " LEFT JOIN ts.results_raw r ON r.slot = c.last_slot AND r.job_id = c.last_job_id"          \
  " LEFT JOIN app.regions g ON g.id = r.region_id"

const pg::Statement kFirstPage{"monitors_first_page", SUMMARY R"(
WHERE m.workspace_id = $1 ORDER BY m.name, m.id LIMIT $2)"};
const pg::Statement kNextPage{"monitors_next_page", SUMMARY R"(
WHERE m.workspace_id = $1 AND (m.name, m.id) > ($3, $4::bigint) ORDER BY m.name, m.id LIMIT $2)"};
const pg::Statement kByIds{"monitors_by_ids", SUMMARY R"(
WHERE m.workspace_id = $1 AND m.id = ANY ($2::bigint[]))"};

const pg::Statement kWithoutData{"monitors_without_data", R"(
SELECT m.id FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id
WHERE m.workspace_id = $1 AND )" SHOWN_STATE " = 5 LIMIT $2"};

const pg::Statement kExists{"monitors_exists",
                            "SELECT FROM app.monitors WHERE workspace_id = $1 AND id = $2"};

const pg::Statement kOverview{"monitors_overview", R"(
SELECT count(*), count(*) FILTER (WHERE state = 2), count(*) FILTER (WHERE state = 3),
  count(*) FILTER (WHERE state = 4), count(*) FILTER (WHERE state = 5), count(*) FILTER (WHERE state = 6),
  count(*) FILTER (WHERE state = 1), coalesce(sum(ok_24h), 0)::bigint, coalesce(sum(failed_24h), 0)::bigint,
  (SELECT count(*) FROM app.workers WHERE revoked_at IS NULL AND last_seen_at > now() - interval '30 s')
FROM (SELECT )" SHOWN_STATE R"( AS state, c.ok_24h, c.failed_24h
      FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id
      WHERE m.workspace_id = $1) monitors)"};

std::optional<LastResult> read_result(const pg::Row& row) {
  const auto region = row.get<std::optional<std::string>>(11);
  if (!region) return std::nullopt;
  return LastResult{*region, row.get<Instant>(12), row.get<std::int32_t>(13), read_check(row, 14)};
}

std::vector<MonitorSummary> read_summaries(const pg::Rows& rows) {
  std::vector<MonitorSummary> summaries;
  summaries.reserve(rows.size());
  for (const pg::Row row : rows) {
    MonitorSummary summary;
    summary.id = row.get<std::int64_t>(0);
    summary.name = row.get<std::string>(1);
    summary.url = row.get<std::string>(2);
    summary.interval = std::chrono::duration_cast<Seconds>(row.get<Microseconds>(3));
    summary.state = static_cast<domain::MonitorState>(row.get<std::int16_t>(4));
    summary.state_since = row.get<Instant>(5);
    summary.ok_24h = row.get<std::int64_t>(6);
    summary.failed_24h = row.get<std::int64_t>(7);
    summary.missed_24h = row.get<std::int64_t>(8);
    if (const auto p95 = row.get<std::optional<std::int32_t>>(9)) summary.p95_24h = Microseconds{*p95};
    summary.recent_us = row.get<std::vector<std::int32_t>>(10);
    summary.last_result = read_result(row);
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace

asio::awaitable<std::vector<MonitorSummary>> list_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                                           std::optional<ListCursor> after,
                                                           std::size_t limit) {
  const auto count = static_cast<std::int64_t>(limit);
  if (!after) {
    const pg::Rows rows = co_await pool.query(kFirstPage, pg::bind(workspace_id, count));
    co_return read_summaries(rows);
  }
  const pg::Rows rows = co_await pool.query(kNextPage, pg::bind(workspace_id, count, after->name, after->id));
  co_return read_summaries(rows);
}

asio::awaitable<std::vector<MonitorSummary>> find_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                                           std::vector<std::int64_t> ids) {
  const pg::Rows rows = co_await pool.query(kByIds, pg::bind(workspace_id, ids));
  co_return read_summaries(rows);
}

asio::awaitable<std::vector<std::int64_t>> list_without_data(pg::Pool& pool, std::int64_t workspace_id,
                                                             std::size_t limit) {
  const pg::Rows rows =
      co_await pool.query(kWithoutData, pg::bind(workspace_id, static_cast<std::int64_t>(limit)));
  std::vector<std::int64_t> ids;
  for (const pg::Row row : rows) ids.push_back(row.get<std::int64_t>(0));
  co_return ids;
}

asio::awaitable<bool> monitor_exists(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id) {
  const pg::Rows rows = co_await pool.query(kExists, pg::bind(workspace_id, monitor_id));
  co_return !rows.empty();
}

asio::awaitable<Overview> overview(pg::Pool& pool, std::int64_t workspace_id) {
  const pg::Rows rows = co_await pool.query(kOverview, pg::bind(workspace_id));
  const pg::Row row = rows[0];
  const auto number = [&row](int column) { return row.get<std::int64_t>(column); };
  co_return Overview{number(0), number(1), number(2), number(3), number(4),
                     number(5), number(6), number(7), number(8), number(9)};
}

}  // namespace openseer::store
