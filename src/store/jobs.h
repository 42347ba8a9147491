#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/lease.h"

namespace openseer::pg {
class Pool;
}

// The queue: leases, renewals, returns, commits.
namespace openseer::store {

namespace asio = boost::asio;

// A region's jobs are in lanes (migration 0008), each with an order of its own.
inline constexpr std::int16_t kLanes = 4;
struct Queue {
  std::int16_t region_id = 0;
  std::int16_t lane = 0;
  auto operator<=>(const Queue&) const = default;
};
struct QueueShare {
  Queue queue;
  std::size_t most = 0;
};

// However long ago a job became due.
inline constexpr Milliseconds kEverything = std::chrono::hours{24 * 36'500};

// What one statement leases, and for whom.
struct LeaseOrder {
  std::vector<QueueShare> shares;  // served in this order
  std::size_t limit = 0;           // of all together
  // A job goes to workers[monitor modulo size], or to others[the same] when that
  // one has just failed at the slot, or let its lease of it expire. While no other
  // worker is named, another replica may have one: a failed slot waits for it for a
  // second, an expired lease for half of one. Neither may be empty.
  std::vector<std::int32_t> workers, others;
  Milliseconds lease_duration{};
  Milliseconds ahead{};  // jobs due within it are leased, too; workers start them at their slot
  Milliseconds look_back = kEverything;  // jobs due longer ago are not looked for
};
struct DealtJob {
  domain::LeasedJob job;
  std::int32_t worker_id = 0;
  Queue queue;
};

// Leases due jobs, oldest first in each queue. A job whose slot has been
// overtaken is leased at its latest due slot; the slots in between are its gap.
asio::awaitable<std::vector<DealtJob>> lease_due(pg::Pool& pool, const LeaseOrder& order);
// At most `limit` of the region (or of "global") for one worker, lane by lane.
asio::awaitable<std::vector<domain::LeasedJob>> lease_due(pg::Pool& pool, std::int16_t region_id,
                                                          std::int32_t worker_id, std::size_t limit,
                                                          Milliseconds lease_duration);

// How long until the next job of any of the regions is due; zero when one is,
// nothing when there is none. What came due before `look_back` does not count.
asio::awaitable<std::optional<Microseconds>> time_to_next_due(pg::Pool& pool,
                                                              std::vector<std::int16_t> region_ids,
                                                              Milliseconds look_back = kEverything);

// The leases among `leases` that were still the worker's and now last
// `lease_duration` from now.
asio::awaitable<std::vector<domain::Lease>> renew_leases(pg::Pool& pool, std::int32_t worker_id,
                                                         std::vector<domain::Lease> leases,
                                                         Milliseconds lease_duration);

// Gives unrun jobs back: they are due again at once.
asio::awaitable<void> return_leases(pg::Pool& pool, std::int32_t worker_id,
                                    std::vector<domain::Lease> leases);

// One transaction: advances every job whose lease matches, inserts exactly those
// results and their gaps, brings monitor_current up to date and NOTIFYs
// openseer_results about the workspaces in `watched` (null: about all).
// `worker_ids` is parallel to `results`. The acceptances are in the order of
// `results`; a repeat of a committed result is kAccepted.
//
// A failed result whose monitor has retries left, and time for one before the
// next slot, is an attempt: accepted, but no result. The job is due again, for
// another worker first.
asio::awaitable<std::vector<domain::Acceptance>> commit_results(
    pg::Pool& pool, std::vector<std::int32_t> worker_ids, std::vector<domain::LeasedResult> results,
    const std::unordered_set<std::int64_t>* watched = nullptr);

// Vacuums the jobs, unless somebody else does or has the table locked, and tells about
// how many there are; 0 while that is not known.
asio::awaitable<std::int64_t> vacuum_queue(pg::Pool& pool);

// The database's clock.
asio::awaitable<Instant> database_time(pg::Pool& pool);

}  // namespace openseer::store
