// The commit of a batch, in up to four round trips of one transaction: attempts
// that are repeated, results, monitors that are as they were, and the few whose
// state may have changed.
#include <algorithm>
#include <array>
#include <limits>
#include <map>

#include <arpa/inet.h>

#include "pg/error.h"
#include "pg/pool.h"
#include "store/jobs.h"
#include "store/lease_columns.h"
#include "store/result_columns.h"
#include "store/rollups.h"

namespace openseer::store {
namespace {

// A lease that expired long ago is over even if nobody took the job since, so
// that the rollups know what can still arrive (kHorizon in store/rollups). Rows
// are locked in job order, which is the order of the arrays.
#define LEASE_HOLDS                                                                                       \
  "j.id = r.job_id AND j.lease_token = r.fence AND j.scheduled_at = r.slot AND j.leased_by = r.worker_id" \
  " AND j.leased_until > now() - interval '10 min'"
#define NEXT_SLOT "date_bin(j.every, r.slot, j.origin) + j.every"

// A failed attempt that another one may still make good before the next slot.
const pg::Statement kRetry{"jobs_retry", R"(
UPDATE app.jobs j SET
  attempts = j.attempts + 1, tried_by = r.worker_id, leased_by = NULL, leased_until = NULL, next_attempt_at = now() + j.retry_pause
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::integer[]) WITH ORDINALITY AS r (job_id, fence, slot, worker_id, n)
WHERE )" LEASE_HOLDS R"( AND j.attempts < j.retries
  AND now() + j.retry_pause + j.attempt_time < )" NEXT_SLOT R"(
RETURNING r.n, j.attempts)"};

// Takes the results whose lease still holds; everything else is left alone.
const pg::Statement kCommit{"jobs_commit", R"(
WITH moved AS (
  UPDATE app.jobs j SET
    scheduled_at = )" NEXT_SLOT R"(,
    next_attempt_at = )" NEXT_SLOT R"(,
    leased_by = NULL,
    leased_until = NULL,
    ended_gap_from = j.gap_from,
    gap_from = NULL,
    attempts = 0,
    tried_by = NULL,
    steady = coalesce(r.outcome = 1 AND j.last_outcome = 1 AND j.last_slot > now() - 3 * j.every - interval '1 min', false),
    last_slot = r.slot,
    last_started_at = )" STARTED_AT R"(,
    last_outcome = r.outcome
  FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::integer[], $5::integer[], $6::smallint[],
    $7::smallint[], $8::smallint[], $9::smallint[], $10::integer[], $11::integer[], $12::integer[], $13::integer[],
    $14::integer[], $15::integer[], $16::integer[], $17::timestamptz[], $18::text[], $19::text[]) WITH ORDINALITY
    AS r (job_id, fence, slot, worker_id, lateness_ms, outcome, reason, http_status, http_version,
          dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes, certificate_expires_at,
          remote_address, message, n)
  WHERE )" LEASE_HOLDS R"(
  RETURNING r.*, j.monitor_id, j.workspace_id, j.region_id, j.every, j.ended_gap_from, j.steady
), gaps AS (
  INSERT INTO ts.gaps (job_id, first_slot, until, monitor_id, region_id)
  SELECT job_id, ended_gap_from, slot, monitor_id, region_id FROM moved WHERE ended_gap_from < slot
), results AS (
  INSERT INTO ts.results_raw (slot, job_id, region_id, worker_id, lateness_ms, outcome, reason,
    http_status, http_version, dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes,
    certificate_expires_at, remote_address, message, dense)
  SELECT slot, job_id, region_id, worker_id, lateness_ms, outcome, reason,
    http_status, http_version, dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes,
    certificate_expires_at, remote_address::inet, message, every < interval '30 s'
  FROM moved
)
SELECT n, monitor_id, workspace_id, steady,
  slot < (SELECT max(closed_until) FROM ts.rollup_progress WHERE level <= 3)
FROM moved)"};

// A monitor's state follows from the latest results of its regions: all ok is up,
// all failed is down, anything else is degraded. One that is up stays up with a
// steady result, whatever its other regions do: theirs to say. Gives those.
const pg::Statement kTouchCurrent{"monitor_current_touch", R"(
UPDATE app.monitor_current c SET last_job_id = r.job_id, last_slot = r.slot, last_result_at = now()
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS r (monitor_id, job_id, slot)
WHERE c.monitor_id = r.monitor_id AND c.state = 2
RETURNING c.monitor_id)"};

