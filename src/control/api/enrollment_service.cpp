#include "control/api/enrollment_service.h"

#include <algorithm>

#include "base/log.h"
#include "control/api/authoriser.h"
#include "control/api/registration.h"
#include "openseer/v1/worker_service.pb.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/workers.h"

namespace openseer::control {
namespace {

constexpr std::size_t kLongestName = 63;
constexpr std::size_t kLongestToken = 512;
constexpr std::size_t kLongestRequest = 16 * 1024;

Result<void> check_request(const v1::EnrollRequest& request) {
  std::vector<FieldViolation> violations;
  const std::string& name = request.name();
  const bool control = std::any_of(name.begin(), name.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (name.empty() || name.size() > kLongestName || control)
    violations.push_back({"name", "must be 1 to 63 characters"});
  if (request.certificate_request_pem().size() > kLongestRequest)
    violations.push_back({"certificate_request_pem", "must be at most 16 KiB"});
  if (!violations.empty()) return invalid(std::move(violations));
  return {};
}

Refusal wrong_token() {
  return {Code::kUnauthenticated, "the enrolment token is unknown, expired, used up or revoked", {}};
}

}  // namespace

void EnrollmentService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.EnrollmentService.Enroll", this, &EnrollmentService::enroll);
}

asio::awaitable<Result<v1::EnrollResponse>> EnrollmentService::enroll(http::Call& call,
                                                                      const v1::EnrollRequest& request) {
  if (const Result<void> valid = check_request(request); !valid) co_return valid.error();
  if (request.token().size() > kLongestToken) co_return wrong_token();
  // The request is tried before the token is used, so that a bad one costs no use.
  const pki::WorkerIdentity nobody;
  const Result<pki::IssuedCertificate> trial = authority_.issue_worker(
      nobody, request.certificate_request_pem(), options_.worker_certificate_lifetime);
  if (!trial) co_return trial.error();

  const std::string token_hash = pki::sha256(request.token());
  const std::optional<store::Worker> worker =
      co_await store::enroll(pool_, token_hash, request.name(), trial->not_after, actor_of(call, options_));
  if (!worker) co_return wrong_token();
  const pki::WorkerIdentity identity{worker->id};
  const Result<pki::IssuedCertificate> issued = authority_.issue_worker(
      identity, request.certificate_request_pem(), options_.worker_certificate_lifetime);
  if (!issued) co_return issued.error();
  log::info("worker enrolled", {{"worker", worker->id}, {"name", worker->name}, {"region", worker->region}});

  v1::EnrollResponse response;
  response.set_worker_id(std::to_string(worker->id));
  response.set_region(worker->region);
  response.set_certificate_pem(issued->certificate_pem);
  response.set_ca_certificate_pem(authority_.certificate_pem());
  co_return response;
}

}  // namespace openseer::control
