#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::pg {
class Pool;
}

namespace openseer::control {

namespace asio = boost::asio;

// What is said of a monitor that does not exist, or not in this workspace.
Refusal no_such_monitor();

// The monitor that a request names, if the workspace has it; NotFound otherwise.
asio::awaitable<Result<std::int64_t>> find_monitor_id(pg::Pool& pool, std::int64_t workspace_id,
                                                      std::string monitor_id);

}  // namespace openseer::control
