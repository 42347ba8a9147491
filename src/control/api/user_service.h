#pragma once

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
class ChangeEmailRequest;
class ChangeEmailResponse;
class ChangePasswordRequest;
class ChangePasswordResponse;
class GetCurrentUserRequest;
class GetCurrentUserResponse;
class UpdateProfileRequest;
class UpdateProfileResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class Mailer;
class PasswordHasher;
class Credentials;

// The signed-in user (proto/openseer/v1/auth_service.proto).
class UserService {
 public:
  UserService(pg::Pool& pool, PasswordHasher& hasher, const Credentials& credentials, Mailer& mailer,
              const ApiOptions& options)
      : pool_(pool), hasher_(hasher), credentials_(credentials), mailer_(mailer), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::GetCurrentUserResponse>> get_current_user(
      http::Call& call, const v1::GetCurrentUserRequest& request);
  asio::awaitable<Result<v1::UpdateProfileResponse>> update_profile(http::Call& call,
                                                                    const v1::UpdateProfileRequest& request);
  asio::awaitable<Result<v1::ChangeEmailResponse>> change_email(http::Call& call,
                                                                const v1::ChangeEmailRequest& request);
  asio::awaitable<Result<v1::ChangePasswordResponse>> change_password(
      http::Call& call, const v1::ChangePasswordRequest& request);

  pg::Pool& pool_;
  PasswordHasher& hasher_;
  const Credentials& credentials_;
  Mailer& mailer_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
