#include "store/monitors.h"

#include "domain/slots.h"
#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/spec_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kInsert{"monitors_insert", R"(
INSERT INTO app.monitors (workspace_id, name, url, method, every, timeout_ms, header_names, header_values,
  header_sensitive, body_sealed, accepted_statuses, max_redirects, skip_tls_verification)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
RETURNING id, created_at)"};
const pg::Statement kInsertCurrent{"monitors_insert_current", R"(
INSERT INTO app.monitor_current (monitor_id, workspace_id, state_since) VALUES ($1, $2, $3))"};

const pg::Statement kUpdate{"monitors_update", R"(
UPDATE app.monitors SET name = $2, url = $3, method = $4, every = $5, timeout_ms = $6, header_names = $7,
  header_values = $8, header_sensitive = $9, body_sealed = $10, accepted_statuses = $11, max_redirects = $12,
  skip_tls_verification = $13, spec_version = spec_version + 1, updated_at = $15
WHERE workspace_id = $1 AND id = $14)"};
const pg::Statement kSetPaused{"monitors_set_paused", R"(
UPDATE app.monitors SET paused = $3, updated_at = $4 WHERE workspace_id = $1 AND id = $2)"};
const pg::Statement kDelete{"monitors_delete",
                            "DELETE FROM app.monitors WHERE workspace_id = $1 AND id = $2"};

// Rows are locked in one order everywhere: the monitor, its jobs by id, its
// monitor_current.
const pg::Statement kLockMonitor{"monitors_lock", R"(
SELECT paused, every FROM app.monitors WHERE workspace_id = $1 AND id = $2 FOR UPDATE)"};
const pg::Statement kLockJobs{"monitors_lock_jobs", R"(
SELECT FROM app.jobs WHERE monitor_id = $1 ORDER BY id FOR UPDATE)"};
const pg::Statement kLockCurrent{"monitors_lock_current", R"(
SELECT FROM app.monitor_current WHERE monitor_id = $1 FOR UPDATE)"};

// The instant of a change: read after the jobs are locked, so that it is later
// than anything committed to them, even if the clock has been set back.
const pg::Statement kInstant{"monitors_change_instant", R"(
SELECT greatest(clock_timestamp(), max(last_slot) + interval '1 us') FROM app.jobs WHERE monitor_id = $1)"};

// Ends the running epochs before their latest slot and writes down what was missed.
const pg::Statement kEndEpochs{"monitors_end_epochs", R"(
WITH running AS MATERIALIZED (
  SELECT id, region_id, coalesce(gap_from, scheduled_at) AS missed_from,
         greatest(scheduled_at, date_bin(every, $2, origin)) AS latest
  FROM app.jobs WHERE monitor_id = $1 AND next_attempt_at < 'infinity'
), missed AS (
  INSERT INTO ts.gaps (job_id, first_slot, until, monitor_id, region_id)
  SELECT id, missed_from, latest, $1, region_id FROM running WHERE missed_from < latest
), never_ran AS (
  DELETE FROM app.job_epochs e USING running r
  WHERE e.monitor_id = $1 AND e.job_id = r.id AND e.until IS NULL AND e.first_slot >= r.latest
)
UPDATE app.job_epochs e SET until = r.latest FROM running r
WHERE e.monitor_id = $1 AND e.job_id = r.id AND e.until IS NULL AND e.first_slot < r.latest)"};

const pg::Statement kRemoveJobs{"monitors_remove_jobs", R"(
DELETE FROM app.jobs WHERE monitor_id = $1
  AND region_id <> ALL (ARRAY(SELECT id FROM app.regions WHERE name = ANY ($2::text[]))))"};
const pg::Statement kAddJobs{"monitors_add_jobs", R"(
INSERT INTO app.jobs (monitor_id, workspace_id, region_id, every, origin, scheduled_at, next_attempt_at, spec_version,
  lane, retries, retry_pause, attempt_time)
SELECT m.id, m.workspace_id, r.id, m.every, $3, $4, $4, m.spec_version,
  CASE WHEN others.count <= 100 THEN 0 WHEN others.count <= 1000 THEN 1 WHEN others.count <= 10000 THEN 2 ELSE 3 END,
  m.retry_count, m.retry_pause_ms * interval '1 ms', m.timeout_ms * interval '1 ms'
FROM app.monitors m JOIN app.regions r ON r.name = ANY ($2::text[]) CROSS JOIN LATERAL (
  SELECT count(*) FROM (SELECT FROM app.monitors WHERE workspace_id = m.workspace_id LIMIT 10001) counted) others
WHERE m.id = $1
ON CONFLICT (monitor_id, region_id) DO NOTHING)"};

