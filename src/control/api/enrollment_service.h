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
class CertificateAuthority;
}
namespace openseer::v1 {
class EnrollRequest;
class EnrollResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// How a machine becomes a worker (proto/openseer/v1/worker_service.proto).
class EnrollmentService {
 public:
  EnrollmentService(pg::Pool& pool, const pki::CertificateAuthority& authority, const ApiOptions& options)
      : pool_(pool), authority_(authority), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::EnrollResponse>> enroll(http::Call& call, const v1::EnrollRequest& request);

  pg::Pool& pool_;
  const pki::CertificateAuthority& authority_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
