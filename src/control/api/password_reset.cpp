#include "control/api/password_reset.h"

#include "control/api/authoriser.h"
#include "control/api/mailer.h"
#include "control/api/origin.h"
#include "control/api/password_hasher.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "control/api/sign_in_throttle.h"
#include "openseer/v1/auth_service.pb.h"
#include "pki/secret_box.h"
#include "store/password_resets.h"

namespace openseer::control {
namespace {

std::string reset_text(const std::string& public_url, const std::string& token) {
  return "Somebody, probably you, wants to set a new password for your OpenSeer account. Open this link "
         "within "
         "an hour:\n\n" +
         password_reset_url(public_url, token) +
         "\n\nIt works once, and signs you out everywhere. If it was not you, ignore this e-mail: your "
         "password "
         "stays as it is.\n";
}

}  // namespace

std::string password_reset_url(const std::string& public_url, const std::string& token) {
  return public_url + "/reset-password#" + token;
}

void PasswordReset::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.AuthService.RequestPasswordReset", this,
            &PasswordReset::request_password_reset);
  add_unary(router, "openseer.v1.AuthService.ResetPassword", this, &PasswordReset::reset_password);
}

// Does the same work, and takes as long, whether the account exists.
asio::awaitable<Result<v1::RequestPasswordResetResponse>> PasswordReset::request_password_reset(
    http::Call& call, const v1::RequestPasswordResetRequest& request) {
  if (!mailer_.configured())
    co_return Refusal{Code::kFailedPrecondition,
                      "no mail server is configured: ask the operator to run openseer user reset-password",
                      {}};
  const std::string email = trimmed(request.email());
  if (auto fault = email_fault(email)) co_return invalid({{"email", *fault}});
  const Result<void> turn =
      co_await take_turn(pool_, reset_throttle_subjects(email, client_address(call.request, options_)));
  if (!turn) co_return turn.error();
  const std::string token = new_token();
  const std::optional<store::User> user =
      co_await store::create_password_reset(pool_, email, pki::sha256(token), actor_of(call, options_));
  if (user) mailer_.send(user->email, "Reset your OpenSeer password", reset_text(options_.public_url, token));
  co_return v1::RequestPasswordResetResponse();
}

asio::awaitable<Result<v1::ResetPasswordResponse>> PasswordReset::reset_password(
    http::Call& call, const v1::ResetPasswordRequest& request) {
  if (const Result<void> secure = check_transport(call.request, options_); !secure) co_return secure.error();
  const Refusal not_good{Code::kNotFound, "the link was used, or is too old: ask for a new one", {}};
  const std::string token_hash = pki::sha256(request.token());
  const std::optional<store::User> user = co_await store::find_password_reset(pool_, token_hash);
  if (!user) co_return not_good;
  if (auto fault = password_fault(request.new_password(), user->email))
    co_return invalid({{"new_password", *fault}});
  const Result<std::string> phc = co_await hasher_.hash(request.new_password());
  if (!phc) co_return phc.error();
  const bool used = co_await store::use_password_reset(pool_, token_hash, *phc, actor_of(call, options_));
  if (!used) co_return not_good;
  co_return v1::ResetPasswordResponse();
}

}  // namespace openseer::control
