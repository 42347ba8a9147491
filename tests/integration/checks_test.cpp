// What a check asks and what comes back, through the whole program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/target.h"
#include "integration/wait.h"
#include "openseer/v1/metrics_service.pb.h"

namespace openseer::test {
namespace {

using testing::HasSubstr;
using testing::Not;

v1::MonitorSpec asserting_spec(const std::string& url) {
  v1::MonitorSpec spec;
  spec.set_url(url);
  spec.mutable_interval()->set_seconds(1);
  spec.mutable_authentication()->mutable_bearer()->set_token("s3cret-token");
  v1::Assertion& status = *spec.add_assertions();
  status.set_source(v1::SOURCE_JSON);
  status.set_property("$.status");
  status.set_comparison(v1::COMPARISON_EQUALS);
  status.set_target("ok");
  v1::Assertion& slow = *spec.add_assertions();
  slow.set_source(v1::SOURCE_BODY_SIZE);
  slow.set_comparison(v1::COMPARISON_LESS);
  slow.set_target("1000");
  slow.set_severity(v1::SEVERITY_DEGRADED);
  return spec;
}

v1::Monitor create(ApiClient& api, const v1::MonitorSpec& spec) {
  v1::CreateMonitorRequest request;
  request.set_workspace_id(api.workspace());
  *request.mutable_spec() = spec;
  return api.call<v1::CreateMonitorResponse>("MonitorService/CreateMonitor", request).monitor();
}

v1::GetResultResponse get_result(ApiClient& api, const v1::Result& result) {
  v1::GetResultRequest request;
  request.set_workspace_id(api.workspace());
  request.set_monitor_id(result.monitor_id());
  request.set_region(result.region());
  *request.mutable_slot() = result.slot();
  return api.call<v1::GetResultResponse>("MetricsService/GetResult", request);
}

TEST(Checks, AnAssertionFailsWithEvidenceThatHoldsNoSecret) {
  Target target;
  target.answer("/", {.status = 200, .body = R"({"status":"broken","echo":"Bearer s3cret-token"})"});
  Cluster cluster;
  const std::string id = create(cluster.api(), asserting_spec(target.url())).summary().id();
  ASSERT_TRUE(cluster.wait_for_results(1, scaled(Seconds{10})));
  const v1::MonitorSummary summary = cluster.api().get_monitor(id).summary();
  EXPECT_EQ(summary.state(), v1::MONITOR_STATE_DOWN);
  EXPECT_EQ(summary.last_result().reason(), v1::REASON_ASSERT_JSON);
  EXPECT_EQ(summary.last_result().message(), "expected $.status to equal ok, got broken");
  const v1::GetResultResponse kept = get_result(cluster.api(), summary.last_result());
  EXPECT_THAT(kept.evidence().body(), HasSubstr(R"("status":"broken")"));
  EXPECT_THAT(kept.evidence().body(), HasSubstr("[redacted]"));
  EXPECT_THAT(kept.SerializeAsString(), Not(HasSubstr("s3cret-token")));
  ASSERT_EQ(kept.evidence().failures_size(), 1);
  EXPECT_EQ(kept.evidence().failures(0).index(), 0U);
  ASSERT_GE(kept.evidence().hops_size(), 1);
  EXPECT_EQ(kept.evidence().hops(0).status(), 200U);
}

TEST(Checks, ADegradedResultCountsAsOkAndShows) {
  Target target;
  target.answer("/", {.status = 200, .body = R"({"status":"ok","fill":")" + std::string(2000, 'x') + "\"}"});
  Cluster cluster;
  const std::string id = create(cluster.api(), asserting_spec(target.url())).summary().id();
  ASSERT_TRUE(cluster.wait_for_results(1, scaled(Seconds{10})));
  const v1::MonitorSummary summary = cluster.api().get_monitor(id).summary();
  EXPECT_EQ(summary.state(), v1::MONITOR_STATE_DEGRADED);
  EXPECT_EQ(summary.last_result().outcome(), v1::OUTCOME_DEGRADED);
  EXPECT_EQ(summary.last_result().reason(), v1::REASON_ASSERT_SIZE);
  EXPECT_TRUE(get_result(cluster.api(), summary.last_result()).has_evidence());
}

TEST(Checks, RunAtOnceByAWorkerOfAnotherReplica) {
  Target target;
  target.answer("/", {.status = 200, .body = R"({"status":"ok"})"});
  Cluster cluster({.control_planes = 2, .workers = 0});
  cluster.add_worker({.control_plane = 1});
  v1::RunCheckRequest request;
  request.set_workspace_id(cluster.api().workspace());
  *request.mutable_spec() = asserting_spec(target.url());
  const auto response = cluster.api().call<v1::RunCheckResponse>("MonitorService/RunCheck", request);
  EXPECT_EQ(response.result().outcome(), v1::OUTCOME_OK) << response.result().message();
  EXPECT_EQ(response.result().http_status(), 200U);
  EXPECT_EQ(target.requests(), 1);
  EXPECT_EQ(cluster.results(), 0) << "nothing is stored";
}

}  // namespace
}  // namespace openseer::test
