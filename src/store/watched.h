#pragma once

#include <cstdint>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace openseer::pg {
class Pool;
}

namespace openseer::store {

namespace asio = boost::asio;

// Tells every replica on openseer_watching that these workspaces are looked at.
asio::awaitable<void> announce_watched(pg::Pool& pool, std::vector<std::int64_t> workspace_ids);

}  // namespace openseer::store
