#include "store/monitors.h"

#include <algorithm>

#include "domain/slots.h"
#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/lease_columns.h"
#include "store/rollups.h"
#include "store/spec_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kInsert{"monitors_insert", "INSERT INTO app.monitors (workspace_id, " SPEC_COLUMNS
                                               ") VALUES ($1, " SPEC_PARAMETERS ") RETURNING id, created_at"};
const pg::Statement kInsertCurrent{"monitors_insert_current", R"(
INSERT INTO app.monitor_current (monitor_id, workspace_id, state_since) VALUES ($1, $2, $3))"};

const pg::Statement kUpdate{"monitors_update",
                            "UPDATE app.monitors SET (" SPEC_COLUMNS ") = (" SPEC_PARAMETERS
                            "), spec_version = spec_version + 1, updated_at = $44"
                            " WHERE workspace_id = $1 AND id = $43"};
const pg::Statement kSetPaused{"monitors_set_paused", R"(
UPDATE app.monitors SET paused = $3, updated_at = $4 WHERE workspace_id = $1 AND id = $2)"};
const pg::Statement kDelete{"monitors_delete",
                            "DELETE FROM app.monitors WHERE workspace_id = $1 AND id = $2"};

// Rows are locked in one order everywhere: the monitor, its jobs by id, its
// monitor_current.
const pg::Statement kLockMonitor{"monitors_lock", R"(
SELECT FROM app.monitors WHERE workspace_id = $1 AND id = $2 FOR UPDATE)"};
const pg::Statement kLockJobs{"monitors_lock_jobs",
                              "SELECT FROM app.jobs WHERE " JOBS_OF("$1") " ORDER BY id FOR UPDATE"};
const pg::Statement kLockMonitors{"monitors_lock_many", R"(
SELECT id, name, every, paused FROM app.monitors WHERE workspace_id = $1 AND id = ANY ($2)
ORDER BY id FOR UPDATE)"};
const pg::Statement kLockTheirJobs{
    "monitors_lock_their_jobs", "SELECT FROM app.jobs WHERE " JOBS_OF("ANY ($1)") " ORDER BY id FOR UPDATE"};
const pg::Statement kLockTheirCurrent{"monitors_lock_their_current", R"(
SELECT FROM app.monitor_current WHERE monitor_id = ANY ($1) ORDER BY monitor_id FOR UPDATE)"};

// Sorted as domain::complete() sorts them; what is in both lists goes.
const pg::Statement kTag{"monitors_tag", R"(
WITH wanted AS (
  SELECT m.id, m.tags AS before,
         ARRAY(SELECT DISTINCT tag COLLATE "C" FROM unnest(m.tags || $3::text[]) AS tag
               WHERE tag <> ALL ($4::text[]) ORDER BY 1) AS after
  FROM app.monitors m WHERE workspace_id = $1 AND id = ANY ($2)
)
UPDATE app.monitors m SET tags = w.after, updated_at = now() FROM wanted w
WHERE m.id = w.id AND w.before <> w.after
RETURNING m.id, m.name, w.before, w.after, cardinality(w.after))"};

// The instant of a change: read after the jobs are locked, so that it is later than
// every slot that has its result, and not before one that was handed out or the end of
// an epoch, even if the clock has been set back: epochs of a job must not overlap.
const pg::Statement kInstant{"monitors_change_instant", R"(
SELECT greatest(clock_timestamp(), max(last_slot) + interval '1 us',
                max(scheduled_at) FILTER (WHERE leased_by IS NOT NULL OR gap_from IS NOT NULL),
                max((SELECT max(until) FROM app.job_epochs e WHERE e.monitor_id = $1 AND e.job_id = j.id)))
FROM app.jobs j WHERE )" JOBS_OF("$1")};

// Ends the running epochs before their latest slot and writes down what was missed.
const pg::Statement kEndEpochs{"monitors_end_epochs", R"(
WITH running AS MATERIALIZED (
  SELECT id, region_id, coalesce(gap_from, scheduled_at) AS missed_from,
         greatest(scheduled_at, date_bin(every, $2, origin)) AS latest
  FROM app.jobs WHERE )" JOBS_OF("$1") R"( AND next_attempt_at < 'infinity'
), missed AS (
  INSERT INTO ts.gaps (job_id, first_slot, until, monitor_id, region_id)
  SELECT id, missed_from, latest, $1, region_id FROM running WHERE missed_from < latest
), never_ran AS (
  DELETE FROM app.job_epochs e USING running r
  WHERE e.monitor_id = $1 AND e.job_id = r.id AND e.until IS NULL AND e.first_slot >= r.latest
)
UPDATE app.job_epochs e SET until = least(r.latest, $2) FROM running r
WHERE e.monitor_id = $1 AND e.job_id = r.id AND e.until IS NULL AND e.first_slot < r.latest)"};

