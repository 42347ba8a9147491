#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class BulkUpdateMonitorsRequest;
class BulkUpdateMonitorsResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// One change to many monitors: MonitorService.BulkUpdateMonitors
// (proto/openseer/v1/monitor_service.proto).
class MonitorBulk {
 public:
  explicit MonitorBulk(pg::Pool& pool) : pool_(pool) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::BulkUpdateMonitorsResponse>> update(
      http::Call& call, const v1::BulkUpdateMonitorsRequest& request);

  pg::Pool& pool_;
};

}  // namespace openseer::control