// For the others the row is locked before its jobs are read, so of two regions'
// commits the later one sees both.
const pg::Statement kLockCurrent{"monitor_current_lock",
                                 "SELECT FROM app.monitor_current WHERE monitor_id = ANY ($1::bigint[])"
                                 " ORDER BY monitor_id FOR UPDATE"};
const pg::Statement kUpdateCurrent{"monitor_current_update", R"(
UPDATE app.monitor_current c SET
  state = s.state,
  state_since = CASE WHEN c.state = s.state THEN c.state_since ELSE now() END,
  last_job_id = s.job_id, last_slot = s.slot, last_result_at = now()
FROM (
  SELECT monitor_id,
    CASE WHEN bool_and(last_outcome = 1) THEN 2 WHEN bool_or(last_outcome <> 2) THEN 3 ELSE 4 END AS state,
    (array_agg(id ORDER BY last_started_at DESC, id))[1] AS job_id,
    (array_agg(last_slot ORDER BY last_started_at DESC, id))[1] AS slot
  FROM app.jobs
  WHERE )" JOBS_OF("ANY ($1::bigint[])") R"(
    -- A region that has gone quiet has no say.
    AND last_slot > now() - 3 * every - interval '1 min'
  GROUP BY monitor_id
) s
WHERE c.monitor_id = s.monitor_id)"};

const pg::Statement kNotifyResults{
    "results_notify", "SELECT pg_notify('openseer_results', payload) FROM unnest($1::text[]) AS payload"};
// What was kept of the results: attempt 0.
const pg::Statement kPutEvidence{"evidence_put", R"(
INSERT INTO ts.evidence (slot, job_id, attempt, evidence)
SELECT slot, job_id, 0, evidence FROM unnest($1::timestamptz[], $2::bigint[], $3::bytea[]) AS e (slot, job_id, evidence)
ON CONFLICT DO NOTHING)"};

// Failed attempts, which are in no other table.
const pg::Statement kPutAttempts{"evidence_put_attempts", R"(
INSERT INTO ts.evidence (slot, job_id, attempt, evidence, worker_id, lateness_ms, outcome, reason, http_status,
  http_version, dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes, certificate_expires_at,
  remote_address, message)
SELECT slot, job_id, attempt, evidence, worker_id, lateness_ms, outcome, reason, http_status, http_version,
  dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes, certificate_expires_at,
  remote_address::inet, message
FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::integer[], $5::integer[], $6::smallint[],
  $7::smallint[], $8::smallint[], $9::smallint[], $10::integer[], $11::integer[], $12::integer[], $13::integer[],
  $14::integer[], $15::integer[], $16::integer[], $17::timestamptz[], $18::text[], $19::text[], $20::smallint[],
  $21::bytea[])
  AS a (job_id, fence, slot, worker_id, lateness_ms, outcome, reason, http_status, http_version,
        dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes, certificate_expires_at,
        remote_address, message, attempt, evidence)
ON CONFLICT DO NOTHING)"};

constexpr const char* kDeadlock = "40P01";
constexpr int kMostAttempts = 3;
constexpr std::size_t kLongestPayload = 7900;  // PostgreSQL takes 8000 bytes

const pg::Statement kRepeats{"results_repeats", R"(
SELECT r.job_id, r.slot FROM unnest($1::bigint[], $2::timestamptz[], $3::integer[], $4::integer[]) AS sent (job_id, slot, worker_id, lateness_ms)
JOIN ts.results_raw r ON r.slot = sent.slot AND r.job_id = sent.job_id
WHERE r.worker_id = sent.worker_id AND r.lateness_ms = sent.lateness_ms)"};

using Chosen = std::vector<std::size_t>;  // indices of results

struct Batch {
  const std::vector<std::int32_t>& worker_ids;
  const std::vector<domain::LeasedResult>& results;
  std::vector<domain::Acceptance> acceptances;
};

// One committed result, as the statement found it.
struct Committed {
  std::size_t index = 0;
  std::int64_t monitor_id = 0;
  std::int64_t workspace_id = 0;
  bool steady = false;
  bool late = false;  // its bucket is closed
};

// What a worker measured is bounded before it meets a column.
std::int32_t microseconds(Microseconds value) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(value.count(), 0, std::numeric_limits<std::int32_t>::max()));
}

