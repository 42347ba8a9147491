#include "control/api/user_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/origin.h"
#include "control/api/password_hasher.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/sign_in_throttle.h"

namespace openseer::control {

void UserService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.UserService.GetCurrentUser", this, &UserService::get_current_user);
  add_unary(router, "openseer.v1.UserService.ChangePassword", this, &UserService::change_password);
}

asio::awaitable<Result<v1::GetCurrentUserResponse>> UserService::get_current_user(
    http::Call& call, const v1::GetCurrentUserRequest&) {
  const store::User& user = identity_of(call).caller.user;
  v1::GetCurrentUserResponse response;
  *response.mutable_user() = to_proto(user);
  const std::vector<store::Membership> memberships = co_await store::list_memberships(pool_, user.id);
  for (const store::Membership& membership : memberships) *response.add_memberships() = to_proto(membership);
  co_return response;
}

asio::awaitable<Result<v1::ChangePasswordResponse>> UserService::change_password(
    http::Call& call, const v1::ChangePasswordRequest& request) {
  const Identity& identity = identity_of(call);
  const store::User& user = identity.caller.user;
  if (auto fault = password_fault(request.new_password(), user.email))
    co_return invalid({{"new_password", *fault}});

  // A stolen session must not become a way to guess the password.
  const std::string address = client_address(call.request, options_);
  const std::vector<store::ThrottleSubject> subjects = throttle_subjects(user.email, address);
  const Result<void> turn = co_await take_turn(pool_, subjects);
  if (!turn) co_return turn.error();
  const std::optional<store::Credentials> stored = co_await store::find_credentials(pool_, user.id);
  if (!stored) co_return Refusal{Code::kUnauthenticated, "sign in first", {}};
  const Result<bool> right = co_await hasher_.verify(request.current_password(), stored->password_hash);
  if (!right) co_return right.error();
  if (!*right) co_return invalid({{"current_password", "is not your password"}});
  co_await store::attempt_succeeded(pool_, subjects);

  const Result<std::string> phc = co_await hasher_.hash(request.new_password());
  if (!phc) co_return phc.error();
  co_await store::change_password(pool_, user.id, *phc, identity.caller.session_id);
  co_return v1::ChangePasswordResponse();
}

}  // namespace openseer::control
