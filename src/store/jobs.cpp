// The queue. A job's row is leased by saying until when (leased_until) and raising
// its fence (lease_token); a commit under that fence advances it to the next slot. A
// worker that dies leaves a row that may be leased again once its time is over. The
// due index is left alone by a lease: it still finds the row, which says that it is
// taken.
#include "store/jobs.h"

#include <algorithm>

#include "pg/pool.h"
#include "store/lease_columns.h"

namespace openseer::store {
namespace {

// One statement for all queues of a region's workers. The shape matters: "id IN
// (...)" and CTEs turn into a sequential scan under a generic plan. $9 bounds the search: behind it are
// mostly dead entries, and many when a snapshot held open elsewhere keeps vacuum from removing them, and
// leases under way. date_bin() agrees with domain/slots.h.
#define SEAT "[(1 + monitor_id % cardinality($4::integer[]))::integer]"
const pg::Statement kLease{"jobs_lease", R"(
UPDATE app.jobs SET
  gap_from = CASE WHEN date_bin(every, now(), origin) > scheduled_at
                  THEN coalesce(gap_from, scheduled_at) ELSE gap_from END,
  scheduled_at = greatest(scheduled_at, date_bin(every, now(), origin)),
  attempts = CASE WHEN date_bin(every, now(), origin) > scheduled_at THEN 0 ELSE attempts END,
  leased_until = now() + $7::interval,
  lease_token = lease_token + 1,
  leased_by = CASE WHEN ($4::integer[]))" SEAT R"( IN (tried_by, leased_by) THEN ($5::integer[]))" SEAT R"(
                   ELSE ($4::integer[]))" SEAT R"( END
WHERE ctid = ANY (ARRAY(
  SELECT due.row FROM unnest($1::smallint[], $2::smallint[], $3::integer[]) AS queue (region, lane, most)
  CROSS JOIN LATERAL (
    SELECT ctid AS row FROM app.jobs
    WHERE region_id = queue.region AND lane = queue.lane
      AND next_attempt_at > now() - $9::interval AND next_attempt_at <= now() + $8::interval
      AND )" NOT_LEASED R"(
      AND (tried_by IS DISTINCT FROM $6 OR next_attempt_at <= now() - interval '1 s')
      AND (leased_by IS DISTINCT FROM $6 OR leased_until <= now() - interval '0.5 s')
    ORDER BY next_attempt_at LIMIT queue.most FOR UPDATE SKIP LOCKED) due
  LIMIT $10))
RETURNING id, lease_token, scheduled_at, monitor_id, spec_version, leased_by, region_id, lane)"};

const pg::Statement kNextDue{"jobs_next_due", R"(
SELECT greatest(min(due.at) - now(), interval '0')
FROM unnest($1::smallint[]) AS region (id) CROSS JOIN generate_series(0, $2::integer - 1) AS lane CROSS JOIN LATERAL (
  SELECT next_attempt_at AS at FROM app.jobs
  WHERE region_id = region.id AND app.jobs.lane = lane.lane::smallint 
    AND next_attempt_at > now() - $3::interval AND next_attempt_at < 'infinity' AND )" NOT_LEASED R"(
  ORDER BY next_attempt_at LIMIT 1) due)"};

// Rows are locked in job order everywhere, or expiring leases deadlock.
#define MATCHING_LEASES                                                                                  \
  "SELECT j.ctid FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) AS l (job_id, fence, slot) " \
  "JOIN app.jobs j ON j.id = l.job_id"                                                                   \
  " WHERE j.lease_token = l.fence AND j.scheduled_at = l.slot AND j.leased_by = $4 ORDER BY j.id FOR "   \
  "UPDATE OF j"

const pg::Statement kRenew{"jobs_renew",
                           "UPDATE app.jobs SET leased_until = now() + $5::interval"
                           " WHERE ctid = ANY (ARRAY(" MATCHING_LEASES
                           "))"
                           " RETURNING id, lease_token, scheduled_at"};

const pg::Statement kReturn{"jobs_return",
                            "UPDATE app.jobs SET next_attempt_at = greatest(now(), scheduled_at), leased_by "
                            "= NULL, leased_until = NULL"
                            " WHERE ctid = ANY (ARRAY(" MATCHING_LEASES "))"};
const pg::Statement kNotifyJobs{"jobs_notify", "SELECT pg_notify('openseer_jobs', '')"};

const pg::Statement kNow{"database_time", "SELECT now()"};

const pg::Statement kJobs{
    "jobs_estimate", "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'app.jobs'::regclass"};

}  // namespace

asio::awaitable<std::vector<DealtJob>> lease_due(pg::Pool& pool, const LeaseOrder& order) {
  std::vector<std::int16_t> regions, lanes;
  std::vector<std::int32_t> most;
  for (const QueueShare& share : order.shares) {
    regions.push_back(share.queue.region_id);
    lanes.push_back(share.queue.lane);
    most.push_back(static_cast<std::int32_t>(share.most));
  }
  const bool several = std::adjacent_find(order.workers.begin(), order.workers.end(),
                                          std::not_equal_to<>()) != order.workers.end();
  const std::int32_t alone = several || order.workers.empty() ? 0 : order.workers.front();
  const pg::Rows rows = co_await pool.query(
      kLease, pg::bind(regions, lanes, most, order.workers, order.others, alone, order.lease_duration,
                       order.ahead, order.look_back, static_cast<std::int64_t>(order.limit)));
  std::vector<DealtJob> jobs;
  jobs.reserve(rows.size());
  for (const pg::Row row : rows) {
    jobs.push_back({{{row.get<std::int64_t>(0), row.get<std::int64_t>(1), row.get<Instant>(2)},
                     row.get<std::int64_t>(3),
                     row.get<std::int64_t>(4)},
                    row.get<std::int32_t>(5),
                    {row.get<std::int16_t>(6), row.get<std::int16_t>(7)}});
  }
  co_return jobs;
}

asio::awaitable<std::vector<domain::LeasedJob>> lease_due(pg::Pool& pool, std::int16_t region_id,
                                                          std::int32_t worker_id, std::size_t limit,
                                                          Milliseconds lease_duration) {
  std::vector<domain::LeasedJob> jobs;
  for (std::int16_t lane = 0; lane < kLanes && jobs.size() < limit; ++lane) {
    LeaseOrder order{.shares = {{{region_id, lane}, limit - jobs.size()}},
                     .limit = limit - jobs.size(),
                     .workers = {worker_id},
                     .others = {worker_id},
                     .lease_duration = lease_duration};
    for (DealtJob& dealt : co_await lease_due(pool, order)) jobs.push_back(dealt.job);
  }
  co_return jobs;
}

asio::awaitable<std::optional<Microseconds>> time_to_next_due(pg::Pool& pool,
                                                              std::vector<std::int16_t> region_ids,
                                                              Milliseconds look_back) {
  const pg::Rows rows =
      co_await pool.query(kNextDue, pg::bind(region_ids, static_cast<std::int32_t>(kLanes), look_back));
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

asio::awaitable<std::int64_t> vacuum_queue(pg::Pool& pool) {
  constexpr Milliseconds kTimeout{10'000};  // less than a replica has to end in
  {
    pg::Loan connection = co_await pool.acquire();
    // Shrinking the file would lock everybody out.
    co_await connection->execute("VACUUM (SKIP_LOCKED, TRUNCATE false) app.jobs", kTimeout);
  }
  const pg::Rows rows = co_await pool.query(kJobs);
  co_return rows[0].get<std::int64_t>(0);
}

asio::awaitable<Instant> database_time(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kNow);
  co_return rows[0].get<Instant>(0);
}

}  // namespace openseer::store
