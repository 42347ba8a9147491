#include "store/monitor_views.h"

#include "pg/pool.h"
#include "store/result_columns.h"
#include "store/shown_state.h"

namespace openseer::store {
namespace {

#define STATE_SINCE \
  "(CASE " SHOWN_STATE " WHEN 6 THEN m.updated_at WHEN 5 THEN " FRESH_UNTIL " ELSE c.state_since END)"

#define MONITORS " FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id"
#define IN_WORKSPACE " WHERE m.workspace_id = $1"
// ListFilter as $2 to $5.
#define MATCHES                                                                                       \
  " AND ($2 = '' OR strpos(lower(m.name), lower($2)) > 0 OR strpos(lower(m.url), lower($2)) > 0)"     \
  " AND (cardinality($3::smallint[]) = 0 OR " SHOWN_STATE                                             \
  " = ANY ($3::smallint[]))"                                                                          \
  " AND (cardinality($4::text[]) = 0 OR m.tags && $4::text[])"                                        \
  " AND (cardinality($5::text[]) = 0 OR EXISTS (SELECT FROM app.monitor_regions j JOIN app.regions g" \
  " ON g.id = j.region_id WHERE j.monitor_id = m.id AND g.name = ANY ($5::text[])))"

// What a page's rows have in common. The figures and the latest result, which comes
// whole from ts.results_raw by its key, are read for the monitors of the page only.
#define PAGE(first, second, join, rest)                                                        \
  "SELECT p.id, p.name, p.url, p.every, p.state::smallint, p.since,"                           \
  " coalesce(f.ok_24h, 0), coalesce(f.failed_24h, 0), coalesce(f.missed_24h, 0),"              \
  " f.p50_24h_us, f.p95_24h_us, f.p99_24h_us, f.base, f.packed, now(), p.tags,"                \
  " ARRAY(SELECT g.name FROM app.monitor_regions j JOIN app.regions g ON g.id = j.region_id"   \
  " WHERE j.monitor_id = p.id ORDER BY g.name), p.first, p.second,"                            \
  " g.name, r.slot, r.worker_id, " RESULT_COLUMNS                                              \
  " FROM (SELECT m.id, m.name, m.url, m.every, m.tags, " SHOWN_STATE " AS state, " STATE_SINCE \
  " AS since, c.last_slot, c.last_job_id, " first "::bigint AS first, " second                 \
  "::bigint AS second" MONITORS join IN_WORKSPACE rest                                         \
  ") p"                                                                                        \
  " LEFT JOIN app.monitor_figures f ON f.monitor_id = p.id"                                    \
  " LEFT JOIN ts.results_raw r ON r.slot = p.last_slot AND r.job_id = p.last_job_id"           \
  " LEFT JOIN app.regions g ON g.id = r.region_id"

// The first page's cursor is before every name.
const pg::Statement kByName{
    "monitors_by_name",
    PAGE("0", "0", "",
         MATCHES
         " AND (m.name, m.id) > ($6, $7::bigint) ORDER BY m.name, m.id LIMIT $8") " ORDER BY p.name, p.id"};
#define SORTED(first, second, join)                                              \
  PAGE(first, second, join,                                                      \
       MATCHES " AND (" first "::bigint, " second                                \
               "::bigint, m.id) > ($6::bigint, $7::bigint, $8::bigint)"          \
               " ORDER BY " first "::bigint, " second "::bigint, m.id LIMIT $9") \
  " ORDER BY p.first, p.second, p.id"
#define WITH_FIGURES " LEFT JOIN app.monitor_figures d ON d.monitor_id = m.id"
const pg::Statement kByState{"monitors_by_state",
                             SORTED("array_position(ARRAY[4, 3, 5, 1, 2, 6], " SHOWN_STATE ")",
                                    "-(extract(epoch FROM " STATE_SINCE ") * 1000000)", "")};
const pg::Statement kByUptime{
    "monitors_by_uptime",
    SORTED("coalesce(d.ok_24h * 1000000 / nullif(d.ok_24h + d.failed_24h, 0), 2000000)", "0", WITH_FIGURES)};
const pg::Statement kBySlowest{"monitors_by_slowest",
                               SORTED("coalesce(-d.p95_24h_us, 1)", "0", WITH_FIGURES)};
const pg::Statement kByCreated{"monitors_by_created", SORTED("-m.id", "0", "")};

const pg::Statement kCount{"monitors_count", "SELECT count(*)" MONITORS IN_WORKSPACE MATCHES};
const pg::Statement kByIds{"monitors_by_ids", PAGE("0", "0", "", " AND m.id = ANY ($2::bigint[])")};

const pg::Statement kWithoutData{"monitors_without_data", R"(
SELECT m.id FROM app.monitors m JOIN app.monitor_current c ON c.monitor_id = m.id
WHERE m.workspace_id = $1 AND )" SHOWN_STATE " = 5 LIMIT $2"};

const pg::Statement kExistAll{"monitors_exist_all", R"(
SELECT count(*) = cardinality($2::bigint[]) FROM app.monitors WHERE workspace_id = $1 AND id = ANY ($2::bigint[]))"};
const pg::Statement kExists{"monitors_exists",
                            "SELECT FROM app.monitors WHERE workspace_id = $1 AND id = $2"};

std::optional<Microseconds> read_us(const pg::Row& row, int column) {
  const auto value = row.get<std::optional<std::int32_t>>(column);
  return value ? std::optional(Microseconds{*value}) : std::nullopt;
}

std::optional<LastResult> read_result(const pg::Row& row, int first) {
  const auto region = row.get<std::optional<std::string>>(first);
  if (!region) return std::nullopt;
  return LastResult{*region, row.get<Instant>(first + 1), row.get<std::int32_t>(first + 2),
                    read_check(row, first + 3)};
}

// base, packed, now
void read_day(const pg::Row& row, int first, MonitorSummary& summary) {
  const auto base = row.get<std::optional<Instant>>(first);
  if (!base) return;
  const auto figures = domain::MonitorFigures::unpack(row.get<pg::Bytes>(first + 1).data);
  if (!figures) return;
  const auto hours = domain::hours_at(*figures, *base, row.get<Instant>(first + 2));
  summary.hours.assign(hours.begin(), hours.end());
  summary.recent_us = figures->recent_us;
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
    summary.p50_24h = read_us(row, 9);
    summary.p95_24h = read_us(row, 10);
    summary.p99_24h = read_us(row, 11);
    read_day(row, 12, summary);
    summary.tags = row.get<std::vector<std::string>>(15);
    summary.regions = row.get<std::vector<std::string>>(16);
    summary.cursor = {summary.name, row.get<std::int64_t>(17), row.get<std::int64_t>(18), summary.id};
    summary.last_result = read_result(row, 19);
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

const pg::Statement& sorted_statement(ListOrder order) {
  switch (order) {
    case ListOrder::kName:
      return kByName;
    case ListOrder::kState:
      return kByState;
    case ListOrder::kUptime:
      return kByUptime;
    case ListOrder::kSlowest:
      return kBySlowest;
    case ListOrder::kCreated:
      return kByCreated;
  }
  std::abort();
}

}  // namespace

asio::awaitable<MonitorPage> list_monitors(pg::Pool& pool, std::int64_t workspace_id, ListFilter filter,
                                           ListOrder order, ListCursor after, std::size_t limit) {
  std::vector<std::int16_t> states;
  for (const domain::MonitorState state : filter.states) states.push_back(static_cast<std::int16_t>(state));
  const pg::Params matching = pg::bind(workspace_id, filter.search, states, filter.tags, filter.regions);
  pg::Params page = matching;
  const auto count = static_cast<std::int64_t>(limit);
  const pg::Params place = order == ListOrder::kName ? pg::bind(after.name, after.id, count)
                                                     : pg::bind(after.first, after.second, after.id, count);
  page.insert(page.end(), place.begin(), place.end());
  std::vector<pg::Query> queries;
  queries.push_back({&sorted_statement(order), std::move(page)});
  queries.push_back({&kCount, matching});
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
  co_return MonitorPage{read_summaries(results[0]), results[1][0].get<std::int64_t>(0)};
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

asio::awaitable<bool> monitors_exist(pg::Pool& pool, std::int64_t workspace_id,
                                     std::vector<std::int64_t> ids) {
  const pg::Rows rows = co_await pool.query(kExistAll, pg::bind(workspace_id, ids));
  co_return rows[0].get<bool>(0);
}

}  // namespace openseer::store
