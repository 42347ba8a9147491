#include "control/api/instance_service.h"

#include "control/api/registration.h"
#include "openseer/v1/auth_service.pb.h"
#include "store/instance.h"

namespace openseer::control {
namespace {

template <class Response>
Response instance_response(const store::InstanceSettings& settings) {
  Response response;
  v1::Instance& instance = *response.mutable_instance();
  instance.set_version(OPENSEER_VERSION);
  instance.set_needs_owner(settings.needs_owner);
  instance.set_sign_up_open(settings.sign_up_open);
  return response;
}

}  // namespace

void InstanceService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.InstanceService.GetInstance", this, &InstanceService::get_instance);
  add_unary(router, "openseer.v1.InstanceService.UpdateInstance", this, &InstanceService::update_instance);
}

asio::awaitable<Result<v1::GetInstanceResponse>> InstanceService::get_instance(
    http::Call&, const v1::GetInstanceRequest&) {
  const store::InstanceSettings settings = co_await store::instance_settings(pool_);
  co_return instance_response<v1::GetInstanceResponse>(settings);
}

asio::awaitable<Result<v1::UpdateInstanceResponse>> InstanceService::update_instance(
    http::Call&, const v1::UpdateInstanceRequest& request) {
  const store::InstanceSettings settings = co_await store::set_sign_up_open(pool_, request.sign_up_open());
  co_return instance_response<v1::UpdateInstanceResponse>(settings);
}

}  // namespace openseer::control
