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

// What was kept of a slot: the result's own evidence, and failed attempts before it.
struct Attempt {
  RawResult result;
  std::string evidence;  // openseer.v1.Evidence, serialised; empty: none
};
struct Kept {
  std::string evidence;
  std::vector<Attempt> attempts;  // oldest first
};
asio::awaitable<Kept> load_evidence(pg::Pool& pool, std::int64_t job_id, Instant slot);

}  // namespace openseer::store
