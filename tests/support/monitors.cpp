#include "support/monitors.h"

#include <deque>

#include "domain/slots.h"

namespace openseer::test {
namespace {

const pg::Statement kWorker{"test_worker", R"(
WITH r AS (INSERT INTO app.regions (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id)
INSERT INTO app.workers (name, region_id, certificate_expires_at)
SELECT 'w', id, now() + interval '1 day' FROM r RETURNING id)"};

const pg::Statement kMonitor{"test_monitor", R"(
WITH w AS (INSERT INTO app.workspaces (name) VALUES ('test') RETURNING id),
m AS (INSERT INTO app.monitors (workspace_id, name, url, method, every, timeout_ms, max_redirects)
      SELECT id, 'test', 'http://localhost/', 1, $1, 1000, 10 FROM w RETURNING id, workspace_id),
c AS (INSERT INTO app.monitor_current (monitor_id, workspace_id) SELECT id, workspace_id FROM m)
SELECT workspace_id, id FROM m)"};

const pg::Statement kJob{"test_job", R"(
WITH r AS (INSERT INTO app.regions (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id),
mr AS (INSERT INTO app.monitor_regions (monitor_id, region_id) SELECT $2, id FROM r RETURNING job_id, region_id),
j AS (INSERT INTO app.jobs (id, monitor_id, workspace_id, region_id, every, origin, scheduled_at, next_attempt_at, spec_version)
      SELECT job_id, $2, $3, region_id, $4, $5, $6, $6, 1 FROM mr RETURNING *)
INSERT INTO app.job_epochs (job_id, monitor_id, region_id, first_slot, every, origin)
SELECT id, monitor_id, region_id, scheduled_at, every, origin FROM j RETURNING job_id, first_slot)"};

const pg::Statement kEpoch{"test_epoch", R"(
SELECT every, origin, first_slot FROM app.job_epochs WHERE job_id = $1 AND until IS NULL)"};

const pg::Statement kNow{"test_now", "SELECT now()"};

PlantedJob plant(Loop& loop, pg::Pool& pool, std::int64_t workspace, std::int64_t monitor,
                 const std::string& region, Microseconds interval, Instant origin, Instant first) {
  const pg::Rows job =
      loop.run(pool.query(kJob, pg::bind(region, monitor, workspace, interval, origin, first)));
  return {workspace, monitor, job[0].get<std::int64_t>(0), job[0].get<Instant>(1)};
}

}  // namespace

std::int32_t plant_worker(Loop& loop, pg::Pool& pool, const std::string& region) {
  return loop.run(pool.query(kWorker, pg::bind(region)))[0].get<std::int32_t>(0);
}

PlantedJob plant_job(Loop& loop, pg::Pool& pool, const std::string& region, Seconds interval,
                     Microseconds age) {
  const Instant now = loop.run(pool.query(kNow))[0].get<Instant>(0);
  const pg::Rows monitor = loop.run(pool.query(kMonitor, pg::bind(interval)));
  const auto workspace_id = monitor[0].get<std::int64_t>(0);
  const auto monitor_id = monitor[0].get<std::int64_t>(1);
  const Instant origin = domain::grid_origin(monitor_id, interval);
  return plant(loop, pool, workspace_id, monitor_id, region, interval, origin, now - age);
}

PlantedJob plant_sibling(Loop& loop, pg::Pool& pool, const PlantedJob& job, const std::string& region) {
  const pg::Rows epoch = loop.run(pool.query(kEpoch, pg::bind(job.job_id)));
  return plant(loop, pool, job.workspace_id, job.monitor_id, region, epoch[0].get<Microseconds>(0),
               epoch[0].get<Instant>(1), epoch[0].get<Instant>(2));
}

pg::Rows run_sql(Loop& loop, pg::Pool& pool, const std::string& sql) {
  // Prepared statements live as long as the program; so do these texts.
  static std::deque<std::string> texts;
  static std::deque<std::unique_ptr<pg::Statement>> statements;
  texts.push_back(sql);
  texts.push_back("test_sql_" + std::to_string(texts.size()));
  const std::size_t last = texts.size();
  statements.push_back(std::make_unique<pg::Statement>(texts[last - 1].c_str(), texts[last - 2].c_str()));
  return loop.run(pool.query(*statements.back()));
}

std::int64_t count_sql(Loop& loop, pg::Pool& pool, const std::string& sql) {
  return run_sql(loop, pool, sql)[0].get<std::int64_t>(0);
}

}  // namespace openseer::test
