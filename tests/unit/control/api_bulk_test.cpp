// Changes to many monitors at once, and what the audit log says of monitors.
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "openseer/v1/audit_service.pb.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

class ApiBulk : public ApiTest {
 protected:
  ApiBulk() {
    owner_.sign_up("owner@example.com");
    workspace_ = owner_.workspace();
    for (const char* name : {"a", "b", "c"}) ids_.push_back(create(owner_, workspace_, name));
  }

  static std::string create(Browser& browser, const std::string& workspace, const std::string& name) {
    v1::CreateMonitorRequest request;
    request.set_workspace_id(workspace);
    request.mutable_spec()->set_name(name);
    request.mutable_spec()->set_url("http://example.com/" + name);
    return browser.call("MonitorService.CreateMonitor", request)
        .as<v1::CreateMonitorResponse>()
        .monitor()
        .summary()
        .id();
  }
  v1::BulkUpdateMonitorsRequest of(const std::vector<std::string>& ids) const {
    v1::BulkUpdateMonitorsRequest request;
    request.set_workspace_id(workspace_);
    for (const std::string& id : ids) request.add_monitor_ids(id);
    return request;
  }
  static Answer update(Browser& browser, const v1::BulkUpdateMonitorsRequest& request) {
    return browser.call("MonitorService.BulkUpdateMonitors", request);
  }
  std::uint32_t changed(const v1::BulkUpdateMonitorsRequest& request) {
    return update(owner_, request).as<v1::BulkUpdateMonitorsResponse>().changed();
  }
  v1::ListAuditEventsResponse events() {
    v1::ListAuditEventsRequest request;
    request.set_workspace_id(workspace_);
    return owner_.call("AuditService.ListAuditEvents", request).as<v1::ListAuditEventsResponse>();
  }

  Browser owner_{*this};
  std::string workspace_;
  std::vector<std::string> ids_;
};

TEST_F(ApiBulk, PausesResumesAndDeletesManyAtOnce) {
  v1::BulkUpdateMonitorsRequest pause = of({ids_[0], ids_[1]});
  pause.mutable_pause();
  EXPECT_EQ(changed(pause), 2U);
  EXPECT_EQ(changed(pause), 0U) << "they are paused already";
  EXPECT_EQ(count("SELECT count(*) FROM app.jobs WHERE next_attempt_at = 'infinity'"), 2);
  v1::BulkUpdateMonitorsRequest resume = of({ids_[2], ids_[1], ids_[1]});
  resume.mutable_resume();
  EXPECT_EQ(changed(resume), 1U);
  EXPECT_EQ(count("SELECT count(*) FROM app.jobs WHERE next_attempt_at = 'infinity'"), 1);
  v1::BulkUpdateMonitorsRequest erase = of(ids_);
  erase.mutable_delete_();
  EXPECT_EQ(changed(erase), 3U);
  EXPECT_EQ(count("SELECT (SELECT count(*) FROM app.monitors) + (SELECT count(*) FROM app.jobs)"), 0);
}

TEST_F(ApiBulk, TagsAreAddedAndTakenAway) {
  v1::BulkUpdateMonitorsRequest first = of({ids_[0], ids_[1]});
  for (const char* tag : {"shop", " eu "}) first.mutable_tag()->add_add(tag);
  EXPECT_EQ(changed(first), 2U);
  EXPECT_EQ(changed(first), 0U);
  v1::BulkUpdateMonitorsRequest second = of(ids_);
  second.mutable_tag()->add_add("Api");
  second.mutable_tag()->add_remove("eu");
  EXPECT_EQ(changed(second), 3U);
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors WHERE tags = '{Api,shop}'"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors WHERE tags = '{Api}'"), 1);
  v1::BulkUpdateMonitorsRequest many = of(ids_);
  for (int i = 0; i < 20; ++i) many.mutable_tag()->add_add("t" + std::to_string(i));
  EXPECT_THAT(update(owner_, many).fields, ElementsAre("tag.add"));
  EXPECT_EQ(count("SELECT max(cardinality(tags))::bigint FROM app.monitors"), 2) << "saved in part";
}

