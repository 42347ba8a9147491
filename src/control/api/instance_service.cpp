#include "control/api/instance_service.h"

#include "control/api/authoriser.h"
#include "control/api/origin.h"
#include "control/api/registration.h"
#include "openseer/v1/auth_service.pb.h"
#include "store/instance.h"

namespace openseer::control {
namespace {

template <class Response>
Response instance_response(const http::Call& call, const ApiOptions& options,
                           const store::InstanceSettings& settings) {
  Response response;
  v1::Instance& instance = *response.mutable_instance();
  instance.set_version(OPENSEER_VERSION);
  instance.set_needs_owner(settings.needs_owner);
  instance.set_sign_up(static_cast<v1::SignUpPolicy>(settings.sign_up));
  instance.set_password_reset_by_mail(options.mail.has_value());
  instance.set_api_url(api_url(call.request, options));
  return response;
}

}  // namespace

void InstanceService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.InstanceService.GetInstance", this, &InstanceService::get_instance);
  add_unary(router, "openseer.v1.InstanceService.UpdateInstance", this, &InstanceService::update_instance);
}

asio::awaitable<Result<v1::GetInstanceResponse>> InstanceService::get_instance(
    http::Call& call, const v1::GetInstanceRequest&) {
  const store::InstanceSettings settings = co_await store::instance_settings(pool_);
  co_return instance_response<v1::GetInstanceResponse>(call, options_, settings);
}

asio::awaitable<Result<v1::UpdateInstanceResponse>> InstanceService::update_instance(
    http::Call& call, const v1::UpdateInstanceRequest& request) {
  if (request.sign_up() < v1::SIGN_UP_POLICY_CLOSED || request.sign_up() > v1::SIGN_UP_POLICY_OPEN)
    co_return invalid({{"sign_up", "must be closed, by invitation or open"}});
  const store::InstanceSettings settings = co_await store::set_sign_up(
      pool_, static_cast<store::SignUp>(request.sign_up()), identity_of(call).actor);
  co_return instance_response<v1::UpdateInstanceResponse>(call, options_, settings);
}

}  // namespace openseer::control