// Every job of the monitor takes its present specification and is due at $2, or
// never while it is paused. Whatever lease there was is over.
const pg::Statement kRestartJobs{"monitors_restart_jobs", R"(
UPDATE app.jobs j SET
  every = m.every, origin = $3, spec_version = m.spec_version, scheduled_at = $2,
  next_attempt_at = CASE WHEN m.paused THEN 'infinity'::timestamptz ELSE $2 END,
  retries = m.retry_count, retry_pause = m.retry_pause_ms * interval '1 ms',
  attempt_time = m.timeout_ms * interval '1 ms', attempts = 0, tried_by = NULL, steady = false,
  lease_token = j.lease_token + 1, leased_by = NULL, gap_from = NULL
FROM app.monitors m WHERE m.id = $1 AND j.monitor_id = m.id)"};

const pg::Statement kBeginEpochs{"monitors_begin_epochs", R"(
INSERT INTO app.job_epochs (job_id, monitor_id, region_id, first_slot, every, origin)
SELECT id, monitor_id, region_id, scheduled_at, every, origin
FROM app.jobs WHERE monitor_id = $1 AND next_attempt_at < 'infinity')"};

// Slots from $1 on are new. If the clock was set back they may lie in buckets that
// are closed already: those are rolled up once more.
const pg::Statement kReopenBuckets{"monitors_reopen_buckets", R"(
UPDATE ts.rollup_progress
SET closed_until = date_trunc((ARRAY['minute', 'hour', 'day'])[level], $1::timestamptz, 'UTC')
WHERE level <= 3 AND closed_until > $1)"};

const pg::Statement kNotifyJobs{"monitors_notify_jobs", "SELECT pg_notify('openseer_jobs', '')"};
const pg::Statement kNotifyMonitor{"monitors_notify", R"(
SELECT pg_notify('openseer_monitors', $1::text || ':' || $2::text))"};

const pg::Statement kFindSpec{"monitors_find_spec", R"(
SELECT )" SPEC_COLUMNS R"(, created_at, updated_at,
       ARRAY(SELECT r.name FROM app.jobs j JOIN app.regions r ON r.id = j.region_id
             WHERE j.monitor_id = m.id ORDER BY r.name)
FROM app.monitors m WHERE workspace_id = $1 AND id = $2)"};

// Parameters $1 to $13 of insert and update.
pg::Params spec_params(const pki::SecretBox& secrets, std::int64_t workspace_id,
                       const domain::MonitorSpec& spec) {
  std::vector<std::string> names;
  std::vector<pg::Bytes> values;
  std::vector<bool> sensitive;
  for (const domain::Header& header : spec.headers) {
    names.push_back(header.name);
    values.push_back({secrets.seal(header.value, kHeaderContext)});
    sensitive.push_back(header.sensitive);
  }
  std::optional<pg::Bytes> body;
  if (!spec.body.empty()) body = pg::Bytes{secrets.seal(spec.body, kBodyContext)};
  std::vector<std::int32_t> statuses;
  for (const domain::StatusRange& range : spec.accepted_statuses) {
    statuses.push_back(range.first);
    statuses.push_back(range.last);
  }
  return pg::bind(workspace_id, spec.name, spec.url, spec.method, spec.interval,
                  static_cast<std::int32_t>(spec.timeout.count()), names, values, sensitive, body, statuses,
                  static_cast<std::int16_t>(spec.max_redirects), spec.tls.skip_verification);
}

Seconds interval_of(const pg::Row& row, int column) {
  return std::chrono::duration_cast<Seconds>(row.get<Microseconds>(column));
}

asio::awaitable<void> notify_changed(pg::Transaction& tx, std::int64_t workspace_id,
                                     std::int64_t monitor_id) {
  co_await tx.query(kNotifyMonitor, pg::bind(std::to_string(workspace_id), std::to_string(monitor_id)));
  co_await tx.query(kNotifyJobs, {});
}

struct Locked {
  bool paused = false;
  Seconds interval{};
};

// Locks the monitor and its jobs; nothing when there is none.
asio::awaitable<std::optional<Locked>> lock_monitor(pg::Transaction& tx, std::int64_t workspace_id,
                                                    std::int64_t monitor_id) {
  const pg::Rows rows = co_await tx.query(kLockMonitor, pg::bind(workspace_id, monitor_id));
  if (rows.empty()) co_return std::nullopt;
  const Locked locked{rows[0].get<bool>(0), interval_of(rows[0], 1)};
  co_await tx.query(kLockJobs, pg::bind(monitor_id));
  co_return locked;
}

asio::awaitable<Instant> instant_of_change(pg::Transaction& tx, std::int64_t monitor_id) {
  const pg::Rows rows = co_await tx.query(kInstant, pg::bind(monitor_id));
  co_return rows[0].get<Instant>(0);
}

}  // namespace

