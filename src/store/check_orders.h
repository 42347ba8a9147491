#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

namespace openseer::pg {
class Pool;
}

// Checks that a person waits for, on their way between the replica that was asked
// and the one that has a worker. Every change NOTIFYs openseer_checks with
// "order:<id>:<region>" or "report:<id>". Specifications and reports are sealed by
// the caller.
namespace openseer::store {

namespace asio = boost::asio;

inline constexpr int kOrdersPerMinute = 30;  // of one workspace

struct OpenOrder {
  std::int64_t id = 0;
  std::int16_t region_id = 0;
};

// Nothing when the workspace has ordered too many in the last minute.
asio::awaitable<std::optional<std::int64_t>> add_order(pg::Pool& pool, std::int64_t workspace_id,
                                                       std::int16_t region_id, std::string spec_sealed);
// The specification, for the one worker that gets the order.
asio::awaitable<std::optional<std::string>> claim_order(pg::Pool& pool, std::int64_t order,
                                                        std::int32_t worker_id);
// For another worker to claim: this one is gone.
asio::awaitable<void> release_orders(pg::Pool& pool, std::int32_t worker_id,
                                     std::vector<std::int64_t> orders);
// Without effect when the order is over or another worker's.
asio::awaitable<void> put_report(pg::Pool& pool, std::int64_t order, std::int32_t worker_id,
                                 std::string report_sealed);

struct OrderState {
  bool claimed = false;
  std::optional<std::string> report_sealed;
};
asio::awaitable<OrderState> order_state(pg::Pool& pool, std::int64_t order);
// Nobody waits any more; what is sealed in it is deleted.
asio::awaitable<void> close_order(pg::Pool& pool, std::int64_t order);

// Those that wait for a worker, oldest first, at most 100.
asio::awaitable<std::vector<OpenOrder>> open_orders(pg::Pool& pool);

}  // namespace openseer::store
