// What a check can ask, through the API on a real database: saved whole, secrets
// never sent back, run at once by a worker of the region.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/stream/check_desk.h"
#include "openseer/v1/metrics_service.pb.h"
#include "openseer/v1/worker_stream_service.pb.h"
#include "pg/listener.h"
#include "pki/authority.h"
#include "store/check_orders.h"

namespace openseer::control {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecrets[] = {"basic-secret", "proxy-secret", "header-secret"};

class ApiChecks : public ApiTest {
 protected:
  ApiChecks() {
    browser_.sign_up("owner@example.com");
    workspace_ = browser_.workspace();
  }

  static v1::MonitorSpec full_spec() {
    v1::MonitorSpec spec;
    spec.set_url("https://example.com/health");
    spec.set_method("POST");
    spec.set_body(R"({"a":1})");
    spec.set_body_type(v1::BODY_TYPE_JSON);
    spec.mutable_authentication()->mutable_basic()->set_username("alice");
    spec.mutable_authentication()->mutable_basic()->set_password("basic-secret");
    spec.mutable_proxy()->set_url("http://proxy.example:3128");
    spec.mutable_proxy()->set_username("user");
    spec.mutable_proxy()->set_password("proxy-secret");
    v1::Header& header = *spec.add_headers();
    header.set_name("X-Api-Key");
    header.set_value("header-secret");
    spec.set_ip_family(v1::IP_FAMILY_IPV4);
    v1::Assertion& assertion = *spec.add_assertions();
    assertion.set_source(v1::SOURCE_JSON);
    assertion.set_property("$.status");
    assertion.set_comparison(v1::COMPARISON_EQUALS);
    assertion.set_target("ok");
    assertion.set_severity(v1::SEVERITY_DEGRADED);
    spec.mutable_retries()->set_count(2);
    spec.add_tags("shop");
    return spec;
  }
  Answer create(const v1::MonitorSpec& spec) {
    v1::CreateMonitorRequest request;
    request.set_workspace_id(workspace_);
    *request.mutable_spec() = spec;
    return browser_.call("MonitorService.CreateMonitor", request);
  }
  Answer update(const std::string& id, const v1::MonitorSpec& spec) {
    v1::UpdateMonitorRequest request;
    request.set_workspace_id(workspace_);
    request.set_monitor_id(id);
    *request.mutable_spec() = spec;
    return browser_.call("MonitorService.UpdateMonitor", request);
  }
  Answer run_check(const v1::MonitorSpec& spec, const std::string& monitor_id = "") {
    v1::RunCheckRequest request;
    request.set_workspace_id(workspace_);
    request.set_monitor_id(monitor_id);
    *request.mutable_spec() = spec;
    return browser_.call("MonitorService.RunCheck", request);
  }

  Browser browser_{*this};
  std::string workspace_;
};

TEST_F(ApiChecks, EverySettingIsKeptAndNoSecretComesBack) {
  const Answer answer = create(full_spec());
  const v1::Monitor monitor = answer.as<v1::CreateMonitorResponse>().monitor();
  v1::GetMonitorRequest get;
  get.set_workspace_id(workspace_);
  get.set_monitor_id(monitor.summary().id());
  v1::ListMonitorsRequest list;
  list.set_workspace_id(workspace_);
  for (const Answer& shown :
       {answer, browser_.call("MonitorService.GetMonitor", get),
        browser_.call("MonitorService.ListMonitors", list), update(monitor.summary().id(), monitor.spec())}) {
    EXPECT_EQ(shown.code, "ok") << shown.message;
    for (const char* secret : kSecrets) EXPECT_THAT(shown.body, Not(HasSubstr(secret)));
  }
  EXPECT_EQ(monitor.spec().authentication().basic().username(), "alice");
  EXPECT_EQ(monitor.spec().proxy().username(), "user");
  EXPECT_EQ(monitor.spec().assertions(0).property(), "$.status");
  EXPECT_EQ(monitor.spec().assertions(0).severity(), v1::SEVERITY_DEGRADED);
  EXPECT_EQ(monitor.spec().retries().count(), 2U);
  EXPECT_EQ(monitor.spec().tags(0), "shop");
}

// A worker connected to another replica. It reports what it is ordered to check
// unless it is silent.
class Taker final : public CheckTaker {
 public:
  Taker(test::Loop& loop, CheckDesk& desk, std::int32_t id, bool silent = false)
      : loop_(loop), desk_(desk), id_(id), silent_(silent) {
    desk_.join(*this, 1);
  }
  ~Taker() override { desk_.leave(*this); }
  std::int32_t worker_id() const override { return id_; }
  bool take_order(std::int64_t order, v1::MonitorSpec spec) override {
    taken.push_back(std::move(spec));
    if (on_taken) on_taken();
    if (silent_) return true;
    v1::CheckReport report;
    report.set_order(order);
    report.mutable_result()->set_outcome(v1::OUTCOME_OK);
    report.mutable_evidence()->set_final_url(taken.back().url());
    asio::post(loop_.executor(), [this, report] { desk_.report(*this, report); });
    return true;
  }
  std::vector<v1::MonitorSpec> taken;
  std::function<void()> on_taken;

 private:
  test::Loop& loop_;
  CheckDesk& desk_;
  std::int32_t id_;
  bool silent_;
};

class RunCheck : public ApiChecks {
 protected:
  RunCheck() {
    asio::co_spawn(loop_.executor(), listener_.run(), [this](std::exception_ptr) { stopped_ = true; });
  }
  ~RunCheck() override {
    listener_.stop();
    loop_.run_until([this] { return stopped_; }, Seconds{10});
  }