const pg::Statement kRemoveJobs{"monitors_remove_jobs", R"(
DELETE FROM app.monitor_regions WHERE monitor_id = $1
  AND region_id <> ALL (ARRAY(SELECT id FROM app.regions WHERE name = ANY ($2::text[]))))"};
const pg::Statement kAddJobs{"monitors_add_jobs", R"(
WITH added AS (
  INSERT INTO app.monitor_regions (monitor_id, region_id) SELECT $1, id FROM app.regions WHERE name = ANY ($2::text[])
  ON CONFLICT (monitor_id, region_id) DO NOTHING RETURNING job_id, region_id
)
INSERT INTO app.jobs (id, monitor_id, workspace_id, region_id, every, origin, scheduled_at, next_attempt_at, spec_version,
  lane, retries, retry_pause, attempt_time)
SELECT added.job_id, m.id, m.workspace_id, added.region_id, m.every, $3, $4, $4, m.spec_version,
  CASE WHEN others.count <= 100 THEN 0 WHEN others.count <= 1000 THEN 1 WHEN others.count <= 10000 THEN 2 ELSE 3 END,
  m.retry_count, m.retry_pause_ms * interval '1 ms', m.timeout_ms * interval '1 ms'
FROM app.monitors m CROSS JOIN added CROSS JOIN LATERAL (
  SELECT count(*) FROM (SELECT FROM app.monitors WHERE workspace_id = m.workspace_id LIMIT 10001) counted) others
WHERE m.id = $1)"};

// Every job of the monitor takes its present specification and is due at $2, or
// never while it is paused. Whatever lease there was is over.
const pg::Statement kRestartJobs{"monitors_restart_jobs", R"(
UPDATE app.jobs j SET
  every = m.every, origin = $3, spec_version = m.spec_version, scheduled_at = $2,
  next_attempt_at = CASE WHEN m.paused THEN 'infinity'::timestamptz ELSE $2 END,
  retries = m.retry_count, retry_pause = m.retry_pause_ms * interval '1 ms',
  attempt_time = m.timeout_ms * interval '1 ms', attempts = 0, tried_by = NULL, steady = false,
  lease_token = j.lease_token + 1, leased_by = NULL, leased_until = NULL, gap_from = NULL
FROM app.monitors m WHERE m.id = $1 AND j.)" JOBS_OF("$1")};

const pg::Statement kBeginEpochs{"monitors_begin_epochs", R"(
INSERT INTO app.job_epochs (job_id, monitor_id, region_id, first_slot, every, origin)
SELECT id, monitor_id, region_id, scheduled_at, every, origin
FROM app.jobs WHERE )" JOBS_OF("$1") " AND next_attempt_at < 'infinity'"};

const pg::Statement kNotifyJobs{"monitors_notify_jobs", "SELECT pg_notify('openseer_jobs', '')"};
const pg::Statement kNotifyMonitor{"monitors_notify", R"(
SELECT pg_notify('openseer_monitors', $1::text || ':' || $2::text))"};
const pg::Statement kNotifyMonitors{"monitors_notify_many",
                                    "SELECT pg_notify('openseer_monitors', $1::text)"};

const pg::Statement kFindSpec{"monitors_find_spec", R"(
SELECT created_at, updated_at,
       ARRAY(SELECT r.name FROM app.monitor_regions j JOIN app.regions r ON r.id = j.region_id
             WHERE j.monitor_id = m.id ORDER BY r.name), )" SPEC_COLUMNS R"(
FROM app.monitors m WHERE workspace_id = $1 AND id = $2)"};

// Parameters $1 to $42 of insert and update.
pg::Params spec_params(const pki::SecretBox& secrets, std::int64_t workspace_id,
                       const domain::MonitorSpec& spec) {
  pg::Params params = pg::bind(workspace_id);
  write_spec(secrets, spec, params);
  return params;
}

Seconds interval_of(const pg::Row& row, int column) {
  return std::chrono::duration_cast<Seconds>(row.get<Microseconds>(column));
}

asio::awaitable<void> notify_changed(pg::Transaction& tx, std::int64_t workspace_id,
                                     std::int64_t monitor_id) {
  co_await tx.query(kNotifyMonitor, pg::bind(std::to_string(workspace_id), std::to_string(monitor_id)));
  co_await tx.query(kNotifyJobs, {});
}

