// The queue. A job's row is leased by pushing next_attempt_at into the future
// and raising its fence (lease_token); a commit under that fence advances it to
// the next slot. A worker that dies leaves a row that comes due by itself.
#include "store/jobs.h"

#include <limits>
#include <unordered_map>
#include <unordered_set>

#include <arpa/inet.h>

#include "pg/pool.h"

namespace openseer::store {
namespace {

// The shape matters: "id IN (...)" and CTEs turn into a sequential scan under a
// generic plan. date_bin() agrees with domain/slots.h.
const pg::Statement kLease{"jobs_lease", R"(
UPDATE app.jobs SET
  gap_from = CASE WHEN date_bin(every, now(), origin) > scheduled_at
                  THEN coalesce(gap_from, scheduled_at) ELSE gap_from END,
  scheduled_at = greatest(scheduled_at, date_bin(every, now(), origin)),
  next_attempt_at = now() + $4::interval,
  lease_token = lease_token + 1,
  leased_by = $3
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM app.jobs WHERE region_id = $1 AND next_attempt_at <= now()
  ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED))
RETURNING id, lease_token, scheduled_at, monitor_id, spec_version)"};

const pg::Statement kNextDue{"jobs_next_due", R"(
SELECT greatest(min(due.at) - now(), interval '0')
FROM unnest($1::smallint[]) AS region (id) CROSS JOIN LATERAL (
  SELECT next_attempt_at AS at FROM app.jobs
  WHERE region_id = region.id AND next_attempt_at < 'infinity' ORDER BY next_attempt_at LIMIT 1) due)"};

// Rows are locked in job order everywhere, or expiring leases deadlock.
#define MATCHING_LEASES                                                                                  \
  "SELECT j.ctid FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS l (job_id, fence, slot) " \
  "JOIN app.jobs j ON j.id = l.job_id"                                                                   \
  " WHERE j.lease_token = l.fence AND j.scheduled_at = l.slot AND j.leased_by = $4 ORDER BY j.id FOR "   \
  "UPDATE OF j"

const pg::Statement kRenew{"jobs_renew",
                           "UPDATE app.jobs SET next_attempt_at = now() + $5::interval"
                           " WHERE ctid = ANY (ARRAY(" MATCHING_LEASES
                           "))"
                           " RETURNING id, lease_token, scheduled_at"};

const pg::Statement kReturn{"jobs_return",
                            "UPDATE app.jobs SET next_attempt_at = now(), leased_by = NULL"
                            " WHERE ctid = ANY (ARRAY(" MATCHING_LEASES "))"};
const pg::Statement kNotifyJobs{"jobs_notify", "SELECT pg_notify('openseer_jobs', '')"};

// Takes the results whose lease still holds; everything else is left alone. A
// lease that expired long ago is over even if nobody took the job since, so that
// the rollups know what can still arrive (kOpenSlots in store/rollups).
const pg::Statement kCommit{"jobs_commit", R"(
WITH held AS MATERIALIZED (
  SELECT r.*, j.monitor_id, j.region_id, j.gap_from, j.every
  FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::integer[], $5::timestamptz[], $6::smallint[],
    $7::smallint[], $8::smallint[], $9::smallint[], $10::integer[], $11::integer[], $12::integer[], $13::integer[],
    $14::integer[], $15::integer[], $16::bigint[], $17::timestamptz[], $18::text[], $19::text[])
    AS r (job_id, fence, slot, worker_id, started_at, outcome, reason, http_status, http_version,
          dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes, certificate_expires_at,
          remote_address, message)
  JOIN app.jobs j ON j.id = r.job_id
  WHERE j.lease_token = r.fence AND j.scheduled_at = r.slot AND j.leased_by = r.worker_id
    AND j.next_attempt_at > now() - interval '10 min'
  ORDER BY j.id FOR UPDATE OF j
), advanced AS (
  UPDATE app.jobs j SET
    scheduled_at = date_bin(j.every, h.slot, j.origin) + j.every,
    next_attempt_at = date_bin(j.every, h.slot, j.origin) + j.every,
    leased_by = NULL,
    gap_from = NULL,
    last_slot = h.slot,
    last_started_at = h.started_at,
    last_outcome = h.outcome,
    last_reason = h.reason,
    last_http_status = h.http_status,
    last_total_us = h.total_us,
    last_message = h.message
  FROM held h WHERE j.id = h.job_id
), gaps AS (
  INSERT INTO ts.gaps (job_id, first_slot, until, monitor_id, region_id)
  SELECT job_id, gap_from, slot, monitor_id, region_id FROM held WHERE gap_from < slot
), results AS (
  INSERT INTO ts.results_raw (slot, job_id, monitor_id, region_id, worker_id, started_at, outcome, reason,
    http_status, http_version, dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes,
    certificate_expires_at, remote_address, message, dense)
  SELECT slot, job_id, monitor_id, region_id, worker_id, started_at, outcome, reason,
    http_status, http_version, dns_us, connect_us, tls_us, wait_us, download_us, total_us, body_bytes,
    certificate_expires_at, remote_address::inet, message, every < interval '30 s'
  FROM held
)
SELECT job_id, fence FROM held)"};

