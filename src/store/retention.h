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

// Writes down, before anything is dropped, that the level (0: raw results) is kept
// from the day that began `keep` ago, at least a day; no later than what the next
// level needs to be closed. Readers look at coarser levels for what is older.
asio::awaitable<Instant> keep_from(pg::Pool& pool, std::int16_t level, Seconds keep);

// Drops raw results and their evidence in whole days (partitions or chunks) before `kept_from`. Returns
// how many.
asio::awaitable<int> drop_raw(pg::Pool& pool, Instant kept_from);

// Deletes at most `limit` buckets of `level` before `kept_from`. Returns how many.
asio::awaitable<std::int64_t> drop_buckets(pg::Pool& pool, Level level, Instant kept_from, std::size_t limit);

// Deletes ended sessions, used-up tokens and throttle entries that say nothing any more.
asio::awaitable<void> drop_expired(pg::Pool& pool);

}  // namespace openseer::store
