#include "control/api/session_cookie.h"

#include "control/api/origin.h"
#include "pki/secret_box.h"
#include "store/sessions.h"

namespace openseer::control {
namespace {

constexpr auto kSecureName = "__Host-openseer_session";
constexpr auto kPlainName = "openseer_session";
constexpr std::size_t kTokenDigits = 64;  // 256 bits

void set_cookie(http::Call& call, const ApiOptions& options, const std::string& value, Seconds age) {
  const bool secure = is_secure(call.request, options);
  std::string cookie = std::string(secure ? kSecureName : kPlainName) + "=" + value +
                       "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(age.count());
  if (secure) cookie += "; Secure";
  call.response_headers.add("Set-Cookie", std::move(cookie));
}

}  // namespace

Result<void> check_transport(const http::Request& request, const ApiOptions& options) {
  if (options.allow_insecure_http || is_secure(request, options)) return {};
  return Refusal{Code::kPermissionDenied,
                 "signing in needs HTTPS (or localhost); the operator can allow plain HTTP",
                 {}};
}

std::optional<std::string> session_token_hash(const http::Call& call, const ApiOptions& options) {
  const bool secure = is_secure(call.request, options);
  if (!secure && !options.allow_insecure_http) return std::nullopt;
  const std::string_view token = call.cookie(secure ? kSecureName : kPlainName);
  if (token.size() != kTokenDigits) return std::nullopt;
  return pki::sha256(token);
}

void set_session_cookie(http::Call& call, const ApiOptions& options, const std::string& token) {
  set_cookie(call, options, token, store::kSessionLifetime);
}

void clear_session_cookie(http::Call& call, const ApiOptions& options) {
  set_cookie(call, options, "", Seconds{0});
}

}  // namespace openseer::control