// A monitor's state follows from the latest results of its regions :
// all ok is up, all failed is down, anything else is degraded. The row is locked before its
// jobs are read, so of two regions' commits the later one sees both.
#define MONITORS_OF_JOBS "(SELECT monitor_id FROM app.jobs WHERE id = ANY ($1))"
const pg::Statement kLockCurrent{"monitor_current_lock",
                                 "SELECT FROM app.monitor_current WHERE monitor_id IN " MONITORS_OF_JOBS
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
  WHERE monitor_id IN )" MONITORS_OF_JOBS R"(
    -- A region that has gone quiet has no say.
    AND last_slot > now() - 3 * every - interval '1 min'
  GROUP BY monitor_id
) s
WHERE c.monitor_id = s.monitor_id)"};

// A payload holds 8000 bytes: 190 pairs of the longest numbers.
const pg::Statement kNotifyResults{"results_notify", R"(
SELECT pg_notify('openseer_results', string_agg(pair, ','))
FROM (SELECT DISTINCT workspace_id || ':' || monitor_id AS pair, dense_rank() OVER (ORDER BY monitor_id) / 190 AS part
      FROM app.jobs WHERE id = ANY ($1)) pairs
GROUP BY part)"};

const pg::Statement kRepeats{"results_repeats", R"(
SELECT r.job_id, r.slot FROM unnest($1::bigint[], $2::timestamptz[], $3::integer[], $4::timestamptz[]) AS sent (job_id, slot, worker_id, started_at)
JOIN ts.results_raw r ON r.slot = sent.slot AND r.job_id = sent.job_id
WHERE r.worker_id = sent.worker_id AND r.started_at = sent.started_at)"};

const pg::Statement kNow{"database_time", "SELECT now()"};

// Leases as parallel arrays.
struct LeaseColumns {
  std::vector<std::int64_t> jobs, fences;
  std::vector<Instant> slots;
  void add(const domain::Lease& lease) {
    jobs.push_back(lease.job_id);
    fences.push_back(lease.fence);
    slots.push_back(lease.slot);
  }
  explicit LeaseColumns(const std::vector<domain::Lease>& leases) {
    for (const domain::Lease& lease : leases) add(lease);
  }
  LeaseColumns() = default;
};

// What a worker measured is bounded before it meets a column.
std::int32_t microseconds(Microseconds value) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(value.count(), 0, std::numeric_limits<std::int32_t>::max()));
}

std::optional<std::string> address(const std::string& text) {
  std::array<unsigned char, 16> parsed{};
  const bool valid = inet_pton(AF_INET, text.c_str(), parsed.data()) == 1 ||
                     inet_pton(AF_INET6, text.c_str(), parsed.data()) == 1;
  return valid ? std::optional(text) : std::nullopt;
}

std::optional<std::string> sentence(std::string text) {
  constexpr std::size_t kLongest = 500;
  std::erase(text, '\0');
  if (text.size() > kLongest) {
    std::size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // between characters
    text.resize(end);
  }
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

pg::Params commit_params(const std::vector<std::int32_t>& worker_ids,
                         const std::vector<domain::LeasedResult>& results,
                         const std::vector<std::size_t>& chosen) {
  LeaseColumns leases;
  std::vector<std::int32_t> workers, dns, connect, tls, wait, download, total;
  std::vector<Instant> started;
  std::vector<std::int16_t> outcome, reason, status, version;
  std::vector<std::int64_t> bytes;
  std::vector<std::optional<Instant>> expiry;
  std::vector<std::optional<std::string>> remote, message;
  for (const std::size_t i : chosen) {
    const domain::CheckResult& result = results[i].result;
    const domain::Measurement& m = result.measurement;
    leases.add(results[i].lease);
    workers.push_back(worker_ids[i]);
    started.push_back(result.started_at);
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
    bytes.push_back(static_cast<std::int64_t>(
        std::min<std::uint64_t>(m.body_bytes, std::numeric_limits<std::int64_t>::max())));
    expiry.push_back(m.certificate_expires_at);
    remote.push_back(address(m.remote_address));
    message.push_back(sentence(m.message));
  }
  return pg::bind(leases.jobs, leases.fences, leases.slots, workers, started, outcome, reason, status,
                  version, dns, connect, tls, wait, download, total, bytes, expiry, remote, message);
}

// The results worth trying: the first of each lease. Sorted by job.
std::vector<std::size_t> first_of_each_lease(const std::vector<domain::LeasedResult>& results) {
  std::vector<std::size_t> order(results.size());
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

}  // namespace

asio::awaitable<std::vector<domain::LeasedJob>> lease_due(pg::Pool& pool, std::int16_t region_id,
                                                          std::int32_t worker_id, std::size_t limit,
                                                          Milliseconds lease_duration) {
  const pg::Rows rows = co_await pool.query(
      kLease, pg::bind(region_id, static_cast<std::int64_t>(limit), worker_id, lease_duration));
  std::vector<domain::LeasedJob> jobs;
  jobs.reserve(rows.size());
  for (const pg::Row row : rows) {
    jobs.push_back({{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Instant>(2)},
                    row.get<std::int64_t>(3),
                    row.get<std::int64_t>(4)});
  }
  co_return jobs;
}

asio::awaitable<std::optional<Microseconds>> time_to_next_due(pg::Pool& pool,
                                                              std::vector<std::int16_t> region_ids) {
  const pg::Rows rows = co_await pool.query(kNextDue, pg::bind(region_ids));
  co_return rows[0].get<std::optional<Microseconds>>(0);
}

asio::awaitable<std::vector<domain::Lease>> renew_leases(pg::Pool& pool, std::int32_t worker_id,
                                                         std::vector<domain::Lease> leases,
                                                         Milliseconds lease_duration) {
  const LeaseColumns columns(leases);
  const pg::Rows rows = co_await pool.query(
      kRenew, pg::bind(columns.jobs, columns.fences, columns.slots, worker_id, lease_duration));
  std::vector<domain::Lease> renewed;
  for (const pg::Row row : rows) {
    renewed.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Instant>(2)});
  }
  co_return renewed;
}