// Views are told by name, unless there are too many to name.
asio::awaitable<void> notify_many(pg::Transaction& tx, std::int64_t workspace_id,
                                  const std::vector<std::int64_t>& ids) {
  constexpr std::size_t kMostNamed = 100;
  std::string payload = ids.size() > kMostNamed ? "*" : "";
  for (std::size_t i = 0; i < ids.size() && ids.size() <= kMostNamed; ++i)
    payload += (i == 0 ? "" : ",") + std::to_string(workspace_id) + ":" + std::to_string(ids[i]);
  if (ids.empty()) co_return;
  co_await tx.query(kNotifyMonitors, pg::bind(payload));
  co_await tx.query(kNotifyJobs, {});
}

AuditEvent event_of(std::string action, std::int64_t workspace_id, std::int64_t id, std::string name) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(id);
  event.object_name = std::move(name);
  event.workspace_id = workspace_id;
  return event;
}

struct Found {
  std::int64_t id = 0;
  std::string name;
  Seconds interval{};
};

std::vector<std::int64_t> ids_of(const std::vector<Found>& monitors) {
  std::vector<std::int64_t> ids;
  for (const Found& monitor : monitors) ids.push_back(monitor.id);
  return ids;
}

// Locks the monitor and its jobs; false when there is none.
asio::awaitable<bool> lock_monitor(pg::Transaction& tx, std::int64_t workspace_id, std::int64_t monitor_id) {
  const pg::Rows rows = co_await tx.query(kLockMonitor, pg::bind(workspace_id, monitor_id));
  if (rows.empty()) co_return false;
  co_await tx.query(kLockJobs, pg::bind(monitor_id));
  co_return true;
}

asio::awaitable<Instant> instant_of_change(pg::Transaction& tx, std::int64_t monitor_id) {
  const pg::Rows rows = co_await tx.query(kInstant, pg::bind(monitor_id));
  co_return rows[0].get<Instant>(0);
}

}  // namespace

asio::awaitable<std::int64_t> create_monitor(pg::Pool& pool, const pki::SecretBox& secrets,
                                             std::int64_t workspace_id, domain::MonitorSpec spec,
                                             const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows created = co_await tx.query(kInsert, spec_params(secrets, workspace_id, spec));
  const auto id = created[0].get<std::int64_t>(0);
  const auto now = created[0].get<Instant>(1);
  const Instant origin = domain::grid_origin(id, spec.interval);
  co_await tx.query(kAddJobs, pg::bind(id, spec.regions, origin, now));
  co_await tx.query(kBeginEpochs, pg::bind(id));
  co_await tx.query(kReopenBuckets, pg::bind(now));  // if the clock was set back
  co_await tx.query(kInsertCurrent, pg::bind(id, workspace_id, now));
  co_await notify_changed(tx, workspace_id, id);
  AuditEvent event = event_of("monitor.create", workspace_id, id, spec.name);
  event.changes.push_back({"spec.url", "", spec.url});
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return id;
}

asio::awaitable<bool> update_monitor(pg::Pool& pool, const pki::SecretBox& secrets, std::int64_t workspace_id,
                                     std::int64_t monitor_id, domain::MonitorSpec spec,
                                     std::vector<FieldChange> changes, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const bool found = co_await lock_monitor(tx, workspace_id, monitor_id);
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
  co_await tx.query(kReopenBuckets, pg::bind(now));  // if the clock was set back
  co_await notify_changed(tx, workspace_id, monitor_id);
  AuditEvent event = event_of("monitor.update", workspace_id, monitor_id, spec.name);
  event.changes = std::move(changes);
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return true;
}

namespace {

// Locks them and what belongs to them, in the order in which everybody does; those
// for which `paused` is not so already, or all. Nothing when one is not there.
asio::awaitable<std::optional<std::vector<Found>>> lock_monitors(pg::Transaction& tx,
                                                                 std::int64_t workspace_id,
                                                                 std::vector<std::int64_t> ids,
                                                                 std::optional<bool> paused) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  const pg::Rows rows = co_await tx.query(kLockMonitors, pg::bind(workspace_id, ids));
  if (rows.size() != ids.size()) co_return std::nullopt;
  std::vector<Found> found;
  for (const pg::Row row : rows) {
    if (paused && row.get<bool>(3) == *paused) continue;
    found.push_back({row.get<std::int64_t>(0), row.get<std::string>(1), interval_of(row, 2)});
  }
  const std::vector<std::int64_t> locked = ids_of(found);
  co_await tx.query(kLockTheirJobs, pg::bind(locked));
  co_await tx.query(kLockTheirCurrent, pg::bind(locked));
  co_return found;
}

// One step of a change for each monitor that was found.
using Step = asio::awaitable<void> (*)(pg::Transaction&, std::int64_t workspace_id, const Found&);

