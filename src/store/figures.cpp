#include "store/figures.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

// Each result has one epoch, which tells whose it is.
const pg::Statement kOpenResults{"figures_open_results", R"(
DECLARE figure_results NO SCROLL CURSOR FOR
SELECT e.monitor_id, r.job_id, r.slot, r.outcome <> 2, r.total_us, m.workspace_id, r.region_id
FROM ts.results_raw r
JOIN app.job_epochs e ON e.job_id = r.job_id AND r.slot >= e.first_slot AND r.slot < coalesce(e.until, 'infinity')
JOIN app.monitors m ON m.id = e.monitor_id
WHERE r.slot >= $1 AND r.slot < $2 AND e.first_slot < $2 AND coalesce(e.until, 'infinity') > $1
ORDER BY e.monitor_id, r.slot)"};
const pg::Statement kFetchResults{"figures_fetch_results", "FETCH 5000 FROM figure_results"};
const pg::Statement kCloseResults{"figures_close_results", "CLOSE figure_results"};

// Written gaps that reach into the span, and jobs that stand before its end.
const pg::Statement kWithGaps{"figures_with_gaps", R"(
SELECT m.id, m.workspace_id FROM app.monitors m WHERE m.id IN (
  SELECT monitor_id FROM ts.gaps WHERE until > $1 AND first_slot < $2
  UNION
  SELECT monitor_id FROM app.jobs
  WHERE next_attempt_at < 'infinity' AND coalesce(gap_from, scheduled_at) < $2))"};

const pg::Statement kToRebase{"figures_to_rebase", R"(
SELECT m.id, m.workspace_id,
  (SELECT f.base FROM app.monitor_figures f WHERE f.monitor_id = m.id) IS DISTINCT FROM $1
FROM app.monitors m WHERE m.id > $2 ORDER BY m.id LIMIT $3)"};

const pg::Statement kLoad{"figures_load", R"(
SELECT f.monitor_id, m.workspace_id, f.base, f.packed, f.last_failed_slot, f.last_failed_job_id
FROM app.monitor_figures f JOIN app.monitors m ON m.id = f.monitor_id WHERE f.monitor_id = ANY ($1::bigint[]))"};

const pg::Statement kPut{"figures_put", R"(
INSERT INTO app.monitor_figures AS f (monitor_id, base, packed, ok_24h, failed_24h, missed_24h, p50_24h_us,
  p95_24h_us, p99_24h_us, last_failed_slot, last_failed_job_id)
SELECT n.* FROM unnest($1::bigint[], $2::timestamptz[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bigint[],
  $7::integer[], $8::integer[], $9::integer[], $10::timestamptz[], $11::bigint[]) AS n (monitor_id)
JOIN app.monitors m ON m.id = n.monitor_id
ORDER BY n.monitor_id FOR KEY SHARE OF m
ON CONFLICT (monitor_id) DO UPDATE SET base = excluded.base, packed = excluded.packed, ok_24h = excluded.ok_24h,
  failed_24h = excluded.failed_24h, missed_24h = excluded.missed_24h, p50_24h_us = excluded.p50_24h_us,
  p95_24h_us = excluded.p95_24h_us, p99_24h_us = excluded.p99_24h_us,
  last_failed_slot = excluded.last_failed_slot, last_failed_job_id = excluded.last_failed_job_id)"};

// A payload holds 8000 bytes: 190 pairs of the longest numbers.
const pg::Statement kNotify{"figures_notify", R"(
SELECT pg_notify('openseer_monitors', string_agg(workspace_id || ':' || monitor_id, ','))
FROM (SELECT *, row_number() OVER () / 190 AS part
      FROM unnest($1::bigint[], $2::bigint[]) AS n (monitor_id, workspace_id)) parts
GROUP BY part)"};

const pg::Statement kRegionMinutes{"figures_region_minutes", R"(
INSERT INTO app.region_minutes (workspace_id, region_id, minute, ok, failed)
SELECT n.* FROM unnest($1::bigint[], $2::smallint[], $3::timestamptz[], $4::integer[], $5::integer[]) AS n (workspace_id)
JOIN app.workspaces w ON w.id = n.workspace_id
ORDER BY 1, 2, 3 FOR KEY SHARE OF w
ON CONFLICT (workspace_id, region_id, minute) DO UPDATE SET ok = excluded.ok, failed = excluded.failed)"};

std::vector<FigureMonitor> read_monitors(const pg::Rows& rows) {
  std::vector<FigureMonitor> monitors;
  for (const pg::Row row : rows) monitors.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1)});
  return monitors;
}

std::optional<std::int32_t> in_us(std::optional<Microseconds> value) {
  if (!value) return std::nullopt;
  return static_cast<std::int32_t>(value->count());
}

}  // namespace

