#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class CreateApiTokenRequest;
class CreateApiTokenResponse;
class ListApiTokensRequest;
class ListApiTokensResponse;
class RevokeApiTokenRequest;
class RevokeApiTokenResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// Tokens of programs (proto/openseer/v1/api_token_service.proto).
class ApiTokenService {
 public:
  explicit ApiTokenService(pg::Pool& pool) : pool_(pool) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::CreateApiTokenResponse>> create_api_token(
      http::Call& call, const v1::CreateApiTokenRequest& request);
  asio::awaitable<Result<v1::ListApiTokensResponse>> list_api_tokens(http::Call& call,
                                                                     const v1::ListApiTokensRequest& request);
  asio::awaitable<Result<v1::RevokeApiTokenResponse>> revoke_api_token(
      http::Call& call, const v1::RevokeApiTokenRequest& request);

  pg::Pool& pool_;
};

}  // namespace openseer::control
