// The edges that other programs meet: HTTPS, errors, metrics.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/target.h"
#include "integration/wait.h"
#include "openseer/v1/auth_service.pb.h"

namespace openseer::test {
namespace {

using testing::HasSubstr;

TEST(Metrics, PromtoolAcceptsThem) {
  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "promtool (package prometheus) is not here";
  Target target;
  Cluster cluster;
  cluster.api().create_monitor(target.url());
  ASSERT_TRUE(cluster.wait_for_results(2, Seconds{10}));
  const HttpAnswer metrics = http_get(cluster.control_plane().http_url() + "/metrics");
  ASSERT_EQ(metrics.status, 200);
  EXPECT_GE(metric(metrics.body, "openseer_results_total{acceptance=\"accepted\"}"), 2);
  const std::filesystem::path file = cluster.new_path("metrics");
  std::ofstream(file) << metrics.body;
  const Ended checked = run({"/bin/sh", "-c", "promtool check metrics < " + file.string()});
  EXPECT_TRUE(checked.status.success()) << checked.output;
  EXPECT_EQ(checked.output, "");
}

TEST(Https, ServesTheSameApiWithTheBuiltInAuthority) {
  Target target;
  Cluster cluster({.workers = 0});
  const std::filesystem::path ca = cluster.new_path("ca.pem");
  std::ofstream(ca) << cluster.sql().text("SELECT ca_certificate_pem FROM app.instance");
  ApiClient api(cluster.control_plane().https_url(), ca);
  EXPECT_FALSE(api.call<v1::GetInstanceResponse>("InstanceService/GetInstance", v1::GetInstanceRequest())
                   .instance()
                   .needs_owner());
  v1::SignInRequest request;
  request.set_email("owner@example.com");
  request.set_password("correct horse battery staple");
  api.call<v1::SignInResponse>("AuthService/SignIn", request);
  EXPECT_TRUE(api.call<v1::GetCurrentUserResponse>("UserService/GetCurrentUser", v1::GetCurrentUserRequest())
                  .user()
                  .instance_owner());
  EXPECT_EQ(http_get(cluster.control_plane().https_url() + "/healthz").status, 0)
      << "no public authority knows this certificate";
}

TEST(Api, AnInvalidMonitorNamesItsFieldsAndIsNotSaved) {
  Cluster cluster({.workers = 0});
  try {
    cluster.api().create_monitor("gopher://example.com", Seconds{0});
    ADD_FAILURE() << "it was accepted";
  } catch (const ApiError& error) {
    EXPECT_EQ(error.code(), "invalid_argument");
    EXPECT_THAT(error.what(), HasSubstr("spec.url"));
    EXPECT_THAT(error.what(), HasSubstr("spec.interval"));
  }
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM app.monitors"), 0);
}

TEST(Api, ASessionOfOneReplicaIsGoodOnAnother) {
  Cluster cluster({.control_planes = 2, .workers = 0});
  ApiClient other(cluster.control_plane(1).api_url());
  v1::SignInRequest request;
  request.set_email("owner@example.com");
  request.set_password("correct horse battery staple");
  EXPECT_EQ(other.call<v1::SignInResponse>("AuthService/SignIn", request).user().email(),
            "owner@example.com");
  try {
    ApiClient nobody(cluster.control_plane(1).api_url());
    nobody.call<v1::GetCurrentUserResponse>("UserService/GetCurrentUser", v1::GetCurrentUserRequest());
    ADD_FAILURE() << "nobody was let in";
  } catch (const ApiError& error) {
    EXPECT_EQ(error.code(), "unauthenticated");
  }
}

}  // namespace
}  // namespace openseer::test
