#pragma once

#include <optional>
#include <string>

#include "base/refusal.h"
#include "control/api/authoriser.h"
#include "control/api/options.h"
#include "http/rpc.h"

// The cookies that carry a session, and a sign-in that waits for its second
// factor (RFC 6265bis): "__Host-", Secure, HttpOnly, SameSite=Lax; without the
// first two only where the operator allows plain HTTP. And the header that
// carries an API token.
namespace openseer::control {

enum class Cookie { kSession, kPendingSignIn };

// "ost_" and 64 hex digits; the first kApiTokenPrefix characters are no secret.
inline constexpr std::string_view kApiTokenStart = "ost_";
inline constexpr std::size_t kApiTokenPrefix = 10;

// 256 random bits, in hex.
std::string new_token();

// PermissionDenied where no cookie may be set: plain HTTP from elsewhere.
Result<void> check_transport(const http::Request& request, const ApiOptions& options);

// SHA-256 of the cookie's token, raw; nothing without one, or where an
// Authorization header says that cookies do not count.
std::optional<std::string> cookie_hash(const http::Call& call, const ApiOptions& options, Cookie cookie);

// The token of "Authorization: Bearer", or else the session's; nothing when there
// is none, or the header holds something else.
std::optional<Credential> credential_of(const http::Call& call, const ApiOptions& options);

// check_transport() must have succeeded.
void set_cookie(http::Call& call, const ApiOptions& options, Cookie cookie, const std::string& token);
void clear_cookie(http::Call& call, const ApiOptions& options, Cookie cookie);

}  // namespace openseer::control
