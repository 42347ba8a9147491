#include <gmock/gmock.h>

#include "api_fixture.h"
#include "openseer/v1/metrics_service.pb.h"
#include "store/jobs.h"
#include "store/retention.h"
#include "support/monitors.h"

namespace openseer::control {
namespace {

using testing::Contains;
using testing::ElementsAre;

class ApiMonitors : public ApiTest {
 protected:
  ApiMonitors() {
    loop_.run(store::create_partitions(pool_));
    browser_.sign_up("owner@example.com");
    workspace_ = browser_.workspace();
  }

  static v1::MonitorSpec spec_of(const std::string& name) {
    v1::MonitorSpec spec;
    spec.set_name(name);
    spec.set_url("https://example.com/health");
    return spec;
  }
  static void add_header(v1::MonitorSpec& spec, const std::string& name, const std::string& value) {
    v1::Header& header = *spec.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  Answer create(const v1::MonitorSpec& spec) {
    v1::CreateMonitorRequest request;
    request.set_workspace_id(workspace_);
    *request.mutable_spec() = spec;
    return browser_.call("MonitorService.CreateMonitor", request);
  }
  v1::Monitor created(const v1::MonitorSpec& spec) {
    return create(spec).as<v1::CreateMonitorResponse>().monitor();
  }
  Answer update(const std::string& id, const v1::MonitorSpec& spec) {
    v1::UpdateMonitorRequest request;
    request.set_workspace_id(workspace_);
    request.set_monitor_id(id);
    *request.mutable_spec() = spec;
    return browser_.call("MonitorService.UpdateMonitor", request);
  }
  template <class Request>
  Answer about(const char* method, const std::string& id) {
    Request request;
    request.set_workspace_id(workspace_);
    request.set_monitor_id(id);
    return browser_.call(method, request);
  }
  v1::Monitor get(const std::string& id) {
    return about<v1::GetMonitorRequest>("MonitorService.GetMonitor", id)
        .as<v1::GetMonitorResponse>()
        .monitor();
  }
  // Runs what is due once, with the same result for all.
  void run_due(std::int64_t total_us = 1000) {
    const std::int32_t worker = test::plant_worker(loop_, pool_, "global");
    const auto jobs = loop_.run(store::lease_due(pool_, 1, worker, 1000, Milliseconds{15'000}));
    std::vector<domain::LeasedResult> results;
    for (const domain::LeasedJob& job : jobs) {
      domain::LeasedResult result;
      result.lease = job.lease;
      result.result.started_at = job.lease.slot;
      result.result.outcome = domain::Outcome::kOk;
      result.result.measurement.http_status = 200;
      result.result.measurement.phases.total = Microseconds{total_us};
      results.push_back(std::move(result));
    }
    loop_.run(store::commit_results(pool_, std::vector<std::int32_t>(results.size(), worker), results));
  }

  Browser browser_{*this};
  std::string workspace_;
};

TEST_F(ApiMonitors, DefaultsAreFilledIn) {
  v1::MonitorSpec spec;
  spec.set_url("https://example.com/health");
  const v1::Monitor monitor = created(spec);
  EXPECT_EQ(monitor.spec().name(), "example.com");
  EXPECT_EQ(monitor.spec().method(), "GET");
  EXPECT_EQ(monitor.spec().interval().seconds(), 60);
  EXPECT_EQ(monitor.spec().timeout().seconds(), 10);
  EXPECT_THAT(monitor.spec().regions(), ElementsAre("global"));
  EXPECT_EQ(monitor.summary().state(), v1::MONITOR_STATE_PENDING);
  EXPECT_FALSE(monitor.summary().has_last_result());
  EXPECT_EQ(get(monitor.summary().id()).SerializeAsString(), monitor.SerializeAsString());
}

TEST_F(ApiMonitors, InvalidOnesNameTheirFieldsAndAreNotSaved) {
  v1::MonitorSpec spec = spec_of("bad");
  spec.set_url("ftp://example.com/");
  spec.mutable_timeout()->set_seconds(120);
  spec.mutable_interval()->set_nanos(500'000'000);
  spec.set_max_redirects(1'000'000);
  spec.add_regions("nowhere");
  add_header(spec, "X-Note", "a\r\nInjected: yes");
  const Answer answer = create(spec);
  EXPECT_EQ(answer.code, "invalid_argument");
  EXPECT_THAT(answer.fields, Contains("spec.url"));
  EXPECT_THAT(answer.fields, Contains("spec.timeout"));
  EXPECT_THAT(answer.fields, Contains("spec.interval"));
  EXPECT_THAT(answer.fields, Contains("spec.max_redirects"));
  EXPECT_THAT(answer.fields, Contains(testing::StartsWith("spec.regions")));
  EXPECT_THAT(answer.fields, Contains(testing::StartsWith("spec.headers[0]")));
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors"), 0);
}

TEST_F(ApiMonitors, SecretsAreNeverSentBackAndKeptByAnEmptyValue) {
  v1::MonitorSpec spec = spec_of("shop");
  add_header(spec, "authorization", "Bearer one");
  add_header(spec, "X-Api-Key", "two");
  add_header(spec, "Accept", "text/html");
  const v1::Monitor monitor = created(spec);
  ASSERT_EQ(monitor.spec().headers_size(), 3);
  EXPECT_EQ(monitor.spec().headers(0).value(), "");
  EXPECT_TRUE(monitor.spec().headers(0).sensitive());
  EXPECT_EQ(monitor.spec().headers(1).value(), "");
  EXPECT_EQ(monitor.spec().headers(2).value(), "text/html");

  // What the page got goes back as it is, but for the name.
  v1::MonitorSpec edited = monitor.spec();
  edited.set_name("renamed");
  EXPECT_EQ(update(monitor.summary().id(), edited).code, "ok");
  edited.mutable_headers(1)->set_value("three");
  EXPECT_EQ(update(monitor.summary().id(), edited).code, "ok");
  const pg::Rows sealed = test::run_sql(loop_, pool_, "SELECT header_values FROM app.monitors");
  const auto values = sealed[0].get<std::vector<pg::Bytes>>(0);
  EXPECT_EQ(secrets_.open(values[0].data, "monitor-header"), "Bearer one");
  EXPECT_EQ(secrets_.open(values[1].data, "monitor-header"), "three");

  add_header(edited, "Cookie", "");
  const Answer lost = update(monitor.summary().id(), edited);
  EXPECT_THAT(lost.fields, ElementsAre("spec.headers[3].value"));
}

// Or an editor could read a secret by pointing the monitor at a server of their own.
TEST_F(ApiMonitors, SecretsHaveToBeGivenAgainWhereTheyWouldGoElsewhere) {
  v1::MonitorSpec spec = spec_of("shop");
  spec.set_url("https://shop.example/health");
  add_header(spec, "X-Api-Key", "two");
  auto& oauth = *spec.mutable_authentication()->mutable_oauth2();
  oauth.set_token_url("https://id.example/token");
  oauth.set_client_id("shop");
  oauth.set_client_secret("three");
  const v1::Monitor monitor = created(spec);
  const std::string key = "spec.headers[0].value", client = "spec.authentication.oauth2.client_secret";
  const auto edit = [&](auto change) {
    v1::MonitorSpec edited = monitor.spec();
    change(edited);
    return update(monitor.summary().id(), edited).fields;
  };
  EXPECT_THAT(edit([](auto& s) { s.set_url("https://SHOP.example:443/other?page=1"); }), ElementsAre());
  EXPECT_THAT(edit([](auto& s) { s.set_url("https://other.example/health"); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.set_url("http://shop.example/health"); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.set_url("https://shop.example:8443/"); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.set_connect_address("192.0.2.1"); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.set_dns_server("192.0.2.1"); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.mutable_proxy()->set_url("http://proxy.example:3128"); }),
              ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.set_skip_tls_verification(true); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { s.mutable_tls()->set_server_name("other.example"); }),
              ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) { add_header(s, "Host", "other.example"); }), ElementsAre(key, client));
  EXPECT_THAT(edit([](auto& s) {
                s.mutable_authentication()->mutable_oauth2()->set_token_url("https://other.example/token");
              }),
              ElementsAre(client));
  EXPECT_THAT(edit([](auto& s) {
                s.set_url("https://other.example/health");
                s.mutable_headers(0)->set_value("four");
                s.mutable_authentication()->mutable_oauth2()->set_client_secret("five");
              }),
              ElementsAre());
}

TEST_F(ApiMonitors, AProxyKeepsItsPasswordOnlyWhileItIsTheSame) {
  v1::MonitorSpec spec = spec_of("shop");
  spec.mutable_proxy()->set_url("http://proxy.example:3128");
  spec.mutable_proxy()->set_username("watch");
  spec.mutable_proxy()->set_password("four");
  const v1::Monitor monitor = created(spec);
  v1::MonitorSpec edited = monitor.spec();
  edited.set_url("https://other.example/");
  EXPECT_THAT(update(monitor.summary().id(), edited).fields, ElementsAre());
  edited.mutable_proxy()->set_url("http://other.example:3128");
  EXPECT_THAT(update(monitor.summary().id(), edited).fields, ElementsAre("spec.proxy.password"));
}

TEST_F(ApiMonitors, UnknownIdsAreNotFound) {
  for (const char* id : {"", "0", "-1", "12345", "abc", "1; DROP TABLE app.users"}) {
    EXPECT_EQ(about<v1::GetMonitorRequest>("MonitorService.GetMonitor", id).code, "not_found");
    EXPECT_EQ(update(id, spec_of("x")).code, "not_found");
    EXPECT_EQ(about<v1::PauseMonitorRequest>("MonitorService.PauseMonitor", id).code, "not_found");
    EXPECT_EQ(about<v1::ResumeMonitorRequest>("MonitorService.ResumeMonitor", id).code, "not_found");
    EXPECT_EQ(about<v1::DeleteMonitorRequest>("MonitorService.DeleteMonitor", id).code, "not_found");
    EXPECT_EQ(about<v1::GetUptimeRequest>("MetricsService.GetUptime", id).code, "not_found");
    EXPECT_EQ(about<v1::GetLatencyRequest>("MetricsService.GetLatency", id).code, "not_found");
    EXPECT_EQ(about<v1::ListResultsRequest>("MetricsService.ListResults", id).code, "not_found");
  }
}

TEST_F(ApiMonitors, OfAnotherWorkspaceAreNotFoundThroughOnesOwn) {
  const std::string id = created(spec_of("mine")).summary().id();
  open_sign_up();
  browser_ = Browser(*this);
  browser_.sign_up("other@example.com");
  workspace_ = browser_.workspace();
  EXPECT_EQ(about<v1::GetMonitorRequest>("MonitorService.GetMonitor", id).code, "not_found");
  EXPECT_EQ(about<v1::DeleteMonitorRequest>("MonitorService.DeleteMonitor", id).code, "not_found");
  EXPECT_EQ(update(id, spec_of("theirs")).code, "not_found");
  EXPECT_EQ(about<v1::GetUptimeRequest>("MetricsService.GetUptime", id).code, "not_found");
  EXPECT_EQ(about<v1::ListResultsRequest>("MetricsService.ListResults", id).code, "not_found");
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors WHERE name = 'mine'"), 1);
}

TEST_F(ApiMonitors, PauseResumeAndDelete) {
  const std::string id = created(spec_of("shop")).summary().id();
  EXPECT_EQ(about<v1::PauseMonitorRequest>("MonitorService.PauseMonitor", id)
                .as<v1::PauseMonitorResponse>()
                .monitor()
                .summary()
                .state(),
            v1::MONITOR_STATE_PAUSED);
  EXPECT_EQ(about<v1::ResumeMonitorRequest>("MonitorService.ResumeMonitor", id)
                .as<v1::ResumeMonitorResponse>()
                .monitor()
                .summary()
                .state(),
            v1::MONITOR_STATE_PENDING);
  EXPECT_EQ(about<v1::DeleteMonitorRequest>("MonitorService.DeleteMonitor", id).code, "ok");
  EXPECT_EQ(about<v1::GetMonitorRequest>("MonitorService.GetMonitor", id).code, "not_found");
}

TEST_F(ApiMonitors, ListComesInPagesByName) {
  for (const char* name : {"b", "c", "ä", "a", "d"}) created(spec_of(name));
  v1::ListMonitorsRequest request;
  request.set_workspace_id(workspace_);
  request.set_page_size(2);
  std::string names;
  for (int page = 0; page < 3; ++page) {
    const auto response =
        browser_.call("MonitorService.ListMonitors", request).as<v1::ListMonitorsResponse>();
    for (const auto& monitor : response.monitors()) names += monitor.name();
    request.set_page_token(response.next_page_token());
    EXPECT_EQ(response.next_page_token().empty(), page == 2);
  }
  EXPECT_EQ(names.size(), 6U);
  EXPECT_EQ(names.substr(0, 4), "abcd");
}

TEST_F(ApiMonitors, PageTokensOfOthersAreRefused) {
  v1::ListMonitorsRequest request;
  request.set_workspace_id(workspace_);
  for (const char* token : {"x", ".", "zz.1", "c3.", "c328.1", "00.1", "6.1", "61.0"}) {
    request.set_page_token(token);
    EXPECT_THAT(browser_.call("MonitorService.ListMonitors", request).fields, ElementsAre("page_token"))
        << token;
  }
  request.clear_page_token();
  request.set_page_size(1001);
  EXPECT_THAT(browser_.call("MonitorService.ListMonitors", request).fields, ElementsAre("page_size"));
}

TEST_F(ApiMonitors, ResultsComeNewestFirstInPages) {
  const std::string id = created(spec_of("shop")).summary().id();
  for (int i = 1; i <= 3; ++i) {
    run_due(i * 1000);
    update(id, spec_of("shop"));
  }
  v1::ListResultsRequest request;
  request.set_workspace_id(workspace_);
  request.set_monitor_id(id);
  request.set_page_size(2);
  const auto first = browser_.call("MetricsService.ListResults", request).as<v1::ListResultsResponse>();
  ASSERT_EQ(first.results_size(), 2);
  EXPECT_EQ(first.results(0).phases().total().nanos(), 3'000'000);
  EXPECT_EQ(first.results(0).monitor_id(), id);
  EXPECT_EQ(first.results(0).region(), "global");
  request.set_page_token(first.next_page_token());
  const auto second = browser_.call("MetricsService.ListResults", request).as<v1::ListResultsResponse>();
  ASSERT_EQ(second.results_size(), 1);
  EXPECT_EQ(second.next_page_token(), "");
  EXPECT_EQ(second.results(0).phases().total().nanos(), 1'000'000);
}

TEST_F(ApiMonitors, MetricsAreCurrentToTheLastResult) {
  const std::string id = created(spec_of("shop")).summary().id();
  run_due(5000);
  const auto uptime = about<v1::GetUptimeRequest>("MetricsService.GetUptime", id).as<v1::GetUptimeResponse>();
  ASSERT_EQ(uptime.windows_size(), 4);
  EXPECT_EQ(uptime.windows(0).range(), v1::RANGE_24H);
  EXPECT_EQ(uptime.windows(0).ok(), 1U);
  EXPECT_EQ(uptime.windows(3).uptime(), 1.0);
  const auto latency =
      about<v1::GetLatencyRequest>("MetricsService.GetLatency", id).as<v1::GetLatencyResponse>();
  EXPECT_EQ(latency.latency().range(), v1::RANGE_24H);
  ASSERT_EQ(latency.latency().series_size(), 1);
  EXPECT_NEAR(latency.latency().series(0).p50().nanos(), 5'000'000, 100'000);
  EXPECT_EQ(get(id).summary().state(), v1::MONITOR_STATE_UP);
}

}  // namespace
}  // namespace openseer::control