asio::awaitable<void> open_figure_results(pg::Transaction& tx, Instant from, Instant to) {
  co_await tx.query(kOpenResults, pg::bind(from, to));
}

asio::awaitable<std::vector<FigureResult>> next_figure_results(pg::Transaction& tx) {
  const pg::Rows rows = co_await tx.query(kFetchResults, {});
  if (rows.empty()) co_await tx.query(kCloseResults, {});
  std::vector<FigureResult> results;
  results.reserve(rows.size());
  for (const pg::Row row : rows) {
    results.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Instant>(2),
                       row.get<bool>(3), Microseconds{row.get<std::int32_t>(4)}, row.get<std::int64_t>(5),
                       row.get<std::int16_t>(6)});
  }
  co_return results;
}

asio::awaitable<std::vector<FigureMonitor>> monitors_with_gaps(pg::Transaction& tx, Instant from,
                                                               Instant to) {
  const pg::Rows rows = co_await tx.query(kWithGaps, pg::bind(from, to));
  co_return read_monitors(rows);
}

asio::awaitable<MonitorsToRebase> monitors_to_rebase(pg::Transaction& tx, Instant base, std::int64_t after,
                                                     std::size_t limit) {
  const pg::Rows rows = co_await tx.query(kToRebase, pg::bind(base, after, static_cast<std::int64_t>(limit)));
  MonitorsToRebase found;
  for (const pg::Row row : rows) {
    found.last = row.get<std::int64_t>(0);
    if (row.get<bool>(2)) found.monitors.push_back({*found.last, row.get<std::int64_t>(1)});
  }
  co_return found;
}

asio::awaitable<std::vector<StoredFigures>> load_figures(pg::Transaction& tx,
                                                         std::vector<std::int64_t> monitor_ids) {
  const pg::Rows rows = co_await tx.query(kLoad, pg::bind(monitor_ids));
  std::vector<StoredFigures> all;
  all.reserve(rows.size());
  for (const pg::Row row : rows) {
    std::optional<domain::MonitorFigures> figures =
        domain::MonitorFigures::unpack(row.get<pg::Bytes>(3).data);
    if (!figures) continue;
    all.push_back({row.get<std::int64_t>(0),
                   row.get<std::int64_t>(1),
                   row.get<Instant>(2),
                   std::move(*figures),
                   {},
                   row.get<std::optional<Instant>>(4),
                   row.get<std::optional<std::int64_t>>(5)});
  }
  co_return all;
}

asio::awaitable<void> put_figures(pg::Transaction& tx, std::vector<StoredFigures> figures) {
  if (figures.empty()) co_return;
  std::vector<std::int64_t> monitors, workspaces, ok, failed, missed;
  std::vector<Instant> bases;
  std::vector<pg::Bytes> packed;
  std::vector<std::optional<std::int32_t>> p50, p95, p99;
  std::vector<std::optional<Instant>> failed_slots;
  std::vector<std::optional<std::int64_t>> failed_jobs;
  for (const StoredFigures& one : figures) {
    monitors.push_back(one.monitor_id);
    workspaces.push_back(one.workspace_id);
    bases.push_back(one.base);
    packed.push_back({one.figures.pack()});
    ok.push_back(one.day.ok);
    failed.push_back(one.day.failed);
    missed.push_back(one.day.missed);
    p50.push_back(in_us(one.day.p50));
    p95.push_back(in_us(one.day.p95));
    p99.push_back(in_us(one.day.p99));
    failed_slots.push_back(one.last_failed_slot);
    failed_jobs.push_back(one.last_failed_job_id);
  }
  std::vector<pg::Query> queries;
  queries.push_back({&kPut, pg::bind(monitors, bases, packed, ok, failed, missed, p50, p95, p99, failed_slots,
                                     failed_jobs)});
  queries.push_back({&kNotify, pg::bind(monitors, workspaces)});
  co_await tx.pipeline(std::move(queries));
}

asio::awaitable<void> put_region_minutes(pg::Transaction& tx, RegionMinutes counted) {
  if (counted.empty()) co_return;
  std::vector<std::int64_t> workspaces;
  std::vector<std::int16_t> regions;
  std::vector<Instant> minutes;
  std::vector<std::int32_t> ok, failed;
  for (const auto& [key, counts] : counted) {
    workspaces.push_back(key.workspace_id);
    regions.push_back(key.region_id);
    minutes.push_back(key.minute);
    ok.push_back(counts.ok);
    failed.push_back(counts.failed);
  }
  co_await tx.query(kRegionMinutes, pg::bind(workspaces, regions, minutes, ok, failed));
}

}  // namespace openseer::store