// The start as it is stored: milliseconds after the slot.
std::int32_t lateness_ms(const domain::LeasedResult& result) {
  const auto lateness = std::chrono::floor<Milliseconds>(result.result.started_at - result.lease.slot);
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(
      lateness.count(), std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

std::optional<std::string> address(const std::string& text) {
  std::array<unsigned char, 16> parsed{};
  const bool valid = inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 ||
                     inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
  return valid ? std::optional(text) : std::nullopt;
}

std::string sentence(std::string text) {
  constexpr std::size_t kLongest = 500;
  std::erase(text, '\0');
  if (text.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // between characters
    text.resize(end);
  }
  return text;
}

pg::Params commit_params(const Batch& batch, const Chosen& chosen) {
  LeaseColumns leases;
  std::vector<std::int32_t> workers, lateness, dns, connect, tls, wait, download, total, bytes;
  std::vector<std::int16_t> outcome, reason, status, version;
  std::vector<std::optional<Instant>> expiry;
  std::vector<std::optional<std::string>> remote;
  std::vector<std::string> message;
  for (const std::size_t i : chosen) {
    const domain::CheckResult& result = batch.results[i].result;
    const domain::Measurement& m = result.measurement;
    leases.add(batch.results[i].lease);
    workers.push_back(batch.worker_ids[i]);
    lateness.push_back(lateness_ms(batch.results[i]));
    outcome.push_back(static_cast<std::int16_t>(result.outcome));
    reason.push_back(static_cast<std::int16_t>(m.reason));
    status.push_back(static_cast<std::int16_t>(std::clamp(m.http_status, 0, 999)));
    version.push_back(static_cast<std::int16_t>(m.http_version));
    dns.push_back(microseconds(m.phases.dns));
    connect.push_back(microseconds(m.phases.connect));
    tls.push_back(microseconds(m.phases.tls));
    wait.push_back(microseconds(m.phases.wait));
    download.push_back(microseconds(m.phases.download));
    total.push_back(microseconds(m.phases.total));
    bytes.push_back(static_cast<std::int32_t>(
        std::min<std::uint64_t>(m.body_bytes, std::numeric_limits<std::int32_t>::max())));
    expiry.push_back(m.certificate_expires_at);
    remote.push_back(address(m.remote_address));
    message.push_back(sentence(m.message));
  }
  return pg::bind(leases.jobs, leases.fences, leases.slots, workers, lateness, outcome, reason, status,
                  version, dns, connect, tls, wait, download, total, bytes, expiry, remote, message);
}

// The results worth trying: the first of each lease. Sorted by job.
Chosen first_of_each_lease(const std::vector<domain::LeasedResult>& results) {
  Chosen order(results.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const domain::Lease& x = results[a].lease;
    const domain::Lease& y = results[b].lease;
    return std::tie(x.job_id, x.fence) < std::tie(y.job_id, y.fence);
  });
  order.erase(std::unique(order.begin(), order.end(),
                          [&](std::size_t a, std::size_t b) {
                            return results[a].lease.job_id == results[b].lease.job_id &&
                                   results[a].lease.fence == results[b].lease.fence;
                          }),
              order.end());
  return order;
}

std::optional<pg::Bytes> evidence_of(const domain::LeasedResult& result) {
  return result.evidence.empty() ? std::nullopt : std::optional(pg::Bytes{result.evidence});
}

pg::Params attempt_params(const Batch& batch, const Chosen& attempts,
                          const std::vector<std::int16_t>& numbers) {
  pg::Params params = commit_params(batch, attempts);
  std::vector<std::optional<pg::Bytes>> evidence;
  for (const std::size_t i : attempts) evidence.push_back(evidence_of(batch.results[i]));
  params.push_back(pg::param(numbers));
  params.push_back(pg::param(evidence));
  return params;
}

// Only few results have any.
void put_evidence(const Batch& batch, const std::vector<Committed>& committed,
                  std::vector<pg::Query>& queries) {
  std::vector<Instant> slots;
  std::vector<std::int64_t> jobs;
  std::vector<std::optional<pg::Bytes>> evidence;
  for (const Committed& one : committed) {
    const domain::LeasedResult& result = batch.results[one.index];
    if (result.evidence.empty()) continue;
    slots.push_back(result.lease.slot);
    jobs.push_back(result.lease.job_id);
    evidence.push_back(evidence_of(result));
  }
  if (!slots.empty()) queries.push_back({&kPutEvidence, pg::bind(slots, jobs, evidence)});
}

// Takes the attempts that will be repeated out of `chosen`.
asio::awaitable<void> put_attempts(pg::Transaction& tx, Batch& batch, Chosen& chosen) {
  Chosen failed;
  for (const std::size_t i : chosen) {
    if (batch.results[i].result.outcome == domain::Outcome::kFailed) failed.push_back(i);
  }
  if (failed.empty()) co_return;
  LeaseColumns leases;
  std::vector<std::int32_t> workers;
  for (const std::size_t i : failed) {
    leases.add(batch.results[i].lease);
    workers.push_back(batch.worker_ids[i]);
  }
  const pg::Rows rows =
      co_await tx.query(kRetry, pg::bind(leases.jobs, leases.fences, leases.slots, workers));
  Chosen kept;
  std::vector<std::int16_t> numbers;
  for (const pg::Row row : rows) {
    kept.push_back(failed[static_cast<std::size_t>(row.get<std::int64_t>(0)) - 1]);
    numbers.push_back(row.get<std::int16_t>(1));
    batch.acceptances[kept.back()] = domain::Acceptance::kAccepted;
  }
  if (!kept.empty()) co_await tx.query(kPutAttempts, attempt_params(batch, kept, numbers));
  std::erase_if(chosen,
                [&batch](std::size_t i) { return batch.acceptances[i] == domain::Acceptance::kAccepted; });
}

asio::awaitable<std::vector<Committed>> put_results(pg::Transaction& tx, Batch& batch, const Chosen& chosen) {
  std::vector<Committed> committed;
  const pg::Rows rows = co_await tx.query(kCommit, commit_params(batch, chosen));
  committed.reserve(rows.size());
  for (const pg::Row row : rows) {
    const std::size_t i = chosen[static_cast<std::size_t>(row.get<std::int64_t>(0)) - 1];
    batch.acceptances[i] = domain::Acceptance::kAccepted;
    committed.push_back(
        {i, row.get<std::int64_t>(1), row.get<std::int64_t>(2), row.get<bool>(3), row.get<bool>(4)});
  }
  co_return committed;
}

// By monitor, the latest result of each last.
void sort_by_monitor(const Batch& batch, std::vector<Committed>& committed) {
  std::sort(committed.begin(), committed.end(), [&batch](const Committed& a, const Committed& b) {
    return std::tie(a.monitor_id, batch.results[a.index].result.started_at) <
           std::tie(b.monitor_id, batch.results[b.index].result.started_at);
  });
}

// The monitors whose state may change, ascending; the others are brought up to date.
asio::awaitable<std::vector<std::int64_t>> touch_current(pg::Transaction& tx, const Batch& batch,
                                                         const std::vector<Committed>& committed) {
  std::vector<std::int64_t> monitors, jobs, unsteady;
  std::vector<Instant> slots;
  for (auto one = committed.begin(); one != committed.end();) {
    const auto next = std::find_if(
        one, committed.end(), [one](const Committed& other) { return other.monitor_id != one->monitor_id; });
    if (std::all_of(one, next, [](const Committed& each) { return each.steady; })) {
      const domain::Lease& lease = batch.results[std::prev(next)->index].lease;
      monitors.push_back(one->monitor_id);
      jobs.push_back(lease.job_id);
      slots.push_back(lease.slot);
    } else {
      unsteady.push_back(one->monitor_id);
    }
    one = next;
  }
  if (monitors.empty()) co_return unsteady;
  const pg::Rows rows = co_await tx.query(kTouchCurrent, pg::bind(monitors, jobs, slots));
  if (rows.size() == monitors.size()) co_return unsteady;
  std::vector<std::int64_t> up;
  for (const pg::Row row : rows) up.push_back(row.get<std::int64_t>(0));
  std::sort(up.begin(), up.end());
  std::set_difference(monitors.begin(), monitors.end(), up.begin(), up.end(), std::back_inserter(unsteady));
  std::sort(unsteady.begin(), unsteady.end());
  co_return unsteady;
}

// The earliest slot whose bucket is closed: nobody had run its job for long.
std::optional<Instant> earliest_late(const Batch& batch, const std::vector<Committed>& committed) {
  std::optional<Instant> earliest;
  for (const Committed& one : committed) {
    const Instant slot = batch.results[one.index].lease.slot;
    if (one.late && (!earliest || slot < *earliest)) earliest = slot;
  }
  return earliest;
}

// "<workspace>:<monitor>,..." for those who watch.
std::vector<std::string> notifications(const std::vector<Committed>& committed,
                                       const std::unordered_set<std::int64_t>* watched) {
  std::vector<std::string> payloads;
  std::int64_t last = 0;
  for (const Committed& one : committed) {
    if (one.monitor_id == last || (watched != nullptr && !watched->contains(one.workspace_id))) continue;
    last = one.monitor_id;
    const std::string pair = std::to_string(one.workspace_id) + ":" + std::to_string(one.monitor_id);
    if (payloads.empty() || payloads.back().size() + pair.size() >= kLongestPayload)
      payloads.push_back(pair);
    else
      payloads.back() += "," + pair;
  }
  return payloads;
}

asio::awaitable<void> commit_once(pg::Pool& pool, Batch& batch,
                                  const std::unordered_set<std::int64_t>* watched) {
  pg::Transaction tx = co_await pool.begin();
  Chosen chosen = first_of_each_lease(batch.results);
  co_await put_attempts(tx, batch, chosen);
  std::vector<pg::Query> last;
  if (!chosen.empty()) {
    std::vector<Committed> committed = co_await put_results(tx, batch, chosen);
    sort_by_monitor(batch, committed);
    const std::vector<std::int64_t> unsteady = co_await touch_current(tx, batch, committed);
    if (!unsteady.empty()) {
      last.push_back({&kLockCurrent, pg::bind(unsteady)});
      last.push_back({&kUpdateCurrent, pg::bind(unsteady)});
    }
    put_evidence(batch, committed, last);
    if (const auto late = earliest_late(batch, committed)) last.push_back({&kReopenBuckets, pg::bind(*late)});
    const std::vector<std::string> payloads = notifications(committed, watched);
    if (!payloads.empty()) last.push_back({&kNotifyResults, pg::bind(payloads)});
  }
  co_await tx.commit(std::move(last));
}

// A refused result may be a repeat of a committed one whose ack was lost, or of
// one in the same batch.
asio::awaitable<void> recognise_repeats(pg::Pool& pool, Batch& batch) {
  std::vector<std::int64_t> jobs;
  std::vector<Instant> slots;
  std::vector<std::int32_t> workers, lateness;
  for (std::size_t i = 0; i < batch.results.size(); ++i) {
    if (batch.acceptances[i] == domain::Acceptance::kAccepted) continue;
    jobs.push_back(batch.results[i].lease.job_id);
    slots.push_back(batch.results[i].lease.slot);
    workers.push_back(batch.worker_ids[i]);
    lateness.push_back(lateness_ms(batch.results[i]));
  }
  if (jobs.empty()) co_return;
  const pg::Rows repeats = co_await pool.query(kRepeats, pg::bind(jobs, slots, workers, lateness));
  std::map<std::pair<std::int64_t, Instant>, bool> known;
  for (const pg::Row row : repeats) known[{row.get<std::int64_t>(0), row.get<Instant>(1)}] = true;
  for (std::size_t i = 0; i < batch.results.size(); ++i) {
    const domain::Lease& lease = batch.results[i].lease;
    if (known.contains({lease.job_id, lease.slot})) batch.acceptances[i] = domain::Acceptance::kAccepted;
  }
}

}  // namespace

asio::awaitable<std::vector<domain::Acceptance>> commit_results(
    pg::Pool& pool, std::vector<std::int32_t> worker_ids, std::vector<domain::LeasedResult> results,
    const std::unordered_set<std::int64_t>* watched) {
  Batch batch{worker_ids, results, {}};
  // The monitors' rows are locked in two passes, each in order: two replicas may
  // meet. PostgreSQL then ends one of them, which had no effect.
  for (int attempt = 1;; ++attempt) {
    batch.acceptances.assign(results.size(), domain::Acceptance::kFenced);
    try {
      if (!results.empty()) co_await commit_once(pool, batch, watched);
      break;
    } catch (const pg::Error& error) {
      if (error.sqlstate() != kDeadlock || attempt == kMostAttempts) throw;
    }
  }
  co_await recognise_repeats(pool, batch);
  co_return std::move(batch.acceptances);
}

}  // namespace openseer::store
