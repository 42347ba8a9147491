#include "control/api/health_service.h"

#include "control/api/registration.h"
#include "openseer/v1/health_service.pb.h"

namespace openseer::control {

void HealthService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.HealthService.Check", this, &HealthService::check);
}

asio::awaitable<Result<v1::CheckResponse>> HealthService::check(http::Call&, const v1::CheckRequest&) {
  const Result<void> ready = readiness_();
  v1::CheckResponse response;
  response.set_readiness(ready ? v1::READINESS_READY : v1::READINESS_NOT_READY);
  if (!ready) response.set_reason(ready.error().message);
  co_return response;
}

}  // namespace openseer::control
