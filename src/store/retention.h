#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "store/rollups.h"

namespace openseer::pg {
class Pool;
}

// Room for new results, and the end of old ones.
namespace openseer::store {

namespace asio = boost::asio;

// Makes the daily partitions of ts.results_raw and ts.evidence from two days ago to three days
// ahead; with TimescaleDB there is nothing to do. Returns how many were made.
asio::awaitable<int> create_partitions(pg::Pool& pool);

// Drops raw results and their evidence in whole days (partitions or chunks) older than `keep`.
// Returns how many.
asio::awaitable<int> drop_raw(pg::Pool& pool, Seconds keep);

// Deletes at most `limit` buckets of `level` older than `keep`. Returns how many.
asio::awaitable<std::int64_t> drop_buckets(pg::Pool& pool, Level level, Seconds keep, std::size_t limit);

// Deletes ended sessions, used-up tokens and throttle entries that say nothing any more.
asio::awaitable<void> drop_expired(pg::Pool& pool);

}  // namespace openseer::store
