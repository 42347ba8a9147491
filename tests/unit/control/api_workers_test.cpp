#include <gmock/gmock.h>

#include "api_fixture.h"
#include "openseer/v1/worker_service.pb.h"

namespace openseer::control {
namespace {

using testing::Contains;
using testing::ElementsAre;

class ApiWorkers : public ApiTest {
 protected:
  ApiWorkers() { owner_.sign_up("owner@example.com"); }

  v1::CreateEnrollmentTokenResponse token(const std::string& region, std::uint32_t uses = 0) {
    v1::CreateEnrollmentTokenRequest request;
    request.set_region(region);
    request.set_uses(uses);
    return owner_.call("WorkerService.CreateEnrollmentToken", request)
        .as<v1::CreateEnrollmentTokenResponse>();
  }
  static std::string secret_of(const v1::CreateEnrollmentTokenResponse& token) {
    return token.secret().substr(0, token.secret().find('.'));
  }
  Answer enroll(const std::string& secret,
                const std::string& csr = pki::make_certificate_request().request_pem) {
    v1::EnrollRequest request;
    request.set_token(secret);
    request.set_name("machine");
    request.set_certificate_request_pem(csr);
    Browser machine(*this);
    return machine.call("EnrollmentService.Enroll", request);
  }

  Browser owner_{*this};
};

TEST_F(ApiWorkers, ATokenLetsAMachineInAndPinsTheAuthority) {
  const auto made = token("eu");
  EXPECT_EQ(made.secret().substr(made.secret().find('.') + 1), authority_.fingerprint());
  const auto enrolled = enroll(secret_of(made)).as<v1::EnrollResponse>();
  EXPECT_EQ(enrolled.region(), "eu");
  EXPECT_EQ(enrolled.ca_certificate_pem(), authority_.certificate_pem());
  const auto identity = pki::worker_identity(enrolled.certificate_pem());
  ASSERT_TRUE(identity);
  EXPECT_EQ(std::to_string(identity->worker_id), enrolled.worker_id());

  const auto workers = owner_.call("WorkerService.ListWorkers", v1::ListWorkersRequest());
  ASSERT_EQ(workers.as<v1::ListWorkersResponse>().workers_size(), 1);
  EXPECT_EQ(workers.as<v1::ListWorkersResponse>().workers(0).name(), "machine");
  const auto regions = owner_.call("WorkerService.ListRegions", v1::ListRegionsRequest());
  EXPECT_EQ(regions.as<v1::ListRegionsResponse>().regions(0).name(), "global");
  EXPECT_EQ(regions.as<v1::ListRegionsResponse>().regions(1).name(), "eu");
}

TEST_F(ApiWorkers, ATokenIsGoodForItsUsesOnly) {
  const std::string secret = secret_of(token("eu"));
  EXPECT_EQ(enroll(secret).code, "ok");
  EXPECT_EQ(enroll(secret).code, "unauthenticated");
  EXPECT_EQ(enroll("guess").code, "unauthenticated");
  EXPECT_EQ(enroll("").code, "unauthenticated");
}

TEST_F(ApiWorkers, ABadCertificateRequestCostsNoUse) {
  const std::string secret = secret_of(token("eu"));
  EXPECT_EQ(enroll(secret, "nonsense").code, "invalid_argument");
  EXPECT_EQ(enroll(secret).code, "ok");
}

TEST_F(ApiWorkers, RevokedTokensAndWorkers) {
  const auto made = token("eu", 5);
  const std::string worker = enroll(secret_of(made)).as<v1::EnrollResponse>().worker_id();
  v1::RevokeEnrollmentTokenRequest revoke;
  revoke.set_token_id(made.token().id());
  EXPECT_EQ(owner_.call("WorkerService.RevokeEnrollmentToken", revoke).code, "ok");
  EXPECT_EQ(enroll(secret_of(made)).code, "unauthenticated");
  const auto tokens = owner_.call("WorkerService.ListEnrollmentTokens", v1::ListEnrollmentTokensRequest());
  EXPECT_EQ(tokens.as<v1::ListEnrollmentTokensResponse>().tokens_size(), 0);

  v1::RevokeWorkerRequest request;
  request.set_worker_id(worker);
  EXPECT_EQ(owner_.call("WorkerService.RevokeWorker", request).code, "ok");
  for (const char* unknown : {"999", "", "4294967297"}) {
    request.set_worker_id(unknown);
    EXPECT_EQ(owner_.call("WorkerService.RevokeWorker", request).code, "not_found") << unknown;
  }
}

TEST_F(ApiWorkers, TermsOfATokenAreBounded) {
  v1::CreateEnrollmentTokenRequest request;
  request.set_region("Europe West");
  request.set_uses(1001);
  request.mutable_lifetime()->set_seconds(1);
  EXPECT_THAT(owner_.call("WorkerService.CreateEnrollmentToken", request).fields,
              ElementsAre("region", "uses", "lifetime"));
  EXPECT_EQ(count("SELECT count(*) FROM app.regions"), 1);
}

}  // namespace
}  // namespace openseer::control
