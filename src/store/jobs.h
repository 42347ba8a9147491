#pragma once

#include <cstdint>
#include <optional>
#include <string>
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

// Leases at most `limit` due jobs of the region (or of "global") to `worker_id`,
// oldest first. A job whose slot has been overtaken is leased at its latest due
// slot; the slots in between are its gap.
asio::awaitable<std::vector<domain::LeasedJob>> lease_due(pg::Pool& pool, std::int16_t region_id,
                                                          std::int32_t worker_id, std::size_t limit,
                                                          Milliseconds lease_duration);

// How long until the next job of any of the regions is due; zero when one is
// due already, nothing when there is none.
asio::awaitable<std::optional<Microseconds>> time_to_next_due(pg::Pool& pool,
                                                              std::vector<std::int16_t> region_ids);

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
// openseer_results. `worker_ids` is parallel to `results`. The acceptances are in
// the order of `results`; a repeat of a committed result is kAccepted.
asio::awaitable<std::vector<domain::Acceptance>> commit_results(
    pg::Pool& pool, const std::vector<std::int32_t>& worker_ids,
    const std::vector<domain::LeasedResult>& results);

// The database's clock.
asio::awaitable<Instant> database_time(pg::Pool& pool);

}  // namespace openseer::store
