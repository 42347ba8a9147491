#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/refusal.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}
namespace openseer::v1 {
class CheckReport;
class MonitorSpec;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// A connected worker that can be given orders.
class CheckTaker {
 public:
  virtual ~CheckTaker() = default;
  virtual std::int32_t worker_id() const = 0;
  // False when it is going away.
  virtual bool take_order(std::int64_t order, v1::MonitorSpec spec) = 0;
};

// Brings checks that a person waits for to a worker and its report back, wherever
// among the replicas each of them is connected: orders and reports are rows, and
// NOTIFY says where to look (store/check_orders). Owned by the API; runs on the
// control plane's executor (one thread).
class CheckDesk {
 public:
  CheckDesk(asio::any_io_executor executor, pg::Pool& pool, const pki::SecretBox& secrets);
  ~CheckDesk();
  CheckDesk(const CheckDesk&) = delete;
  CheckDesk& operator=(const CheckDesk&) = delete;

  // One check of `spec`, secrets included, by a worker of the region. Refuses with
  // ResourceExhausted when the workspace asks too often and Unavailable when there
  // is no report a few seconds after the check's time-out.
  asio::awaitable<Result<v1::CheckReport>> run(std::int64_t workspace_id, std::int16_t region_id,
                                               const v1::MonitorSpec& spec, Milliseconds timeout);

  // From join() to leave() the taker may get orders of its region and of "global".
  void join(CheckTaker& taker, std::int16_t region_id);
  // What it has not reported goes to another one.
  void leave(CheckTaker& taker);
  // An order that the taker does not have is ignored.
  void report(CheckTaker& taker, v1::CheckReport report);

  // A notification of openseer_checks; empty: some may have been lost.
  void notify(std::string_view payload);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace openseer::control
