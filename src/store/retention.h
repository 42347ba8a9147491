#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}

// Room for new results, and the end of old ones.
namespace openseer::store {

namespace asio = boost::asio;

// Makes the partitions of results, evidence and rollups that begin from two days ago to
// three days ahead; with TimescaleDB there is nothing to do. Returns how many were made.
asio::awaitable<int> create_partitions(pg::Pool& pool);

// Writes down, before anything is dropped, that the level (0: raw results) is kept
// from the day that began `keep` ago, at least a day; no later than what the next
// level needs to be closed. Readers look at coarser levels for what is older.
asio::awaitable<Instant> keep_from(pg::Pool& pool, std::int16_t level, Seconds keep);

// Drops what `level` keeps (0: raw results and their evidence) in whole partitions, or
// chunks, that end at or before `kept_from`. Returns how many partitions.
asio::awaitable<int> drop_partitions(pg::Pool& pool, std::int16_t level, Instant kept_from);

// Deletes ended sessions, used-up tokens and throttle entries that say nothing any more.
asio::awaitable<void> drop_expired(pg::Pool& pool);

}  // namespace openseer::store
