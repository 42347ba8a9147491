#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class GetInstanceRequest;
class GetInstanceResponse;
class UpdateInstanceRequest;
class UpdateInstanceResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// What concerns the whole installation (proto/openseer/v1/auth_service.proto).
class InstanceService {
 public:
  InstanceService(pg::Pool& pool, const ApiOptions& options) : pool_(pool), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::GetInstanceResponse>> get_instance(http::Call& call,
                                                                const v1::GetInstanceRequest& request);
  asio::awaitable<Result<v1::UpdateInstanceResponse>> update_instance(
      http::Call& call, const v1::UpdateInstanceRequest& request);

  pg::Pool& pool_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
