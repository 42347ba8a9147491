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
class ListSessionsRequest;
class ListSessionsResponse;
class RevokeOtherSessionsRequest;
class RevokeOtherSessionsResponse;
class RevokeSessionRequest;
class RevokeSessionResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// Where the caller is signed in (proto/openseer/v1/session_service.proto).
class SessionService {
 public:
  SessionService(pg::Pool& pool, const ApiOptions& options) : pool_(pool), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::ListSessionsResponse>> list_sessions(http::Call& call,
                                                                  const v1::ListSessionsRequest& request);
  asio::awaitable<Result<v1::RevokeSessionResponse>> revoke_session(http::Call& call,
                                                                    const v1::RevokeSessionRequest& request);
  asio::awaitable<Result<v1::RevokeOtherSessionsResponse>> revoke_other_sessions(
      http::Call& call, const v1::RevokeOtherSessionsRequest& request);

  pg::Pool& pool_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
