#include "control/api/monitor_lookup.h"

#include "store/monitor_views.h"
#include "wire/id.h"

namespace openseer::control {

Refusal no_such_monitor() { return {Code::kNotFound, "there is no such monitor", {}}; }

asio::awaitable<Result<std::int64_t>> find_monitor_id(pg::Pool& pool, std::int64_t workspace_id,
                                                      std::string monitor_id) {
  const std::optional<std::int64_t> id = wire::parse_id(monitor_id);
  const bool exists = id && co_await store::monitor_exists(pool, workspace_id, *id);
  if (!exists) co_return no_such_monitor();
  co_return *id;
}

}  // namespace openseer::control