asio::awaitable<std::int64_t> create_monitor(pg::Pool& pool, const pki::SecretBox& secrets,
                                             std::int64_t workspace_id, domain::MonitorSpec spec) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows created = co_await tx.query(kInsert, spec_params(secrets, workspace_id, spec));
  const auto id = created[0].get<std::int64_t>(0);
  const auto now = created[0].get<Instant>(1);
  const Instant origin = domain::grid_origin(id, spec.interval);
  co_await tx.query(kAddJobs, pg::bind(id, spec.regions, origin, now));
  co_await tx.query(kBeginEpochs, pg::bind(id));
  co_await tx.query(kReopenBuckets, pg::bind(now));
  co_await tx.query(kInsertCurrent, pg::bind(id, workspace_id, now));
  co_await notify_changed(tx, workspace_id, id);
  co_await tx.commit();
  co_return id;
}

asio::awaitable<bool> update_monitor(pg::Pool& pool, const pki::SecretBox& secrets, std::int64_t workspace_id,
                                     std::int64_t monitor_id, domain::MonitorSpec spec) {
  pg::Transaction tx = co_await pool.begin();
  const std::optional<Locked> found = co_await lock_monitor(tx, workspace_id, monitor_id);
  if (!found) {
    co_await tx.rollback();
    co_return false;
  }
  const Instant now = co_await instant_of_change(tx, monitor_id);
  const Instant origin = domain::grid_origin(monitor_id, spec.interval);
  co_await tx.query(kEndEpochs, pg::bind(monitor_id, now));
  pg::Params params = spec_params(secrets, workspace_id, spec);
  params.push_back(pg::param(monitor_id));
  params.push_back(pg::param(now));
  co_await tx.query(kUpdate, std::move(params));
  co_await tx.query(kRemoveJobs, pg::bind(monitor_id, spec.regions));
  co_await tx.query(kAddJobs, pg::bind(monitor_id, spec.regions, origin, now));
  co_await tx.query(kRestartJobs, pg::bind(monitor_id, now, origin));
  co_await tx.query(kBeginEpochs, pg::bind(monitor_id));
  co_await tx.query(kReopenBuckets, pg::bind(now));
  co_await notify_changed(tx, workspace_id, monitor_id);
  co_await tx.commit();
  co_return true;
}

namespace {

asio::awaitable<bool> set_paused(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                 bool paused) {
  pg::Transaction tx = co_await pool.begin();
  const std::optional<Locked> found = co_await lock_monitor(tx, workspace_id, monitor_id);
  if (!found || found->paused == paused) {
    co_await tx.rollback();
    co_return found.has_value();
  }
  const Instant now = co_await instant_of_change(tx, monitor_id);
  const Instant origin = domain::grid_origin(monitor_id, found->interval);
  if (paused) co_await tx.query(kEndEpochs, pg::bind(monitor_id, now));
  co_await tx.query(kSetPaused, pg::bind(workspace_id, monitor_id, paused, now));
  co_await tx.query(kRestartJobs, pg::bind(monitor_id, now, origin));
  if (!paused) {
    co_await tx.query(kBeginEpochs, pg::bind(monitor_id));
    co_await tx.query(kReopenBuckets, pg::bind(now));
  }
  co_await notify_changed(tx, workspace_id, monitor_id);
  co_await tx.commit();
  co_return true;
}

}  // namespace

asio::awaitable<bool> pause_monitor(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id) {
  return set_paused(pool, workspace_id, monitor_id, true);
}

asio::awaitable<bool> resume_monitor(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id) {
  return set_paused(pool, workspace_id, monitor_id, false);
}

asio::awaitable<bool> delete_monitor(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id) {
  pg::Transaction tx = co_await pool.begin();
  const std::optional<Locked> found = co_await lock_monitor(tx, workspace_id, monitor_id);
  if (!found) {
    co_await tx.rollback();
    co_return false;
  }
  co_await tx.query(kLockCurrent, pg::bind(monitor_id));
  co_await tx.query(kDelete, pg::bind(workspace_id, monitor_id));
  co_await notify_changed(tx, workspace_id, monitor_id);
  co_await tx.commit();
  co_return true;
}

asio::awaitable<std::optional<StoredSpec>> find_spec(pg::Pool& pool, const pki::SecretBox& secrets,
                                                     std::int64_t workspace_id, std::int64_t monitor_id) {
  const pg::Rows rows = co_await pool.query(kFindSpec, pg::bind(workspace_id, monitor_id));
  if (rows.empty()) co_return std::nullopt;
  StoredSpec stored{read_spec(secrets, rows[0], 0), rows[0].get<Instant>(12), rows[0].get<Instant>(13)};
  stored.spec.regions = rows[0].get<std::vector<std::string>>(14);
  co_return stored;
}

}  // namespace openseer::store