  CheckDesk other_replica_{loop_.executor(), pool_, secrets_};
  bool stopped_ = false;
  pg::Listener listener_{loop_.executor(),
                         database_.conninfo(),
                         {"openseer_checks"},
                         [this](const std::string& channel, const std::string& payload) {
                           api_->notify(channel, payload);
                           other_replica_.notify(payload);
                         }};
};

TEST_F(RunCheck, ReachesAWorkerOfAnotherReplicaAndComesBack) {
  Taker taker(loop_, other_replica_, 7);
  const v1::RunCheckResponse response = run_check(full_spec()).as<v1::RunCheckResponse>();
  EXPECT_EQ(response.result().outcome(), v1::OUTCOME_OK);
  EXPECT_EQ(response.result().worker_id(), "7");
  EXPECT_EQ(response.result().region(), "global");
  EXPECT_EQ(response.evidence().final_url(), "https://example.com/health");
  ASSERT_EQ(taker.taken.size(), 1U);
  EXPECT_EQ(taker.taken[0].authentication().basic().password(), "basic-secret");
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors"), 0) << "nothing is saved";
  EXPECT_EQ(
      count(
          "SELECT count(*) FROM app.check_orders WHERE spec_sealed IS NOT NULL OR report_sealed IS NOT NULL"),
      0)
      << "nothing secret is left";
}

TEST_F(RunCheck, ASavedMonitorLendsItsSecrets) {
  Taker taker(loop_, other_replica_, 7);
  const v1::Monitor saved = create(full_spec()).as<v1::CreateMonitorResponse>().monitor();
  v1::MonitorSpec edited = saved.spec();
  edited.set_url("https://example.com/other");
  EXPECT_EQ(run_check(edited, saved.summary().id()).code, "ok");
  v1::RunCheckRequest as_saved;
  as_saved.set_workspace_id(workspace_);
  as_saved.set_monitor_id(saved.summary().id());
  EXPECT_EQ(browser_.call("MonitorService.RunCheck", as_saved).code, "ok");
  ASSERT_EQ(taker.taken.size(), 2U);
  EXPECT_EQ(taker.taken[0].url(), "https://example.com/other");
  for (const v1::MonitorSpec& spec : taker.taken) {
    EXPECT_EQ(spec.authentication().basic().password(), "basic-secret");
    EXPECT_EQ(spec.proxy().password(), "proxy-secret");
    EXPECT_EQ(spec.headers(0).value(), "header-secret");
  }
}

TEST_F(RunCheck, WithoutAWorkerItIsUnavailable) {
  v1::MonitorSpec spec = full_spec();
  spec.mutable_timeout()->set_nanos(100'000'000);
  const Answer answer = run_check(spec);
  EXPECT_EQ(answer.code, "unavailable");
  EXPECT_THAT(answer.message, HasSubstr("no worker of the region is connected"));
}

TEST_F(RunCheck, AWorkerThatGoesAwayLeavesItToTheNext) {
  auto silent = std::make_unique<Taker>(loop_, other_replica_, 7, true);
  std::unique_ptr<Taker> next;
  silent->on_taken = [&] {
    asio::post(loop_.executor(), [&] {
      next = std::make_unique<Taker>(loop_, other_replica_, 8);
      silent.reset();
    });
  };
  EXPECT_EQ(run_check(full_spec()).as<v1::RunCheckResponse>().result().worker_id(), "8");
}

TEST_F(RunCheck, AWorkspaceCannotFloodTheWorkers) {
  Taker taker(loop_, other_replica_, 7);
  sql("INSERT INTO app.check_orders (workspace_id, region_id) SELECT " + workspace_ +
      ", 1 FROM generate_series(1, " + std::to_string(store::kOrdersPerMinute) + ")");
  EXPECT_EQ(run_check(full_spec()).code, "resource_exhausted");
}

TEST_F(ApiChecks, WrongSettingsAreNamedByTheirPath) {
  v1::MonitorSpec spec = full_spec();
  spec.mutable_assertions(0)->set_property("status");
  spec.mutable_authentication()->mutable_oauth2()->set_token_url("x");
  spec.mutable_tls()->set_ca_pem("no PEM");
  spec.set_connect_address("nowhere");
  const Answer answer = create(spec);
  EXPECT_EQ(answer.code, "invalid_argument");
  for (const char* field : {"spec.assertions[0].property", "spec.authentication.oauth2.token_url",
                            "spec.authentication.oauth2.client_secret", "spec.connect_address"})
    EXPECT_THAT(answer.fields, Contains(field));
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors"), 0);
}

TEST_F(ApiChecks, CertificatesAreReadBeforeTheyAreSaved) {
  v1::MonitorSpec spec = full_spec();
  spec.mutable_tls()->set_ca_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(create(spec).fields, Contains("spec.tls.ca_pem"));
  spec.mutable_tls()->set_ca_pem(ca_.certificate_pem);
  spec.mutable_tls()->set_client_certificate_pem(ca_.certificate_pem);
  spec.mutable_tls()->set_client_key_pem(pki::CertificateAuthority::create().private_key_pem);
  EXPECT_THAT(create(spec).fields, testing::ElementsAre("spec.tls.client_key_pem"));
  spec.mutable_tls()->set_client_key_pem(ca_.private_key_pem);
  const Answer saved = create(spec);
  EXPECT_EQ(saved.code, "ok") << saved.message;
  EXPECT_THAT(saved.body, Not(HasSubstr("PRIVATE KEY")));
}

}  // namespace
}  // namespace openseer::control
