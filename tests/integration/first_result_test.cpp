#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/target.h"
#include "integration/wait.h"

namespace openseer::test {
namespace {

v1::WatchRequest list_view(ApiClient& api) {
  v1::WatchRequest request;
  request.set_workspace_id(api.workspace());
  request.mutable_monitor_list();
  return request;
}

v1::WatchRequest page_view(ApiClient& api, const std::string& monitor) {
  v1::WatchRequest request;
  request.set_workspace_id(api.workspace());
  request.mutable_monitor()->set_monitor_id(monitor);
  return request;
}

TEST(FirstResult, ArrivesOnTheStreamWithinTwoSeconds) {
  Target target;
  Cluster cluster;
  WatchStream list(cluster.api(), list_view(cluster.api()));
  ASSERT_TRUE(list.wait_for([](const auto& event) { return event.has_ready(); }, Seconds{10}));

  const Monotonic created = std::chrono::steady_clock::now();
  const std::string id = cluster.api().create_monitor(target.url(), Seconds{60}).summary().id();
  v1::MonitorSummary summary;
  const auto is_up = [&](const v1::WatchResponse& event) {
    summary = event.monitor_changed();
    return summary.id() == id && summary.state() == v1::MONITOR_STATE_UP;
  };
  ASSERT_TRUE(list.wait_for(is_up, Seconds{15}));
  const auto took = std::chrono::steady_clock::now() - created;
  EXPECT_LT(took, scaled(Seconds{2})) << std::chrono::duration_cast<Milliseconds>(took).count() << " ms";
  EXPECT_EQ(summary.last_result().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(summary.last_result().http_status(), 200);
  EXPECT_GT(summary.last_result().phases().total().nanos(), 0);
  EXPECT_EQ(cluster.api().get_monitor(id).summary().state(), v1::MONITOR_STATE_UP);
}

TEST(FirstResult, IsOnTheMonitorsPageToo) {
  Target target;
  Cluster cluster;
  const std::string id = cluster.api().create_monitor(target.url()).summary().id();
  WatchStream page(cluster.api(), page_view(cluster.api(), id));
  const auto has_result = [&](const v1::WatchResponse& event) {
    return event.results().results_size() > 0 && event.results().results(0).monitor_id() == id;
  };
  EXPECT_TRUE(page.wait_for(has_result, scaled(Seconds{5})));
}

TEST(LiveUpdates, ATargetThatStartsToFailIsDownOnTheStream) {
  Target target;
  Cluster cluster;
  WatchStream list(cluster.api(), list_view(cluster.api()));
  const std::string id = cluster.api().create_monitor(target.url()).summary().id();
  v1::MonitorSummary summary;
  const auto is = [&](v1::MonitorState state) {
    return [&summary, &id, state](const v1::WatchResponse& event) {
      summary = event.monitor_changed();
      return summary.id() == id && summary.state() == state;
    };
  };
  ASSERT_TRUE(list.wait_for(is(v1::MONITOR_STATE_UP), scaled(Seconds{5})));
  target.answer("/", {.status = 500});
  ASSERT_TRUE(list.wait_for(is(v1::MONITOR_STATE_DOWN), scaled(Seconds{5})));
  EXPECT_EQ(summary.last_result().reason(), v1::REASON_STATUS);
  EXPECT_EQ(summary.last_result().http_status(), 500);
  target.answer("/", {.status = 200});
  EXPECT_TRUE(list.wait_for(is(v1::MONITOR_STATE_UP), scaled(Seconds{5})));
}

TEST(LiveUpdates, AnotherReplicasResultsArriveToo) {
  Target target;
  Cluster cluster({.control_planes = 2, .workers = 0});
  cluster.add_worker({.control_plane = 1});
  WatchStream list(cluster.api(), list_view(cluster.api()));
  const std::string id = cluster.api().create_monitor(target.url()).summary().id();
  const auto is_up = [&](const v1::WatchResponse& event) {
    return event.monitor_changed().id() == id && event.monitor_changed().state() == v1::MONITOR_STATE_UP;
  };
  EXPECT_TRUE(list.wait_for(is_up, scaled(Seconds{5})));
}

TEST(Edit, IsCheckedWithinASecond) {
  Target target;
  Cluster cluster;
  const v1::Monitor monitor = cluster.api().create_monitor(target.url("/before"), Seconds{3600});
  ASSERT_TRUE(target.wait_for_requests("/before", 1, Seconds{5}));
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{5}));

  v1::UpdateMonitorRequest update;
  update.set_workspace_id(cluster.api().workspace());
  update.set_monitor_id(monitor.summary().id());
  *update.mutable_spec() = monitor.spec();
  update.mutable_spec()->set_url(target.url("/after"));
  cluster.api().call<v1::UpdateMonitorResponse>("MonitorService/UpdateMonitor", update);
  EXPECT_TRUE(target.wait_for_requests("/after", 1, Seconds{2}));
  EXPECT_EQ(target.requests("/before"), 1);
}

TEST(Pause, StopsTheChecksAndResumeStartsThem) {
  Target target;
  Cluster cluster;
  const std::string id = cluster.api().create_monitor(target.url()).summary().id();
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{5}));
  v1::PauseMonitorRequest pause;
  pause.set_workspace_id(cluster.api().workspace());
  pause.set_monitor_id(id);
  EXPECT_EQ(cluster.api()
                .call<v1::PauseMonitorResponse>("MonitorService/PauseMonitor", pause)
                .monitor()
                .summary()
                .state(),
            v1::MONITOR_STATE_PAUSED);
  const std::int64_t paused_at = target.requests();
  // Another monitor's checks tell that time passes.
  cluster.api().create_monitor(target.url("/clock"));
  ASSERT_TRUE(target.wait_for_requests("/clock", 3, Seconds{10}));
  EXPECT_LE(target.requests(), paused_at + 1) << "one check may have been on its way";

  v1::ResumeMonitorRequest resume;
  resume.set_workspace_id(cluster.api().workspace());
  resume.set_monitor_id(id);
  cluster.api().call<v1::ResumeMonitorResponse>("MonitorService/ResumeMonitor", resume);
  EXPECT_TRUE(target.wait_for_requests("/", paused_at + 2, Seconds{5}));
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
}

}  // namespace
}  // namespace openseer::test