// An empty list must not pass the loop that looks at each id.
TEST_F(ApiBulk, AnEmptyListOfIdsIsRefused) {
  v1::BulkUpdateMonitorsRequest request = of({});
  request.mutable_delete_();
  EXPECT_THAT(update(owner_, request).fields, ElementsAre("monitor_ids"));
  request = of(std::vector<std::string>(1001, ids_[0]));
  request.mutable_delete_();
  EXPECT_THAT(update(owner_, request).fields, ElementsAre("monitor_ids"));
  EXPECT_THAT(update(owner_, of(ids_)).fields, ElementsAre("action"));
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors"), 3);
}

TEST_F(ApiBulk, EveryIdIsCheckedAgainstTheWorkspace) {
  open_sign_up();
  Browser other(*this);
  other.sign_up("other@example.com");
  const std::string theirs = create(other, other.workspace(), "theirs");
  for (const std::string& stranger : {theirs, std::string("999999"), std::string("x"), std::string()}) {
    v1::BulkUpdateMonitorsRequest request = of({ids_[0], stranger, ids_[1]});
    request.mutable_delete_();
    EXPECT_EQ(update(owner_, request).code, "not_found") << stranger;
    request.mutable_tag()->add_add("shop");
    EXPECT_EQ(update(owner_, request).code, "not_found") << stranger;
  }
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors WHERE tags = '{}'"), 4) << "all or none";
}

TEST_F(ApiBulk, EachMonitorIsInTheAuditLog) {
  v1::BulkUpdateMonitorsRequest pause = of({ids_[0], ids_[1]});
  pause.mutable_pause();
  changed(pause);
  const auto list = events();
  ASSERT_THAT(list.events(), SizeIs(5));
  EXPECT_EQ(list.events(0).action(), "monitor.pause");
  EXPECT_EQ(list.events(0).object_name(), "b");
  EXPECT_EQ(list.events(1).object_name(), "a");
  EXPECT_EQ(list.events(4).action(), "monitor.create");
}

TEST_F(ApiBulk, TheAuditLogTellsWhatAnEditChangedAndNoSecret) {
  v1::UpdateMonitorRequest request;
  request.set_workspace_id(workspace_);
  request.set_monitor_id(ids_[0]);
  v1::MonitorSpec& spec = *request.mutable_spec();
  spec.set_name("a");
  spec.set_url("http://example.com/new");
  spec.mutable_interval()->set_seconds(90);
  v1::Header& header = *spec.add_headers();
  header.set_name("Authorization");
  header.set_value("Bearer top-secret");
  ASSERT_EQ(owner_.call("MonitorService.UpdateMonitor", request).code, "ok");
  std::map<std::string, std::pair<std::string, std::string>> changes;
  const auto list = events();
  for (const auto& change : list.events(0).changes())
    changes[change.field()] = {change.before(), change.after()};
  EXPECT_THAT(changes, SizeIs(3));
  EXPECT_THAT(changes["spec.url"], Pair("http://example.com/a", "http://example.com/new"));
  EXPECT_THAT(changes["spec.interval"], Pair("60 s", "90 s"));
  EXPECT_THAT(changes["spec.headers"], Pair("", ""));
  EXPECT_EQ(count("SELECT count(*) FROM app.audit_events e WHERE e::text LIKE '%top-secret%'"), 0);

  // Another secret is a change, too.
  header.set_value("Bearer another");
  ASSERT_EQ(owner_.call("MonitorService.UpdateMonitor", request).code, "ok");
  EXPECT_THAT(events().events(0).changes(), SizeIs(1));
  EXPECT_EQ(events().events(0).changes(0).field(), "spec.headers");
}

}  // namespace
}  // namespace openseer::control
