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
class ListAccountEventsRequest;
class ListAccountEventsResponse;
class ListAuditEventsRequest;
class ListAuditEventsResponse;
class ListInstanceEventsRequest;
class ListInstanceEventsResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// The audit log (proto/openseer/v1/audit_service.proto).
class AuditService {
 public:
  explicit AuditService(pg::Pool& pool) : pool_(pool) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::ListAuditEventsResponse>> list_audit_events(
      http::Call& call, const v1::ListAuditEventsRequest& request);
  asio::awaitable<Result<v1::ListAccountEventsResponse>> list_account_events(
      http::Call& call, const v1::ListAccountEventsRequest& request);
  asio::awaitable<Result<v1::ListInstanceEventsResponse>> list_instance_events(
      http::Call& call, const v1::ListInstanceEventsRequest& request);

  pg::Pool& pool_;
};

}  // namespace openseer::control
