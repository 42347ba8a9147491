// Ledgers, bars, phases and the overview, through the API and on real rows.
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/rollup/rollup.h"
#include "openseer/v1/metrics_service.pb.h"
#include "store/jobs.h"
#include "store/retention.h"
#include "support/monitors.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;

class ApiMetrics : public ApiTest {
 protected:
  ApiMetrics() {
    loop_.run(store::create_partitions(pool_));
    browser_.sign_up("owner@example.com");
    workspace_ = browser_.workspace();
    sql("INSERT INTO app.regions (name) VALUES ('eu')");
    worker_ = test::plant_worker(loop_, pool_, "global");
  }

  std::string create(const std::string& name, std::vector<std::string> regions = {"global"}) {
    v1::CreateMonitorRequest request;
    request.set_workspace_id(workspace_);
    request.mutable_spec()->set_name(name);
    request.mutable_spec()->set_url("https://example.com/" + name);
    for (const std::string& region : regions) request.mutable_spec()->add_regions(region);
    return browser_.call("MonitorService.CreateMonitor", request)
        .as<v1::CreateMonitorResponse>()
        .monitor()
        .summary()
        .id();
  }

  // Runs what is due in the region, all with the same outcome.
  void run_due(std::int16_t region, domain::Outcome outcome, Microseconds total = Microseconds{1000}) {
    for (const domain::LeasedJob& job :
         loop_.run(store::lease_due(pool_, region, worker_, 100, Milliseconds{15'000}))) {
      domain::LeasedResult result;
      result.lease = job.lease;
      result.result.started_at = job.lease.slot;
      result.result.outcome = outcome;
      result.result.measurement.phases = {Microseconds{1}, Microseconds{2}, Microseconds{3},
                                          Microseconds{4}, Microseconds{5}, total};
      loop_.run(store::commit_results(pool_, {worker_}, {result}));
    }
  }

  template <class Request>
  Request about() {
    Request request;
    request.set_workspace_id(workspace_);
    return request;
  }
  Answer ledger_of(const std::vector<std::string>& ids, bool by_region = false) {
    auto request = about<v1::GetLedgerRequest>();
    *request.mutable_start() = wire::to_proto(Instant{} + std::chrono::hours{24 * 365 * 50});
    for (const std::string& id : ids) request.add_monitor_ids(id);
    request.set_by_region(by_region);
    return browser_.call("MetricsService.GetLedger", request);
  }

  Browser browser_{*this};
  std::string workspace_;
  std::int32_t worker_ = 0;
};

TEST_F(ApiMetrics, LedgerIsByScopeAndRegion) {
  const std::string shop = create("shop", {"global", "eu"});
  const std::string blog = create("blog");
  run_due(1, domain::Outcome::kOk);
  run_due(2, domain::Outcome::kFailed);
  sql("UPDATE app.monitors SET tags = '{web}' WHERE id = " + blog);

  const auto all = ledger_of({}, true).as<v1::GetLedgerResponse>();
  EXPECT_EQ(all.total().expected(), 3U);
  EXPECT_EQ(all.total().ok(), 2U);
  EXPECT_EQ(all.total().failed(), 1U);
  EXPECT_EQ(all.total().missed(), 0U);
  EXPECT_NEAR(all.total().uptime(), 2.0 / 3, 1e-9);
  EXPECT_EQ(all.total().coverage(), 1.0);
  EXPECT_NEAR(static_cast<double>(all.total().p95().nanos()), 1e6, 1e4);
  ASSERT_EQ(all.regions_size(), 2);
  EXPECT_EQ(all.regions(0).region(), "eu");
  EXPECT_EQ(all.regions(0).ledger().failed(), 1U);
  EXPECT_FALSE(all.regions(0).ledger().has_p50());
  EXPECT_EQ(all.regions(1).ledger().ok(), 2U);

  EXPECT_EQ(ledger_of({shop}).as<v1::GetLedgerResponse>().total().expected(), 2U);
  auto tagged = about<v1::GetLedgerRequest>();
  *tagged.mutable_start() = all.start();
  tagged.add_tags("web");
  EXPECT_EQ(browser_.call("MetricsService.GetLedger", tagged).as<v1::GetLedgerResponse>().total().expected(),
            1U);
  EXPECT_EQ(ledger_of({shop, "999"}).code, "not_found");
  EXPECT_EQ(ledger_of({"abc"}).code, "not_found");
  const Answer wrong = browser_.call("MetricsService.GetLedger", about<v1::GetLedgerRequest>());
  EXPECT_THAT(wrong.fields, ElementsAre("start"));
}

TEST_F(ApiMetrics, BarsHaveADayEachAndARegionEach) {
  const std::string shop = create("shop", {"global", "eu"});
  run_due(1, domain::Outcome::kOk);
  run_due(2, domain::Outcome::kFailed);
  auto request = about<v1::GetUptimeBarsRequest>();
  request.add_monitor_ids(shop);
  request.add_monitor_ids("999");
  request.set_by_region(true);
  const auto bars = browser_.call("MetricsService.GetUptimeBars", request).as<v1::GetUptimeBarsResponse>();
  ASSERT_EQ(bars.bars_size(), 3);
  EXPECT_EQ(bars.bucket().seconds(), 86'400);
  ASSERT_EQ(bars.bars(0).bars_size(), 90);
  EXPECT_EQ(bars.bars(0).region(), "");
  EXPECT_EQ(bars.bars(0).bars(89).ok(), 1U);
  EXPECT_EQ(bars.bars(0).bars(89).failed(), 1U);
  EXPECT_EQ(bars.bars(0).bars(88).ok(), 0U);
  EXPECT_EQ(bars.bars(1).region(), "eu");
  EXPECT_EQ(bars.bars(1).bars(89).failed(), 1U);
  request.set_width(v1::BAR_WIDTH_HOUR);
  request.set_count(500);
  EXPECT_THAT(browser_.call("MetricsService.GetUptimeBars", request).fields, ElementsAre("count"));
}

TEST_F(ApiMetrics, PhasesAreMeansOfOkResults) {
  const std::string shop = create("shop");
  run_due(1, domain::Outcome::kOk);
  auto request = about<v1::GetPhasesRequest>();
  request.set_monitor_id(shop);
  const auto phases = browser_.call("MetricsService.GetPhases", request).as<v1::GetPhasesResponse>();
  ASSERT_EQ(phases.points_size(), 1);
  EXPECT_EQ(phases.points(0).count(), 1U);
  EXPECT_EQ(phases.points(0).dns().nanos(), 1000);
  EXPECT_EQ(phases.points(0).download().nanos(), 5000);
  request.set_region("eu");
  EXPECT_EQ(browser_.call("MetricsService.GetPhases", request).as<v1::GetPhasesResponse>().points_size(), 0);
}

TEST_F(ApiMetrics, OverviewTellsTheSlowestTheFailingAndTheRegions) {
  const std::string slow = create("slow");
  run_due(1, domain::Outcome::kOk, Microseconds{900'000});
  const std::string broken = create("broken", {"eu"});
  run_due(2, domain::Outcome::kFailed);
  // As if all that had been three minutes ago.
  sql("UPDATE ts.results_raw SET slot = slot - interval '3 min'");
  sql("UPDATE app.job_epochs SET first_slot = first_slot - interval '3 min', origin = origin - interval '3 "
      "min'");
  // The hour and the day may have begun since.
  sql("UPDATE ts.rollup_progress SET closed_until = date_trunc(CASE level WHEN 2 THEN 'hour' WHEN 3 THEN "
      "'day' ELSE 'minute' END, now() - interval '10 min', 'UTC')");
  Rollup rollup(loop_.executor(), pool_);
  loop_.run(rollup.run_once());

  const auto overview = browser_.call("DashboardService.GetOverview", about<v1::GetOverviewRequest>())
                            .as<v1::GetOverviewResponse>();
  EXPECT_EQ(overview.overview().total(), 2U);
  EXPECT_EQ(overview.overview().checks_24h(), 2U);
  EXPECT_EQ(overview.overview().uptime_24h(), 0.5);
  ASSERT_EQ(overview.slowest_size(), 1);
  EXPECT_EQ(overview.slowest(0).name(), "slow");
  EXPECT_NEAR(overview.slowest(0).p95_24h().nanos(), 9e8, 9.1e6);
  ASSERT_EQ(overview.recent_failures_size(), 1);
  EXPECT_EQ(overview.recent_failures(0).monitor_id(), broken);
  EXPECT_EQ(overview.recent_failures(0).result().region(), "eu");
  ASSERT_EQ(overview.regions_size(), 2);
  EXPECT_EQ(overview.regions(0).region(), "eu");
  EXPECT_EQ(overview.regions(0).failed_1h(), 1U);
  EXPECT_EQ(overview.regions(0).success_1h(), 0.0);
  EXPECT_EQ(overview.regions(1).ok_1h(), 1U);

  const auto list = browser_.call("MonitorService.ListMonitors", about<v1::ListMonitorsRequest>())
                        .as<v1::ListMonitorsResponse>();
  ASSERT_EQ(list.monitors_size(), 2);
  EXPECT_EQ(list.total(), 2U);
  ASSERT_EQ(list.monitors(1).hours_size(), 24);
  EXPECT_EQ(list.monitors(1).hours(22).ok() + list.monitors(1).hours(23).ok(), 1U);
  EXPECT_THAT(list.monitors(0).regions(), ElementsAre("eu"));
}

// The number of statements does not grow with the number of monitors.
TEST_F(ApiMetrics, PagesTakeAFixedNumberOfStatements) {
  const auto statements = [this](const std::function<void()>& act) {
    const std::uint64_t before = pool_.statements();
    act();
    return pool_.statements() - before;
  };
  const auto look = [&, this] {
    std::vector<std::uint64_t> counts;
    counts.push_back(
        statements([&] { browser_.call("DashboardService.GetOverview", about<v1::GetOverviewRequest>()); }));
    counts.push_back(
        statements([&] { browser_.call("MonitorService.ListMonitors", about<v1::ListMonitorsRequest>()); }));
    counts.push_back(statements([&] { ledger_of({}, true); }));
    return counts;
  };
  const std::string id = create("first", {"global", "eu"});
  run_due(1, domain::Outcome::kOk);
  const auto page = [&, this] {
    auto latency = about<v1::GetLatencyRequest>();
    latency.set_monitor_id(id);
    latency.set_by_region(true);
    auto bars = about<v1::GetUptimeBarsRequest>();
    bars.add_monitor_ids(id);
    auto results = about<v1::ListResultsRequest>();
    results.set_monitor_id(id);
    browser_.call("MetricsService.GetLatency", latency);
    browser_.call("MetricsService.GetUptimeBars", bars);
    browser_.call("MetricsService.ListResults", results);
  };
  const std::vector<std::uint64_t> with_one = look();
  const std::uint64_t page_with_one = statements(page);
  for (int i = 0; i < 30; ++i) create("more-" + std::to_string(i), {"global", "eu"});
  run_due(1, domain::Outcome::kOk);
  run_due(2, domain::Outcome::kFailed);
  EXPECT_EQ(look(), with_one);
  EXPECT_EQ(statements(page), page_with_one);
  EXPECT_LE(page_with_one, 45U);
}

}  // namespace
}  // namespace openseer::control
