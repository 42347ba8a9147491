#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"
#include "store/accounts.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class CompleteSignInRequest;
class CompleteSignInResponse;
class SignInRequest;
class SignInResponse;
class SignOutRequest;
class SignOutResponse;
class SignUpRequest;
class SignUpResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class Credentials;
class PasswordHasher;

// Accounts and sessions (proto/openseer/v1/auth_service.proto).
class AuthService {
 public:
  AuthService(pg::Pool& pool, PasswordHasher& hasher, const Credentials& credentials,
              const ApiOptions& options)
      : pool_(pool), hasher_(hasher), credentials_(credentials), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::SignUpResponse>> sign_up(http::Call& call, const v1::SignUpRequest& request);
  asio::awaitable<Result<v1::SignInResponse>> sign_in(http::Call& call, const v1::SignInRequest& request);
  asio::awaitable<Result<v1::CompleteSignInResponse>> complete_sign_in(
      http::Call& call, const v1::CompleteSignInRequest& request);
  asio::awaitable<Result<v1::SignOutResponse>> sign_out(http::Call& call, const v1::SignOutRequest& request);

  asio::awaitable<Result<store::User>> check_credentials(http::Call& call, std::string email,
                                                         std::string password);
  asio::awaitable<void> ask_for_code(http::Call& call, std::int64_t user_id);
  asio::awaitable<void> start_session(http::Call& call, store::User user);

  pg::Pool& pool_;
  PasswordHasher& hasher_;
  const Credentials& credentials_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
