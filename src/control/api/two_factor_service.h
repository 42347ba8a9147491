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
namespace openseer::pki {
class SecretBox;
}
namespace openseer::v1 {
class BeginTwoFactorRequest;
class BeginTwoFactorResponse;
class ConfirmTwoFactorRequest;
class ConfirmTwoFactorResponse;
class DisableTwoFactorRequest;
class DisableTwoFactorResponse;
class GetTwoFactorRequest;
class GetTwoFactorResponse;
class ReplaceRecoveryCodesRequest;
class ReplaceRecoveryCodesResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class Credentials;

// The caller's second factor (proto/openseer/v1/two_factor_service.proto).
class TwoFactorService {
 public:
  TwoFactorService(pg::Pool& pool, const pki::SecretBox& secrets, const Credentials& credentials,
                   const ApiOptions& options)
      : pool_(pool), secrets_(secrets), credentials_(credentials), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::GetTwoFactorResponse>> get_two_factor(http::Call& call,
                                                                   const v1::GetTwoFactorRequest& request);
  asio::awaitable<Result<v1::BeginTwoFactorResponse>> begin_two_factor(
      http::Call& call, const v1::BeginTwoFactorRequest& request);
  asio::awaitable<Result<v1::ConfirmTwoFactorResponse>> confirm_two_factor(
      http::Call& call, const v1::ConfirmTwoFactorRequest& request);
  asio::awaitable<Result<v1::DisableTwoFactorResponse>> disable_two_factor(
      http::Call& call, const v1::DisableTwoFactorRequest& request);
  asio::awaitable<Result<v1::ReplaceRecoveryCodesResponse>> replace_recovery_codes(
      http::Call& call, const v1::ReplaceRecoveryCodesRequest& request);

  pg::Pool& pool_;
  const pki::SecretBox& secrets_;
  const Credentials& credentials_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
