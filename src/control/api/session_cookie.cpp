#include "control/api/session_cookie.h"

#include "control/api/origin.h"
#include "pki/secret_box.h"
#include "store/second_factor.h"

namespace openseer::control {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenDigits = 2 * kTokenBytes;

std::string name_of(Cookie cookie, bool secure) {
  const std::string name = cookie == Cookie::kSession ? "openseer_session" : "openseer_pending";
  return secure ? "__Host-" + name : name;
}

Seconds age_of(Cookie cookie) {
  return cookie == Cookie::kSession ? store::kSessionLifetime : store::kPendingSignIn;
}

void write_cookie(http::Call& call, const ApiOptions& options, Cookie cookie, const std::string& value,
                  Seconds age) {
  const bool secure = is_secure(call.request, options);
  std::string text = name_of(cookie, secure) + "=" + value +
                     "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(age.count());
  if (secure) text += "; Secure";
  call.response_headers.add("Set-Cookie", std::move(text));
}

}  // namespace

std::string new_token() { return pki::random_hex(kTokenBytes); }

Result<void> check_transport(const http::Request& request, const ApiOptions& options) {
  if (options.allow_insecure_http || is_secure(request, options)) return {};
  return Refusal{
      Code::kPermissionDenied, "this needs HTTPS (or localhost); the operator can allow plain HTTP", {}};
}

std::optional<std::string> cookie_hash(const http::Call& call, const ApiOptions& options, Cookie cookie) {
  if (!call.request.headers.get("Authorization").empty()) return std::nullopt;
  const bool secure = is_secure(call.request, options);
  if (!secure && !options.allow_insecure_http) return std::nullopt;
  const std::string_view token = call.cookie(name_of(cookie, secure));
  if (token.size() != kTokenDigits) return std::nullopt;
  return pki::sha256(token);
}

std::optional<Credential> credential_of(const http::Call& call, const ApiOptions& options) {
  std::string_view header = call.request.headers.get("Authorization");
  if (header.empty()) {
    std::optional<std::string> hash = cookie_hash(call, options, Cookie::kSession);
    if (!hash) return std::nullopt;
    return Credential{Credential::Kind::kSession, std::move(*hash)};
  }
  // The scheme's case does not matter (RFC 9110, 11.1).
  constexpr std::string_view kScheme = "bearer ";
  for (const char c : kScheme) {
    if (header.empty() || (header.front() | 0x20) != c) return std::nullopt;
    header.remove_prefix(1);
  }
  if (!header.starts_with(kApiTokenStart) || header.size() != kApiTokenStart.size() + kTokenDigits)
    return std::nullopt;
  return Credential{Credential::Kind::kApiToken, pki::sha256(header)};
}

void set_cookie(http::Call& call, const ApiOptions& options, Cookie cookie, const std::string& token) {
  write_cookie(call, options, cookie, token, age_of(cookie));
}

void clear_cookie(http::Call& call, const ApiOptions& options, Cookie cookie) {
  write_cookie(call, options, cookie, "", Seconds{0});
}

}  // namespace openseer::control