asio::awaitable<void> return_leases(pg::Pool& pool, std::int32_t worker_id,
                                    std::vector<domain::Lease> leases) {
  const LeaseColumns columns(leases);
  std::vector<pg::Query> queries;
  queries.push_back({&kReturn, pg::bind(columns.jobs, columns.fences, columns.slots, worker_id)});
  queries.push_back({&kNotifyJobs, {}});
  co_await pool.pipeline(std::move(queries));
}

asio::awaitable<std::vector<domain::Acceptance>> commit_results(
    pg::Pool& pool, const std::vector<std::int32_t>& worker_ids,
    const std::vector<domain::LeasedResult>& results) {
  std::vector<domain::Acceptance> acceptances(results.size(), domain::Acceptance::kFenced);
  if (results.empty()) co_return acceptances;
  const std::vector<std::size_t> chosen = first_of_each_lease(results);
  std::vector<std::int64_t> job_ids;
  for (const std::size_t i : chosen) job_ids.push_back(results[i].lease.job_id);

  // One pipeline is one transaction.
  std::vector<pg::Query> queries;
  queries.push_back({&kCommit, commit_params(worker_ids, results, chosen)});
  queries.push_back({&kLockCurrent, pg::bind(job_ids)});
  queries.push_back({&kUpdateCurrent, pg::bind(job_ids)});
  queries.push_back({&kNotifyResults, pg::bind(job_ids)});
  const std::vector<pg::Rows> committed = co_await pool.pipeline(std::move(queries));

  std::unordered_map<std::int64_t, std::int64_t> fence_of_job;
  for (const pg::Row row : committed.front())
    fence_of_job[row.get<std::int64_t>(0)] = row.get<std::int64_t>(1);
  std::vector<std::size_t> refused;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto found = fence_of_job.find(results[i].lease.job_id);
    if (found != fence_of_job.end() && found->second == results[i].lease.fence)
      acceptances[i] = domain::Acceptance::kAccepted;
    else
      refused.push_back(i);
  }
  if (refused.empty()) co_return acceptances;

  // A refused result may be a repeat of a committed one whose ack was lost.
  std::vector<std::int64_t> jobs;
  std::vector<Instant> slots, started;
  std::vector<std::int32_t> workers;
  for (const std::size_t i : refused) {
    jobs.push_back(results[i].lease.job_id);
    slots.push_back(results[i].lease.slot);
    workers.push_back(worker_ids[i]);
    started.push_back(results[i].result.started_at);
  }
  const pg::Rows repeats = co_await pool.query(kRepeats, pg::bind(jobs, slots, workers, started));
  std::map<std::pair<std::int64_t, Instant>, bool> known;
  for (const pg::Row row : repeats) known[{row.get<std::int64_t>(0), row.get<Instant>(1)}] = true;
  for (const std::size_t i : refused) {
    if (known.contains({results[i].lease.job_id, results[i].lease.slot})) {
      acceptances[i] = domain::Acceptance::kAccepted;
    }
  }
  co_return acceptances;
}

asio::awaitable<Instant> database_time(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kNow);
  co_return rows[0].get<Instant>(0);
}

}  // namespace openseer::store
