#include "control/api/auth_service.h"

#include "control/api/answers.h"
#include "control/api/origin.h"
#include "control/api/password_hasher.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "control/api/sign_in_throttle.h"
#include "http/utf8.h"
#include "pki/secret_box.h"
#include "store/instance.h"
#include "store/sessions.h"

namespace openseer::control {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kLongestPasswordBytes = 512;  // 128 code points of UTF-8

// One message for every reason.
Refusal wrong_credentials() { return {Code::kUnauthenticated, "wrong e-mail or password", {}}; }

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

// Headers may hold any bytes; the database takes UTF-8.
std::string storable(std::string_view text) {
  return http::is_utf8(text) ? std::string(text) : std::string();
}

Result<void> check_sign_up(const std::string& email, const std::string& password) {
  std::vector<FieldViolation> violations;
  if (auto fault = email_fault(email)) violations.push_back({"email", *fault});
  if (auto fault = password_fault(password, email)) violations.push_back({"password", *fault});
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
  add_unary(router, "openseer.v1.AuthService.SignOut", this, &AuthService::sign_out);
}

asio::awaitable<Result<v1::SignUpResponse>> AuthService::sign_up(http::Call& call,
                                                                 const v1::SignUpRequest& request) {
  if (const Result<void> secure = check_transport(call.request, options_); !secure) co_return secure.error();
  const std::string email = trimmed(request.email());
  if (const Result<void> valid = check_sign_up(email, request.password()); !valid) co_return valid.error();
  // Asked again when the account is made; here it only saves the hashing.
  const store::InstanceSettings settings = co_await store::instance_settings(pool_);
  if (!settings.needs_owner && !settings.sign_up_open)
    co_return Refusal{Code::kPermissionDenied, "sign-up is closed on this instance", {}};

  const Result<std::string> phc = co_await hasher_.hash(request.password());
  if (!phc) co_return phc.error();
  const Result<store::User> user = co_await store::create_account(pool_, email, *phc);
  if (!user) co_return user.error();
  co_await start_session(call, user->id);
  const std::vector<store::Membership> memberships = co_await store::list_memberships(pool_, user->id);
  co_return account_response<v1::SignUpResponse>(*user, memberships);
}

asio::awaitable<Result<v1::SignInResponse>> AuthService::sign_in(http::Call& call,
                                                                 const v1::SignInRequest& request) {
  if (const Result<void> secure = check_transport(call.request, options_); !secure) co_return secure.error();
  const std::string email = trimmed(request.email());
  const Result<store::User> user = co_await check_credentials(call, email, request.password());
  if (!user) co_return user.error();
  co_await start_session(call, user->id);
  const std::vector<store::Membership> memberships = co_await store::list_memberships(pool_, user->id);
  co_return account_response<v1::SignInResponse>(*user, memberships);
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
asio::awaitable<void> AuthService::start_session(http::Call& call, std::int64_t user_id) {
  if (const auto previous = session_token_hash(call, options_)) co_await store::end_session(pool_, *previous);
  const std::string token = pki::random_hex(kTokenBytes);
  store::NewSession session;
  session.user_id = user_id;
  session.token_hash = pki::sha256(token);
  session.user_agent = storable(call.request.headers.get("User-Agent"));
  session.address = storable(client_address(call.request, options_));
  co_await store::create_session(pool_, std::move(session));
  set_session_cookie(call, options_, token);
}

asio::awaitable<Result<v1::SignOutResponse>> AuthService::sign_out(http::Call& call,
                                                                   const v1::SignOutRequest&) {
  if (const auto token_hash = session_token_hash(call, options_)) {
    co_await store::end_session(pool_, *token_hash);
    clear_session_cookie(call, options_);
  }
  co_return v1::SignOutResponse();
}

}  // namespace openseer::control
