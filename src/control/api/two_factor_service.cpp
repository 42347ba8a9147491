#include "control/api/two_factor_service.h"

#include "control/api/authoriser.h"
#include "control/api/credentials.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "openseer/v1/two_factor_service.pb.h"
#include "pki/secret_box.h"
#include "pki/totp.h"
#include "store/second_factor.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr std::size_t kSecretBytes = 20;  // RFC 4226, section 4: at least 128, rather 160 bits

Refusal not_enabled() { return {Code::kFailedPrecondition, "two-factor sign-in is not on", {}}; }
Refusal already_enabled() { return {Code::kFailedPrecondition, "two-factor sign-in is on already", {}}; }

std::string in_groups(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += ' ';
    out += text[i];
  }
  return out;
}

// RFC 3986: everything but unreserved characters.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : "%" + pki::to_hex(std::string_view(&c, 1));
  }
  return out;
}

// github.com/google/google-authenticator/wiki/Key-Uri-Format
std::string otpauth_uri(const std::string& email, const std::string& secret) {
  return "otpauth://totp/OpenSeer:" + escaped(email) + "?secret=" + secret +
         "&issuer=OpenSeer&algorithm=SHA1&digits=6&period=30";
}

template <class Response>
Response codes_response(const Credentials::RecoveryCodes& codes) {
  Response response;
  for (const std::string& code : codes.shown) response.add_recovery_codes(code);
  return response;
}

}  // namespace

void TwoFactorService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.TwoFactorService.GetTwoFactor", this, &TwoFactorService::get_two_factor);
  add_unary(router, "openseer.v1.TwoFactorService.BeginTwoFactor", this, &TwoFactorService::begin_two_factor);
  add_unary(router, "openseer.v1.TwoFactorService.ConfirmTwoFactor", this,
            &TwoFactorService::confirm_two_factor);
  add_unary(router, "openseer.v1.TwoFactorService.DisableTwoFactor", this,
            &TwoFactorService::disable_two_factor);
  add_unary(router, "openseer.v1.TwoFactorService.ReplaceRecoveryCodes", this,
            &TwoFactorService::replace_recovery_codes);
}

asio::awaitable<Result<v1::GetTwoFactorResponse>> TwoFactorService::get_two_factor(
    http::Call& call, const v1::GetTwoFactorRequest&) {
  const std::optional<store::SecondFactor> factor =
      co_await store::find_second_factor(pool_, secrets_, identity_of(call).caller.user.id);
  v1::GetTwoFactorResponse response;
  v1::TwoFactor& message = *response.mutable_two_factor();
  if (factor && factor->enabled_at) {
    message.set_enabled(true);
    *message.mutable_enabled_at() = wire::to_proto(*factor->enabled_at);
    message.set_recovery_codes_left(static_cast<std::uint32_t>(factor->recovery_codes_left));
  }
  co_return response;
}

asio::awaitable<Result<v1::BeginTwoFactorResponse>> TwoFactorService::begin_two_factor(
    http::Call& call, const v1::BeginTwoFactorRequest& request) {
  const store::User& user = identity_of(call).caller.user;
  if (user.two_factor) co_return already_enabled();
  const Result<void> right = co_await credentials_.check_password(call, request.password(), "password");
  if (!right) co_return right.error();
  const std::string secret = pki::random_bytes(kSecretBytes);
  const bool begun = co_await store::begin_second_factor(pool_, secrets_, user.id, secret);
  if (!begun) co_return already_enabled();
  v1::BeginTwoFactorResponse response;
  response.set_secret(in_groups(pki::base32(secret)));
  response.set_otpauth_uri(otpauth_uri(user.email, pki::base32(secret)));
  co_return response;
}

asio::awaitable<Result<v1::ConfirmTwoFactorResponse>> TwoFactorService::confirm_two_factor(
    http::Call& call, const v1::ConfirmTwoFactorRequest& request) {
  const Identity& identity = identity_of(call);
  const store::User& user = identity.caller.user;
  if (user.two_factor) co_return already_enabled();
  const Result<Credentials::UsedCode> used = co_await credentials_.use_code(call, user, request.code(), true);
  if (!used) co_return used.error();
  const Result<Credentials::RecoveryCodes> codes = co_await credentials_.make_recovery_codes();
  if (!codes) co_return codes.error();
  const std::string token = new_token();
  const store::KeptSession kept{identity.caller.session_id, pki::sha256(token)};
  const bool enabled =
      co_await store::enable_second_factor(pool_, user.id, codes->hashes, kept, identity.actor);
  if (!enabled) co_return already_enabled();
  set_cookie(call, options_, Cookie::kSession, token);
  co_return codes_response<v1::ConfirmTwoFactorResponse>(*codes);
}

asio::awaitable<Result<v1::DisableTwoFactorResponse>> TwoFactorService::disable_two_factor(
    http::Call& call, const v1::DisableTwoFactorRequest& request) {
  const Identity& identity = identity_of(call);
  const store::User& user = identity.caller.user;
  if (!user.two_factor) co_return not_enabled();
  const Result<void> right = co_await credentials_.check_password(call, request.password(), "password");
  if (!right) co_return right.error();
  const Result<Credentials::UsedCode> used =
      co_await credentials_.use_code(call, user, request.code(), false);
  if (!used) co_return used.error();
  const std::string token = new_token();
  const store::KeptSession kept{identity.caller.session_id, pki::sha256(token)};
  const bool disabled = co_await store::disable_second_factor(pool_, user.id, kept, identity.actor);
  if (!disabled) co_return not_enabled();
  set_cookie(call, options_, Cookie::kSession, token);
  co_return v1::DisableTwoFactorResponse();
}

asio::awaitable<Result<v1::ReplaceRecoveryCodesResponse>> TwoFactorService::replace_recovery_codes(
    http::Call& call, const v1::ReplaceRecoveryCodesRequest& request) {
  const Identity& identity = identity_of(call);
  const store::User& user = identity.caller.user;
  if (!user.two_factor) co_return not_enabled();
  const Result<void> right = co_await credentials_.check_password(call, request.password(), "password");
  if (!right) co_return right.error();
  const Result<Credentials::UsedCode> used =
      co_await credentials_.use_code(call, user, request.code(), false);
  if (!used) co_return used.error();
  const Result<Credentials::RecoveryCodes> codes = co_await credentials_.make_recovery_codes();
  if (!codes) co_return codes.error();
  co_await store::replace_recovery_codes(pool_, user.id, codes->hashes, identity.actor);
  co_return codes_response<v1::ReplaceRecoveryCodesResponse>(*codes);
}

}  // namespace openseer::control
