#pragma once

#include <optional>
#include <string>

#include "base/refusal.h"
#include "control/api/options.h"
#include "http/rpc.h"

// The cookie that carries a session (RFC 6265bis): "__Host-", Secure, HttpOnly,
// SameSite=Lax; without the first two only where the operator allows plain HTTP.
namespace openseer::control {

// PermissionDenied where no cookie may be set: plain HTTP from elsewhere.
Result<void> check_transport(const http::Request& request, const ApiOptions& options);

// SHA-256 of the request's session token, raw; nothing without one.
std::optional<std::string> session_token_hash(const http::Call& call, const ApiOptions& options);

// check_transport() must have succeeded.
void set_session_cookie(http::Call& call, const ApiOptions& options, const std::string& token);
void clear_session_cookie(http::Call& call, const ApiOptions& options);

}  // namespace openseer::control
