#include "control/api/credentials.h"

#include "control/api/authoriser.h"
#include "control/api/origin.h"
#include "control/api/password_hasher.h"
#include "control/api/sign_in_throttle.h"
#include "domain/text.h"
#include "http/rpc.h"
#include "pki/secret_box.h"
#include "pki/totp.h"

namespace openseer::control {
namespace {

constexpr std::size_t kRecoveryCodes = 10;
constexpr std::size_t kRecoveryCodeLetters = 10;  // of base32: 50 bits
constexpr std::size_t kLongestPasswordBytes = 512;

Refusal wrong_code() { return invalid({{"code", "is not right"}}); }

// As it is compared: people type spaces and dashes, or not.
std::string normal(const std::string& code) {
  std::string out;
  for (const char c : code) {
    if (c != ' ' && c != '-') out += c;
  }
  return domain::lower(std::move(out));
}

bool is_app_code(const std::string& code) {
  return code.size() == 6 && code.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

asio::awaitable<Result<void>> Credentials::check_password(const http::Call& call, std::string password,
                                                          std::string field) const {
  const store::User& user = identity_of(call).caller.user;
  const std::vector<FieldViolation> wrong{{std::move(field), "is not your password"}};
  if (password.size() > kLongestPasswordBytes) co_return invalid(wrong);
  const std::vector<store::ThrottleSubject> subjects =
      throttle_subjects(user.email, client_address(call.request, options_));
  const Result<void> turn = co_await take_turn(pool_, subjects);
  if (!turn) co_return turn.error();
  const std::optional<store::Credentials> stored = co_await store::find_credentials(pool_, user.id);
  if (!stored) co_return Refusal{Code::kUnauthenticated, "sign in first", {}};
  const Result<bool> right = co_await hasher_.verify(std::move(password), stored->password_hash);
  if (!right) co_return right.error();
  if (!*right) co_return invalid(wrong);
  co_await store::attempt_succeeded(pool_, subjects);
  co_return Result<void>();
}

asio::awaitable<Result<Credentials::UsedCode>> Credentials::use_code(const http::Call& call, store::User user,
                                                                     std::string code, bool pending) const {
  code = normal(code);
  const bool app_code = is_app_code(code);
  if (!app_code && (pending || code.size() != kRecoveryCodeLetters)) co_return wrong_code();
  const std::vector<store::ThrottleSubject> subjects =
      code_throttle_subjects(user.id, client_address(call.request, options_));
  const Result<void> turn = co_await take_turn(pool_, subjects);
  if (!turn) co_return turn.error();
  const std::optional<store::SecondFactor> factor =
      co_await store::find_second_factor(pool_, secrets_, user.id);
  if (!factor || factor->enabled_at.has_value() == pending) co_return wrong_code();
  Result<UsedCode> used =
      app_code ? co_await use_app_code(*factor, user.id, code) : co_await use_recovery_code(call, user, code);
  if (used) co_await store::attempt_succeeded(pool_, subjects);
  co_return used;
}

asio::awaitable<Result<Credentials::UsedCode>> Credentials::use_app_code(const store::SecondFactor& factor,
                                                                         std::int64_t user_id,
                                                                         std::string code) const {
  const std::optional<std::int64_t> step = pki::match_totp(factor.secret, code, factor.now);
  if (!step) co_return wrong_code();
  const bool first = co_await store::use_time_step(pool_, user_id, *step);
  if (!first) co_return invalid({{"code", "was used before; wait for the next one"}});
  co_return UsedCode{};
}

// Compared with each that is left: at most ten, and guessing is throttled.
asio::awaitable<Result<Credentials::UsedCode>> Credentials::use_recovery_code(const http::Call& call,
                                                                              store::User user,
                                                                              std::string code) const {
  store::Actor by = actor_of(call, options_);
  by.user_id = user.id;
  by.name = user.email;
  const std::vector<store::RecoveryCode> codes = co_await store::list_recovery_codes(pool_, user.id);
  for (const store::RecoveryCode& candidate : codes) {
    const Result<bool> right = co_await hasher_.verify(code, candidate.hash);
    if (!right) co_return right.error();
    if (!*right) continue;
    const std::optional<std::int64_t> left =
        co_await store::use_recovery_code(pool_, user.id, candidate.id, by);
    if (left) co_return UsedCode{*left};
  }
  co_return wrong_code();
}

asio::awaitable<Result<Credentials::RecoveryCodes>> Credentials::make_recovery_codes() const {
  RecoveryCodes codes;
  for (std::size_t i = 0; i < kRecoveryCodes; ++i) {
    const std::string code = domain::lower(pki::base32(pki::random_bytes(7))).substr(0, kRecoveryCodeLetters);
    Result<std::string> hash = co_await hasher_.hash(code);
    if (!hash) co_return hash.error();
    codes.shown.push_back(code.substr(0, 5) + "-" + code.substr(5));
    codes.hashes.push_back(std::move(*hash));
  }
  co_return codes;
}

}  // namespace openseer::control
