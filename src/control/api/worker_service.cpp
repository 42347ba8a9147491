#include "control/api/worker_service.h"

#include <algorithm>
#include <limits>

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/registration.h"
#include "openseer/v1/worker_service.pb.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/workers.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::uint32_t kMostUses = 1000;
constexpr Microseconds kShortestLifetime = std::chrono::minutes{1};
constexpr Microseconds kLongestLifetime = std::chrono::hours{24} * 30;
constexpr Microseconds kDefaultLifetime = std::chrono::hours{1};

v1::EnrollmentToken to_proto(const store::EnrollmentToken& token) {
  v1::EnrollmentToken message;
  message.set_id(std::to_string(token.id));
  message.set_region(token.region);
  message.set_uses_left(static_cast<std::uint32_t>(token.uses_left));
  *message.mutable_created_at() = wire::to_proto(token.created_at);
  *message.mutable_expires_at() = wire::to_proto(token.expires_at);
  return message;
}

bool is_region_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto inner = [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= 63 && lower(name.front()) &&
         std::all_of(name.begin(), name.end(), inner);
}

struct TokenTerms {
  std::int32_t uses = 1;
  Seconds lifetime{};
};

Result<TokenTerms> terms_of(const v1::CreateEnrollmentTokenRequest& request) {
  std::vector<FieldViolation> violations;
  if (!is_region_name(request.region()))
    violations.push_back({"region", "must be 1 to 63 of a-z, 0-9 and \"-\", starting with a letter"});
  if (request.uses() > kMostUses) violations.push_back({"uses", "must be 1 to 1000"});
  std::optional<Microseconds> lifetime = kDefaultLifetime;
  if (request.has_lifetime()) lifetime = wire::from_proto(request.lifetime());
  if (!lifetime || *lifetime < kShortestLifetime || *lifetime > kLongestLifetime)
    violations.push_back({"lifetime", "must be 1 minute to 30 days"});
  if (!violations.empty()) return invalid(std::move(violations));
  const auto uses = static_cast<std::int32_t>(std::max(request.uses(), 1U));
  return TokenTerms{uses, std::chrono::duration_cast<Seconds>(*lifetime)};
}

}  // namespace

void WorkerService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.WorkerService.ListRegions", this, &WorkerService::list_regions);
  add_unary(router, "openseer.v1.WorkerService.ListWorkers", this, &WorkerService::list_workers);
  add_unary(router, "openseer.v1.WorkerService.RevokeWorker", this, &WorkerService::revoke_worker);
  add_unary(router, "openseer.v1.WorkerService.CreateEnrollmentToken", this, &WorkerService::create_token);
  add_unary(router, "openseer.v1.WorkerService.ListEnrollmentTokens", this, &WorkerService::list_tokens);
  add_unary(router, "openseer.v1.WorkerService.RevokeEnrollmentToken", this, &WorkerService::revoke_token);
}

asio::awaitable<Result<v1::ListRegionsResponse>> WorkerService::list_regions(http::Call&,
                                                                             const v1::ListRegionsRequest&) {
  const std::vector<store::Region> regions = co_await store::list_regions(pool_);
  v1::ListRegionsResponse response;
  for (const store::Region& region : regions) *response.add_regions() = control::to_proto(region);
  co_return response;
}

asio::awaitable<Result<v1::ListWorkersResponse>> WorkerService::list_workers(http::Call&,
                                                                             const v1::ListWorkersRequest&) {
  const std::vector<store::Worker> workers = co_await store::list_workers(pool_);
  v1::ListWorkersResponse response;
  for (const store::Worker& worker : workers) *response.add_workers() = control::to_proto(worker);
  co_return response;
}

asio::awaitable<Result<v1::RevokeWorkerResponse>> WorkerService::revoke_worker(
    http::Call& call, const v1::RevokeWorkerRequest& request) {
  const std::optional<std::int64_t> id = wire::parse_id(request.worker_id());
  const bool fits = id && *id <= std::numeric_limits<std::int32_t>::max();
  const bool revoked =
      fits && co_await store::revoke_worker(pool_, static_cast<std::int32_t>(*id), identity_of(call).actor);
  if (!revoked) co_return Refusal{Code::kNotFound, "there is no such worker", {}};
  co_return v1::RevokeWorkerResponse();
}

asio::awaitable<Result<v1::CreateEnrollmentTokenResponse>> WorkerService::create_token(
    http::Call& call, const v1::CreateEnrollmentTokenRequest& request) {
  const Result<TokenTerms> terms = terms_of(request);
  if (!terms) co_return terms.error();
  const std::string secret = pki::random_hex(kSecretBytes);
  const store::EnrollmentToken token = co_await store::create_token(
      pool_, request.region(), pki::sha256(secret), terms->uses, terms->lifetime, identity_of(call).actor);
  v1::CreateEnrollmentTokenResponse response;
  *response.mutable_token() = to_proto(token);
  response.set_secret(secret + "." + authority_.fingerprint());
  co_return response;
}

asio::awaitable<Result<v1::ListEnrollmentTokensResponse>> WorkerService::list_tokens(
    http::Call&, const v1::ListEnrollmentTokensRequest&) {
  const std::vector<store::EnrollmentToken> tokens = co_await store::list_tokens(pool_);
  v1::ListEnrollmentTokensResponse response;
  for (const store::EnrollmentToken& token : tokens) *response.add_tokens() = to_proto(token);
  co_return response;
}

asio::awaitable<Result<v1::RevokeEnrollmentTokenResponse>> WorkerService::revoke_token(
    http::Call& call, const v1::RevokeEnrollmentTokenRequest& request) {
  const std::optional<std::int64_t> id = wire::parse_id(request.token_id());
  const bool revoked = id && co_await store::revoke_token(pool_, *id, identity_of(call).actor);
  if (!revoked) co_return Refusal{Code::kNotFound, "there is no such token", {}};
  co_return v1::RevokeEnrollmentTokenResponse();
}

}  // namespace openseer::control
