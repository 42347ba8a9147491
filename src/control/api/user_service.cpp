#include "control/api/user_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/credentials.h"
#include "control/api/mailer.h"
#include "control/api/password_hasher.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "pki/secret_box.h"

namespace openseer::control {

void UserService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.UserService.GetCurrentUser", this, &UserService::get_current_user);
  add_unary(router, "openseer.v1.UserService.UpdateProfile", this, &UserService::update_profile);
  add_unary(router, "openseer.v1.UserService.ChangeEmail", this, &UserService::change_email);
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

asio::awaitable<Result<v1::UpdateProfileResponse>> UserService::update_profile(
    http::Call& call, const v1::UpdateProfileRequest& request) {
  const Identity& identity = identity_of(call);
  const std::string name = trimmed(request.display_name());
  if (auto fault = display_name_fault(name)) co_return invalid({{"display_name", *fault}});
  const store::User user =
      co_await store::set_display_name(pool_, identity.caller.user, name, identity.actor);
  v1::UpdateProfileResponse response;
  *response.mutable_user() = to_proto(user);
  co_return response;
}

asio::awaitable<Result<v1::ChangeEmailResponse>> UserService::change_email(
    http::Call& call, const v1::ChangeEmailRequest& request) {
  const Identity& identity = identity_of(call);
  const std::string email = trimmed(request.new_email());
  if (auto fault = email_fault(email)) co_return invalid({{"new_email", *fault}});
  const Result<void> right = co_await credentials_.check_password(call, request.password(), "password");
  if (!right) co_return right.error();
  const std::string token = new_token();
  const store::KeptSession kept{identity.caller.session_id, pki::sha256(token)};
  const Result<store::User> user =
      co_await store::change_email(pool_, identity.caller.user, email, kept, identity.actor);
  if (!user) co_return user.error();
  // Whoever has taken the account over cannot keep its owner from hearing of it.
  mailer_.send(identity.caller.user.email, "Your OpenSeer account has a new e-mail",
               "From now on you sign in to OpenSeer with " + email +
                   ". If you did not change that, ask the operator of this instance for help at once.\n");
  set_cookie(call, options_, Cookie::kSession, token);
  v1::ChangeEmailResponse response;
  *response.mutable_user() = to_proto(*user);
  co_return response;
}

asio::awaitable<Result<v1::ChangePasswordResponse>> UserService::change_password(
    http::Call& call, const v1::ChangePasswordRequest& request) {
  const Identity& identity = identity_of(call);
  const store::User& user = identity.caller.user;
  if (auto fault = password_fault(request.new_password(), user.email))
    co_return invalid({{"new_password", *fault}});
  const Result<void> right =
      co_await credentials_.check_password(call, request.current_password(), "current_password");
  if (!right) co_return right.error();
  const Result<std::string> phc = co_await hasher_.hash(request.new_password());
  if (!phc) co_return phc.error();
  const std::string token = new_token();
  const store::KeptSession kept{identity.caller.session_id, pki::sha256(token)};
  co_await store::change_password(pool_, user, *phc, kept, identity.actor);
  mailer_.send(
      user.email, "Your OpenSeer password was changed",
      "If you did not change it, reset it at once and look through your sessions in the settings.\n");
  set_cookie(call, options_, Cookie::kSession, token);
  co_return v1::ChangePasswordResponse();
}

}  // namespace openseer::control
