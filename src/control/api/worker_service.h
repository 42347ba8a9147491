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
namespace openseer::pki {
class CertificateAuthority;
}
namespace openseer::v1 {
class CreateEnrollmentTokenRequest;
class CreateEnrollmentTokenResponse;
class ListEnrollmentTokensRequest;
class ListEnrollmentTokensResponse;
class ListRegionsRequest;
class ListRegionsResponse;
class ListWorkersRequest;
class ListWorkersResponse;
class RevokeEnrollmentTokenRequest;
class RevokeEnrollmentTokenResponse;
class RevokeWorkerRequest;
class RevokeWorkerResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// Workers, regions and enrolment tokens (proto/openseer/v1/worker_service.proto).
class WorkerService {
 public:
  WorkerService(pg::Pool& pool, const pki::CertificateAuthority& authority)
      : pool_(pool), authority_(authority) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::ListRegionsResponse>> list_regions(http::Call& call,
                                                                const v1::ListRegionsRequest& request);
  asio::awaitable<Result<v1::ListWorkersResponse>> list_workers(http::Call& call,
                                                                const v1::ListWorkersRequest& request);
  asio::awaitable<Result<v1::RevokeWorkerResponse>> revoke_worker(http::Call& call,
                                                                  const v1::RevokeWorkerRequest& request);
  asio::awaitable<Result<v1::CreateEnrollmentTokenResponse>> create_token(
      http::Call& call, const v1::CreateEnrollmentTokenRequest& request);
  asio::awaitable<Result<v1::ListEnrollmentTokensResponse>> list_tokens(
      http::Call& call, const v1::ListEnrollmentTokensRequest& request);
  asio::awaitable<Result<v1::RevokeEnrollmentTokenResponse>> revoke_token(
      http::Call& call, const v1::RevokeEnrollmentTokenRequest& request);

  pg::Pool& pool_;
  const pki::CertificateAuthority& authority_;
};

}  // namespace openseer::control
