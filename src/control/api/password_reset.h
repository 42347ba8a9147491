#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class RequestPasswordResetRequest;
class RequestPasswordResetResponse;
class ResetPasswordRequest;
class ResetPasswordResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class Mailer;
class PasswordHasher;

// Where the link of a reset leads; the token is in the fragment, which no server
// and no Referer header ever sees.
std::string password_reset_url(const std::string& public_url, const std::string& token);

// Forgotten passwords: two RPCs of AuthService (proto/openseer/v1/auth_service.proto).
class PasswordReset {
 public:
  PasswordReset(pg::Pool& pool, PasswordHasher& hasher, Mailer& mailer, const ApiOptions& options)
      : pool_(pool), hasher_(hasher), mailer_(mailer), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::RequestPasswordResetResponse>> request_password_reset(
      http::Call& call, const v1::RequestPasswordResetRequest& request);
  asio::awaitable<Result<v1::ResetPasswordResponse>> reset_password(http::Call& call,
                                                                    const v1::ResetPasswordRequest& request);

  pg::Pool& pool_;
  PasswordHasher& hasher_;
  Mailer& mailer_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