asio::awaitable<Changed> change_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                         std::vector<std::int64_t> ids, std::optional<bool> paused, Step step,
                                         std::string action, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const auto found = co_await lock_monitors(tx, workspace_id, std::move(ids), paused);
  if (!found) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  for (const Found& monitor : *found) {
    co_await step(tx, workspace_id, monitor);
    co_await write_audit(tx, by, event_of(action, workspace_id, monitor.id, monitor.name));
  }
  co_await notify_many(tx, workspace_id, ids_of(*found));
  co_await tx.commit();
  co_return static_cast<std::int64_t>(found->size());
}

asio::awaitable<void> set_paused(pg::Transaction& tx, std::int64_t workspace_id, const Found& monitor,
                                 bool paused) {
  const Instant now = co_await instant_of_change(tx, monitor.id);
  const Instant origin = domain::grid_origin(monitor.id, monitor.interval);
  if (paused) co_await tx.query(kEndEpochs, pg::bind(monitor.id, now));
  co_await tx.query(kSetPaused, pg::bind(workspace_id, monitor.id, paused, now));
  co_await tx.query(kRestartJobs, pg::bind(monitor.id, now, origin));
  if (!paused) {
    co_await tx.query(kBeginEpochs, pg::bind(monitor.id));
    co_await tx.query(kReopenBuckets, pg::bind(now));  // if the clock was set back
  }
}

asio::awaitable<void> pause(pg::Transaction& tx, std::int64_t workspace_id, const Found& monitor) {
  return set_paused(tx, workspace_id, monitor, true);
}
asio::awaitable<void> resume(pg::Transaction& tx, std::int64_t workspace_id, const Found& monitor) {
  return set_paused(tx, workspace_id, monitor, false);
}
asio::awaitable<void> remove(pg::Transaction& tx, std::int64_t workspace_id, const Found& monitor) {
  co_await tx.query(kDelete, pg::bind(workspace_id, monitor.id));
}

std::string joined(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) text += (text.empty() ? "" : ", ") + tag;
  return text;
}

}  // namespace

asio::awaitable<Changed> pause_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                        std::vector<std::int64_t> ids, const Actor& by) {
  return change_monitors(pool, workspace_id, std::move(ids), true, pause, "monitor.pause", by);
}

asio::awaitable<Changed> resume_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                         std::vector<std::int64_t> ids, const Actor& by) {
  return change_monitors(pool, workspace_id, std::move(ids), false, resume, "monitor.resume", by);
}

asio::awaitable<Changed> delete_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                         std::vector<std::int64_t> ids, const Actor& by) {
  return change_monitors(pool, workspace_id, std::move(ids), std::nullopt, remove, "monitor.delete", by);
}

asio::awaitable<Result<Changed>> tag_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                              std::vector<std::int64_t> ids, std::vector<std::string> add,
                                              std::vector<std::string> remove, std::int32_t most,
                                              const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const auto found = co_await lock_monitors(tx, workspace_id, ids, std::nullopt);
  if (!found) {
    co_await tx.rollback();
    co_return Changed();
  }
  const pg::Rows tagged = co_await tx.query(kTag, pg::bind(workspace_id, ids, add, remove));
  std::vector<std::int64_t> changed;
  for (const pg::Row row : tagged) {
    changed.push_back(row.get<std::int64_t>(0));
    AuditEvent event = event_of("monitor.tag", workspace_id, changed.back(), row.get<std::string>(1));
    event.changes.push_back({"spec.tags", joined(row.get<std::vector<std::string>>(2)),
                             joined(row.get<std::vector<std::string>>(3))});
    co_await write_audit(tx, by, std::move(event));
    if (row.get<std::int32_t>(4) <= most) continue;
    const std::string name = row.get<std::string>(1);
    co_await tx.rollback();
    co_return invalid({{"tag.add", "would give " + name + " more than " + std::to_string(most) + " tags"}});
  }
  co_await notify_many(tx, workspace_id, changed);
  co_await tx.commit();
  co_return Changed(static_cast<std::int64_t>(changed.size()));
}

asio::awaitable<std::optional<StoredSpec>> find_spec(pg::Pool& pool, const pki::SecretBox& secrets,
                                                     std::int64_t workspace_id, std::int64_t monitor_id) {
  const pg::Rows rows = co_await pool.query(kFindSpec, pg::bind(workspace_id, monitor_id));
  if (rows.empty()) co_return std::nullopt;
  StoredSpec stored{read_spec(secrets, rows[0], 3), rows[0].get<Instant>(0), rows[0].get<Instant>(1)};
  stored.spec.regions = rows[0].get<std::vector<std::string>>(2);
  co_return stored;
}

}  // namespace openseer::store
