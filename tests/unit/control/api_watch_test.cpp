#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/api/watch_hub.h"
#include "pg/listener.h"
#include "store/jobs.h"
#include "store/retention.h"
#include "store/workers.h"
#include "support/monitors.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Event = v1::WatchResponse;

// The database's notifications reach the API as they do in the control plane.
class ApiWatch : public ApiTest {
 protected:
  ApiWatch()
      : listener_(loop_.executor(), database_.conninfo(),
                  {"openseer_results", "openseer_monitors", "openseer_workers"},
                  [this](const std::string& channel, const std::string& payload) {
                    listening_ = true;
                    api_->notify(channel, payload);
                  }) {
    asio::co_spawn(loop_.context(), listener_.run(), [this](std::exception_ptr) { listener_ended_ = true; });
    EXPECT_TRUE(loop_.run_until([this] { return listening_; }));
    loop_.run(store::create_partitions(pool_));
    browser_.sign_up("owner@example.com");
    workspace_ = browser_.workspace();
  }
  ~ApiWatch() override {
    listener_.stop();
    loop_.run_until([this] { return listener_ended_; });
  }

  std::string create(const std::string& name) { return create(name, browser_); }
  static std::string create(const std::string& name, Browser& browser) {
    v1::CreateMonitorRequest request;
    request.set_workspace_id(browser.workspace());
    request.mutable_spec()->set_name(name);
    request.mutable_spec()->set_url("https://example.com/");
    return browser.call("MonitorService.CreateMonitor", request)
        .as<v1::CreateMonitorResponse>()
        .monitor()
        .summary()
        .id();
  }
  void remove(const std::string& id) {
    v1::DeleteMonitorRequest request;
    request.set_workspace_id(workspace_);
    request.set_monitor_id(id);
    EXPECT_EQ(browser_.call("MonitorService.DeleteMonitor", request).code, "ok");
  }
  void run_due() {
    const std::int32_t worker = test::plant_worker(loop_, pool_, "global");
    const auto jobs = loop_.run(store::lease_due(pool_, 1, worker, 1000, Milliseconds{15'000}));
    std::vector<domain::LeasedResult> results;
    for (const domain::LeasedJob& job : jobs) {
      domain::LeasedResult result;
      result.lease = job.lease;
      result.result.started_at = job.lease.slot;
      result.result.outcome = domain::Outcome::kOk;
      result.result.measurement.phases.total = Microseconds{1000};
      results.push_back(std::move(result));
    }
    loop_.run(store::commit_results(pool_, std::vector<std::int32_t>(results.size(), worker), results));
  }
  http::Request request_for(const v1::WatchRequest& message) {
    http::Request request = browser_request("DashboardService.Watch", message, true);
    request.headers.set("Cookie", browser_.cookie);
    return request;
  }
  http::Request list_request() {
    v1::WatchRequest message;
    message.set_workspace_id(workspace_);
    message.mutable_monitor_list();
    return request_for(message);
  }
  http::Request page_request(const std::string& id) {
    v1::WatchRequest message;
    message.set_workspace_id(workspace_);
    message.mutable_monitor()->set_monitor_id(id);
    return request_for(message);
  }

  pg::Listener listener_;
  bool listening_ = false;
  bool listener_ended_ = false;
  Browser browser_{*this};
  std::string workspace_;
};

bool is_ready(const Event& event) { return event.has_ready(); }

std::vector<std::string> names_of(const std::vector<Event>& events) {
  std::vector<std::string> names;
  for (const Event& event : events) {
    if (event.has_monitor_changed()) names.push_back(event.monitor_changed().name());
  }
  return names;
}

TEST_F(ApiWatch, ListStartsWithThePresentStateAndThenSendsWhatChanges) {
  const std::string first = create("first");
  OpenStream stream(loop_, api_->router(), list_request());
  const std::vector<Event> state = stream.read_until(is_ready);
  EXPECT_THAT(names_of(state), ElementsAre("first"));
  EXPECT_EQ(state[state.size() - 2].overview().total(), 1U);

  create("second");
  const auto is_second = [](const Event& e) { return e.monitor_changed().name() == "second"; };
  stream.read_until(is_second);
  const auto counts_two = [](const Event& e) { return e.overview().total() == 2; };
  stream.read_until(counts_two);

  run_due();
  const auto first_is_up = [&](const Event& e) {
    return e.monitor_changed().id() == first && e.monitor_changed().state() == v1::MONITOR_STATE_UP;
  };
  stream.read_until(first_is_up);

  remove(first);
  const auto first_is_gone = [&](const Event& e) { return e.monitor_deleted().monitor_id() == first; };
  stream.read_until(first_is_gone);
  EXPECT_FALSE(stream.ended());
}

TEST_F(ApiWatch, ListNeverShowsAnotherWorkspace) {
  OpenStream stream(loop_, api_->router(), list_request());
  stream.read_until(is_ready);
  open_sign_up();
  Browser other(*this);
  other.sign_up("other@example.com");
  create("theirs", other);
  create("mine");
  const auto any = [](const Event& e) { return e.has_monitor_changed(); };
  EXPECT_THAT(names_of(stream.read_until(any)), ElementsAre("mine"));
}

TEST_F(ApiWatch, AfterALostConnectionEverythingIsLookedAtAgain) {
  const std::string id = create("shop");
  OpenStream stream(loop_, api_->router(), list_request());
  stream.read_until(is_ready);
  // A deletion that nobody was told of.
  sql("DELETE FROM app.monitors");
  api_->notify("", "");
  const auto gone = [&](const Event& e) { return e.monitor_deleted().monitor_id() == id; };
  EXPECT_NO_THROW(stream.read_until(gone));
}

TEST_F(ApiWatch, PageHasTheMonitorItsResultsAndItsFigures) {
  const std::string id = create("shop");
  run_due();
  OpenStream stream(loop_, api_->router(), page_request(id));
  const std::vector<Event> state = stream.read_until(is_ready);
  ASSERT_EQ(state.size(), 5U);
  EXPECT_EQ(state[0].monitor().spec().name(), "shop");
  EXPECT_EQ(state[1].results().results_size(), 1);
  EXPECT_EQ(state[2].latency().series(0).points(0).ok(), 1U);
  EXPECT_EQ(state[3].uptime().windows_size(), 4);

  // Due again at once: the next result is sent, and only that.
  v1::UpdateMonitorRequest edit;
  edit.set_workspace_id(workspace_);
  edit.set_monitor_id(id);
  *edit.mutable_spec() = state[0].monitor().spec();
  edit.mutable_spec()->set_name("renamed");
  ASSERT_EQ(browser_.call("MonitorService.UpdateMonitor", edit).code, "ok");
  run_due();
  const auto has_results = [](const Event& e) { return e.has_results(); };
  const std::vector<Event> changes = stream.read_until(has_results);
  EXPECT_EQ(changes.back().results().results_size(), 1);
  EXPECT_THAT(changes, testing::Contains(testing::ResultOf(
                           [](const Event& e) { return e.monitor().spec().name(); }, "renamed")));
}

TEST_F(ApiWatch, PageEndsWithItsMonitor) {
  const std::string id = create("shop");
  OpenStream stream(loop_, api_->router(), page_request(id));
  stream.read_until(is_ready);
  remove(id);
  const auto gone = [&](const Event& e) { return e.monitor_deleted().monitor_id() == id; };
  stream.read_until(gone);
  EXPECT_EQ(stream.end(), "ok");
}

TEST_F(ApiWatch, UnknownPageIsNotFound) {
  OpenStream stream(loop_, api_->router(), page_request("12345"));
  EXPECT_EQ(stream.end(), "not_found");
}

TEST_F(ApiWatch, HeartbeatsWhileNothingChanges) {
  options_.watch_pace.heartbeat = Milliseconds{20};
  restart_api();
  const std::string id = create("shop");
  OpenStream list(loop_, api_->router(), list_request());
  OpenStream page(loop_, api_->router(), page_request(id));
  const auto beats = [](const Event& e) { return e.has_heartbeat(); };
  for (OpenStream* stream : {&list, &page}) {
    stream->read_until(is_ready);
    EXPECT_NO_THROW(stream->read_until(beats));
    EXPECT_NO_THROW(stream->read_until(beats));
  }
}

TEST_F(ApiWatch, EndsWithTheSession) {
  options_.watch_pace.session_check = Milliseconds{20};
  restart_api();
  OpenStream stream(loop_, api_->router(), list_request());
  stream.read_until(is_ready);
  EXPECT_EQ(browser_.call("AuthService.SignOut", v1::SignOutRequest()).code, "ok");
  EXPECT_EQ(stream.end(), "unauthenticated");
}

TEST_F(ApiWatch, EndsWithTheMembership) {
  options_.watch_pace.session_check = Milliseconds{20};
  restart_api();
  OpenStream stream(loop_, api_->router(), list_request());
  stream.read_until(is_ready);
  sql("DELETE FROM app.workspace_members");
  EXPECT_EQ(stream.end(), "not_found");
}

TEST_F(ApiWatch, GoingQuietIsShownThoughNothingSaysSo) {
  options_.watch_pace.recheck = Milliseconds{20};
  restart_api();
  const std::string id = create("shop");
  run_due();
  OpenStream list(loop_, api_->router(), list_request());
  OpenStream page(loop_, api_->router(), page_request(id));
  list.read_until(is_ready);
  page.read_until(is_ready);
  sql("UPDATE app.monitors SET updated_at = now() - interval '1 hour'");
  sql("UPDATE app.monitor_current SET last_result_at = now() - interval '1 hour'");
  const auto quiet = [](const Event& e) {
    return e.monitor_changed().state() == v1::MONITOR_STATE_NO_DATA ||
           e.monitor().summary().state() == v1::MONITOR_STATE_NO_DATA;
  };
  EXPECT_NO_THROW(list.read_until(quiet));
  EXPECT_NO_THROW(page.read_until(quiet));
}

TEST_F(ApiWatch, AClientThatGoesLeavesNothingBehind) {
  const std::string id = create("shop");
  for (int i = 0; i < 3; ++i) {
    OpenStream list(loop_, api_->router(), list_request());
    OpenStream page(loop_, api_->router(), page_request(id));
    list.read_until(is_ready);
    page.read_until(is_ready);
    list.close();
    page.close();
    EXPECT_TRUE(list.ended());
    EXPECT_TRUE(page.ended());
  }
  // Nobody listens any more: this must not touch what is gone.
  api_->notify("", "");
  api_->notify("openseer_results", workspace_ + ":" + id);
}

// --- the hub by itself ---

class Hub : public testing::Test {
 protected:
  WatchHub::Changes wait(WatchHub::Interest& interest, Milliseconds time) {
    return loop_.run(interest.wait(std::chrono::steady_clock::now() + time));
  }
  test::Loop loop_;
  WatchHub hub_{loop_.executor()};
};

TEST_F(Hub, GivesEachInterestItsOwnChanges) {
  WatchHub::Interest list(hub_, 1, std::nullopt);
  WatchHub::Interest page(hub_, 1, 12);
  WatchHub::Interest other(hub_, 2, std::nullopt);
  hub_.notify("openseer_results", "1:11,1:12,3:11,nonsense,:,1:,4:x");
  EXPECT_THAT(wait(list, Milliseconds{1000}).monitors, UnorderedElementsAre(11, 12));
  EXPECT_THAT(wait(page, Milliseconds{1000}).monitors, ElementsAre(12));
  EXPECT_FALSE(wait(other, Milliseconds{1}).any());
}

TEST_F(Hub, LostNotificationsMeanEverything) {
  WatchHub::Interest list(hub_, 1, std::nullopt);
  hub_.notify("", "");
  EXPECT_TRUE(wait(list, Milliseconds{1000}).everything);
  WatchHub::Interest another(hub_, 1, std::nullopt);
  hub_.notify("openseer_results", "*");
  EXPECT_TRUE(wait(another, Milliseconds{1000}).everything);
  EXPECT_FALSE(wait(another, Milliseconds{1}).any());
}

TEST_F(Hub, ManyChangesBecomeEverythingSoMemoryIsBounded) {
  WatchHub::Interest list(hub_, 1, std::nullopt);
  for (int i = 1; i < 5000; ++i) hub_.notify("openseer_monitors", "1:" + std::to_string(i));
  const WatchHub::Changes changes = wait(list, Milliseconds{1000});
  EXPECT_TRUE(changes.everything);
  EXPECT_THAT(changes.monitors, IsEmpty());
}

TEST_F(Hub, GathersWhatComesSoonAfter) {
  WatchHub::Interest list(hub_, 1, std::nullopt);
  hub_.notify("openseer_results", "1:1");
  EXPECT_THAT(wait(list, Milliseconds{1000}).monitors, ElementsAre(1));
  hub_.notify("openseer_results", "1:2");
  hub_.notify("openseer_results", "1:3");
  // Too early, and the deadline comes first.
  EXPECT_FALSE(wait(list, Milliseconds{1}).any());
  EXPECT_THAT(wait(list, Milliseconds{1000}).monitors, UnorderedElementsAre(2, 3));
}

TEST_F(Hub, AChangeWakesAWaitingView) {
  WatchHub::Interest list(hub_, 1, std::nullopt);
  std::optional<WatchHub::Changes> got;
  asio::co_spawn(loop_.context(), list.wait(std::chrono::steady_clock::now() + Seconds{30}),
                 [&](std::exception_ptr, WatchHub::Changes changes) { got = std::move(changes); });
  loop_.context().poll();
  EXPECT_FALSE(got);
  hub_.notify("openseer_monitors", "1:5");
  ASSERT_TRUE(loop_.run_until([&] { return got.has_value(); }, Seconds{5}));
  EXPECT_THAT(got->monitors, ElementsAre(5));
}

TEST_F(ApiWatch, TheWorkersViewShowsWhatChanges) {
  const std::int32_t worker = test::plant_worker(loop_, pool_, "eu");
  v1::WatchRequest message;
  message.set_workspace_id(workspace_);
  message.mutable_worker_list();
  OpenStream stream(loop_, api_->router(), request_for(message));
  const std::vector<Event> first = stream.read_until(is_ready);
  ASSERT_TRUE(first.front().has_workers());
  ASSERT_EQ(first.front().workers().workers_size(), 1);
  EXPECT_EQ(first.front().workers().workers(0).in_flight(), 0U);
  EXPECT_EQ(first.front().workers().regions(1).name(), "eu");

  loop_.run(store::touch_workers(pool_, {{worker, 7, 2.5}}));
  const std::vector<Event> busy = stream.read_until(
      [](const Event& event) { return event.has_workers() && event.workers().workers(0).in_flight() == 7; });
  EXPECT_EQ(busy.back().workers().workers(0).checks_per_second(), 2.5);
  EXPECT_EQ(busy.back().workers().regions(0).in_flight(), 7U) << "global is any worker";
  loop_.run(store::revoke_worker(pool_, worker, store::Actor{}));
  stream.read_until(
      [](const Event& event) { return event.has_workers() && event.workers().workers(0).has_revoked_at(); });
}

TEST_F(ApiWatch, TheWorkersThemselvesAreForTheInstancesOwner) {
  test::plant_worker(loop_, pool_, "eu");
  open_sign_up();
  Browser other(*this);
  other.sign_up("other@example.com");
  v1::WatchRequest message;
  message.set_workspace_id(other.workspace());
  message.mutable_worker_list();
  http::Request request = browser_request("DashboardService.Watch", message, true);
  request.headers.set("Cookie", other.cookie);
  OpenStream stream(loop_, api_->router(), std::move(request));
  const std::vector<Event> events = stream.read_until(is_ready);
  EXPECT_EQ(events.front().workers().workers_size(), 0);
  EXPECT_EQ(events.front().workers().regions_size(), 2);
}

}  // namespace
}  // namespace openseer::control
