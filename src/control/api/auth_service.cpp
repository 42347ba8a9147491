#include "control/api/auth_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/credentials.h"
#include "control/api/origin.h"
#include "control/api/password_hasher.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "control/api/sign_in_throttle.h"
#include "pki/secret_box.h"
#include "store/instance.h"
#include "store/second_factor.h"

namespace openseer::control {
namespace {

constexpr std::size_t kLongestPasswordBytes = 512;  // 128 code points of UTF-8

// One message for every reason.
Refusal wrong_credentials() { return {Code::kUnauthenticated, "wrong e-mail or password", {}}; }

Result<void> check_sign_up(const std::string& email, const v1::SignUpRequest& request) {
  std::vector<FieldViolation> violations;
  if (auto fault = email_fault(email)) violations.push_back({"email", *fault});
  if (auto fault = password_fault(request.password(), email)) violations.push_back({"password", *fault});
  if (auto fault = display_name_fault(request.display_name())) violations.push_back({"display_name", *fault});
  if (!violations.empty()) return invalid(std::move(violations));
  return {};
}

template <class Response>
Response account_response(const store::User& user, const std::vector<store::Membership>& memberships) {
  Response response;
  *response.mutable_user() = to_proto(user);
  for (const store::Membership& membership : memberships) *response.add_memberships() = to_proto(membership);
  return response;
}

}  // namespace

void AuthService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.AuthService.SignUp", this, &AuthService::sign_up);
  add_unary(router, "openseer.v1.AuthService.SignIn", this, &AuthService::sign_in);
  add_unary(router, "openseer.v1.AuthService.CompleteSignIn", this, &AuthService::complete_sign_in);
  add_unary(router, "openseer.v1.AuthService.SignOut", this, &AuthService::sign_out);
}

asio::awaitable<Result<v1::SignUpResponse>> AuthService::sign_up(http::Call& call,
                                                                 const v1::SignUpRequest& request) {
  if (const Result<void> secure = check_transport(call.request, options_); !secure) co_return secure.error();
  store::NewAccount account;
  account.email = trimmed(request.email());
  account.display_name = trimmed(request.display_name());
  if (const Result<void> valid = check_sign_up(account.email, request); !valid) co_return valid.error();
  if (!request.invitation_token().empty()) account.invitation_hash = pki::sha256(request.invitation_token());
  // Asked again when the account is made; here it only saves the hashing.
  const store::InstanceSettings settings = co_await store::instance_settings(pool_);
  const bool open = settings.sign_up == store::SignUp::kOpen ||
                    (settings.sign_up == store::SignUp::kInvitation && !account.invitation_hash.empty());
  if (!settings.needs_owner && !open) co_return store::sign_up_refused(settings.sign_up);

  const Result<std::string> phc = co_await hasher_.hash(request.password());
  if (!phc) co_return phc.error();
  account.password_hash = *phc;
  const store::Actor by = actor_of(call, options_);
  const Result<store::User> user = co_await store::create_account(pool_, std::move(account), by);
  if (!user) co_return user.error();
  co_await start_session(call, *user);
  const std::vector<store::Membership> memberships = co_await store::list_memberships(pool_, user->id);
  co_return account_response<v1::SignUpResponse>(*user, memberships);
}

asio::awaitable<Result<v1::SignInResponse>> AuthService::sign_in(http::Call& call,
                                                                 const v1::SignInRequest& request) {
  if (const Result<void> secure = check_transport(call.request, options_); !secure) co_return secure.error();
  const std::string email = trimmed(request.email());
  const Result<store::User> user = co_await check_credentials(call, email, request.password());
  if (!user) co_return user.error();
  if (user->two_factor) {
    co_await ask_for_code(call, user->id);
    v1::SignInResponse response;
    response.set_second_factor_required(true);
    co_return response;
  }
  co_await start_session(call, *user);
  const std::vector<store::Membership> memberships = co_await store::list_memberships(pool_, user->id);
  co_return account_response<v1::SignInResponse>(*user, memberships);
}

asio::awaitable<void> AuthService::ask_for_code(http::Call& call, std::int64_t user_id) {
  const std::string token = new_token();
  co_await store::begin_pending_sign_in(pool_, pki::sha256(token), user_id);
  set_cookie(call, options_, Cookie::kPendingSignIn, token);
}

asio::awaitable<Result<v1::CompleteSignInResponse>> AuthService::complete_sign_in(
    http::Call& call, const v1::CompleteSignInRequest& request) {
  const Refusal over{Code::kUnauthenticated, "the sign-in took too long: start it again", {}};
  const std::optional<std::string> pending = cookie_hash(call, options_, Cookie::kPendingSignIn);
  if (!pending) co_return over;
  const std::optional<store::User> user = co_await store::attempt_pending_sign_in(pool_, *pending);
  if (!user) co_return over;
  const Result<Credentials::UsedCode> used =
      co_await credentials_.use_code(call, *user, request.code(), false);
  if (!used) co_return used.error();
  const bool first = co_await store::end_pending_sign_in(pool_, *pending);
  if (!first) co_return over;
  clear_cookie(call, options_, Cookie::kPendingSignIn);
  co_await start_session(call, *user);
  const std::vector<store::Membership> memberships = co_await store::list_memberships(pool_, user->id);
  auto response = account_response<v1::CompleteSignInResponse>(*user, memberships);
  if (used->recovery_codes_left)
    response.set_recovery_codes_left(static_cast<std::uint32_t>(*used->recovery_codes_left));
  co_return response;
}

asio::awaitable<Result<store::User>> AuthService::check_credentials(http::Call& call, std::string email,
                                                                    std::string password) {
  // Neither can be right; they only would cost something.
  if (password.size() > kLongestPasswordBytes || email_fault(email)) co_return wrong_credentials();
  const std::string address = client_address(call.request, options_);
  const std::vector<store::ThrottleSubject> subjects = throttle_subjects(email, address);
  const Result<void> turn = co_await take_turn(pool_, subjects);
  if (!turn) co_return turn.error();

  const std::optional<store::Credentials> found = co_await store::find_credentials(pool_, email);
  Result<bool> right = false;
  if (found) {
    right = co_await hasher_.verify(std::move(password), found->password_hash);
  } else {
    right = co_await hasher_.verify_nobody(std::move(password));
  }
  if (!right) co_return right.error();
  if (!*right) co_return wrong_credentials();
  co_await store::attempt_succeeded(pool_, subjects);
  co_return found->user;
}

// A new token at every sign-in, whatever the browser had before.
asio::awaitable<void> AuthService::start_session(http::Call& call, store::User user) {
  if (const auto previous = cookie_hash(call, options_, Cookie::kSession))
    co_await store::end_session(pool_, *previous);
  const std::string token = new_token();
  store::Actor by = actor_of(call, options_);
  by.user_id = user.id;
  by.name = user.email;
  co_await store::create_session(pool_, {.user = std::move(user), .token_hash = pki::sha256(token)}, by);
  set_cookie(call, options_, Cookie::kSession, token);
}

asio::awaitable<Result<v1::SignOutResponse>> AuthService::sign_out(http::Call& call,
                                                                   const v1::SignOutRequest&) {
  if (const auto token_hash = cookie_hash(call, options_, Cookie::kSession)) {
    co_await store::end_session(pool_, *token_hash);
    clear_cookie(call, options_, Cookie::kSession);
  }
  co_return v1::SignOutResponse();
}

}  // namespace openseer::control
