#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "store/history.h"

// One result and what was kept of it.
namespace openseer::store {

// The result of the monitor's job in `region` at `slot`; nothing when there is
// none or the workspace has no such monitor.
asio::awaitable<std::optional<RawResult>> find_result(pg::Pool& pool, std::int64_t workspace_id,
                                                      std::int64_t monitor_id, std::string region,
                                                      Instant slot);

}  // namespace openseer::store
