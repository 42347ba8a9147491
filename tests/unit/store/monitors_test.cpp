#include "store/monitors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/slots.h"
#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/jobs.h"
#include "store/migrations.h"
#include "store/monitor_views.h"
#include "store/overview.h"
#include "store/retention.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::store {
namespace {

using domain::MonitorState;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Milliseconds kLease{15'000};

domain::MonitorSpec spec_of(const std::string& name) {
  domain::MonitorSpec spec;
  spec.name = name;
  spec.url = "https://example.com/";
  spec.headers = {{"Authorization", "Bearer secret-value", true}, {"Accept", "text/html", false}};
  spec.body = "hello";
  spec.accepted_statuses = {{200, 204}, {301, 301}};
  spec.regions = {"global"};
  return spec;
}

class Monitors : public testing::Test {
 protected:
  Monitors() {
    loop_.run(create_partitions(pool_));
    sql("INSERT INTO app.workspaces (name) VALUES ('mine'), ('theirs')");
    sql("INSERT INTO app.regions (name) VALUES ('eu'), ('us')");
    worker_ = test::plant_worker(loop_, pool_, "global");
  }

  void sql(const std::string& text) { test::run_sql(loop_, pool_, text); }
  std::int64_t count(const std::string& text) { return test::count_sql(loop_, pool_, text); }
  std::int64_t create(const domain::MonitorSpec& spec, std::int64_t workspace = 1) {
    return loop_.run(create_monitor(pool_, secrets_, workspace, spec, nobody_));
  }
  bool update(std::int64_t id, const domain::MonitorSpec& spec, std::int64_t workspace = 1) {
    return loop_.run(update_monitor(pool_, secrets_, workspace, id, spec, {}, nobody_));
  }
  std::vector<domain::LeasedJob> lease(std::int16_t region = 1) {
    return loop_.run(lease_due(pool_, region, worker_, 100, kLease));
  }
  domain::Acceptance commit(const domain::Lease& lease, domain::Outcome outcome = domain::Outcome::kOk) {
    domain::LeasedResult result;
    result.lease = lease;
    result.result.started_at = loop_.run(database_time(pool_));
    result.result.outcome = outcome;
    result.result.measurement.http_status = 200;
    result.result.measurement.phases.total = Microseconds{1234};
    return loop_.run(commit_results(pool_, {worker_}, {result}))[0];
  }
  MonitorSummary summary(std::int64_t id) { return loop_.run(find_monitors(pool_, 1, {id})).at(0); }
  // Moves the job and its epoch as if it had been created that much earlier.
  void age(const std::string& interval) {
    sql("UPDATE app.jobs SET scheduled_at = scheduled_at - interval '" + interval +
        "', next_attempt_at = next_attempt_at - interval '" + interval + "'");
    sql("UPDATE app.job_epochs SET first_slot = first_slot - interval '" + interval + "'");
  }
  // What the ledger says was due: every slot of every epoch before the job's
  // present one. It must be what has a result or a gap.
  void expect_balanced(std::int64_t monitor) {
    const pg::Rows epochs = test::run_sql(loop_, pool_,
                                          "SELECT e.first_slot, least(e.until, (SELECT scheduled_at FROM "
                                          "app.jobs j WHERE j.id = e.job_id)), e.every, "
                                          "e.origin, e.job_id FROM app.job_epochs e WHERE monitor_id = " +
                                              std::to_string(monitor));
    std::map<std::pair<std::int64_t, Instant>, int> expected;
    for (const pg::Row row : epochs) {
      const domain::Epoch epoch{row.get<Instant>(0), row.get<std::optional<Instant>>(1),
                                std::chrono::duration_cast<Seconds>(row.get<Microseconds>(2)),
                                row.get<Instant>(3)};
      const Instant far = epoch.first + std::chrono::hours{48};
      for (const Instant slot : domain::slots_between(epoch, epoch.first, far)) {
        EXPECT_EQ(++expected[std::pair(row.get<std::int64_t>(4), slot)], 1) << "a slot of two epochs";
      }
    }
    const pg::Rows results = test::run_sql(loop_, pool_, "SELECT job_id, slot FROM ts.results_raw");
    for (const pg::Row row : results) {
      EXPECT_EQ(expected.erase(std::pair(row.get<std::int64_t>(0), row.get<Instant>(1))), 1U);
    }
    const pg::Rows gaps = test::run_sql(loop_, pool_, "SELECT job_id, first_slot, until FROM ts.gaps");
    for (const pg::Row row : gaps) {
      std::erase_if(expected, [&](const auto& entry) {
        return entry.first.first == row.get<std::int64_t>(0) && entry.first.second >= row.get<Instant>(1) &&
               entry.first.second < row.get<Instant>(2);
      });
    }
    EXPECT_THAT(expected, IsEmpty());
  }

  test::Loop loop_;
  test::TestDatabase database_;
  pg::Pool pool_{loop_.executor(), {.conninfo = database_.conninfo()}};
  pki::SecretBox secrets_ = pki::SecretBox::from_hex(pki::SecretBox::random_key_hex());
  std::int32_t worker_ = 0;
  const Actor nobody_;
};

TEST_F(Monitors, AreStoredWholeWithTheirSecretsSealed) {
  domain::MonitorSpec spec = spec_of("shop");
  spec.method = "POST";
  spec.regions = {"eu", "us"};
  spec.tls = {domain::TlsVersion::k1_3, true, "sni.example", "CA", "CERTIFICATE", "KEY"};
  spec.body_type = domain::BodyType::kBinary;
  spec.authentication = {domain::AuthScheme::kOauth2,
                         "",
                         "",
                         "",
                         "https://id.example/token",
                         "client",
                         "oauth-secret",
                         "read",
                         "api"};
  spec.proxy = {"socks5://proxy.example:1080", "user", "proxy-secret"};
  spec.http = domain::HttpPolicy::kOnly1_1;
  spec.ip_family = domain::IpFamily::kIpv6;
  spec.connect_address = "2001:db8::1";
  spec.dns_server = "192.0.2.53";
  spec.reuse_connection = true;
  spec.assertions = {
      {domain::Source::kJson, "$.a", domain::Comparison::kIn, "1,2", domain::Severity::kDegraded},
      {domain::Source::kBody, "", domain::Comparison::kExists, "", domain::Severity::kFail}};
  spec.retries = {2, Milliseconds{1'500}};
  spec.tags = {"eu", "shop"};
  const std::int64_t id = create(spec);
  EXPECT_EQ(loop_.run(find_spec(pool_, secrets_, 1, id))->spec, spec);
  spec.authentication = {domain::AuthScheme::kDigest, "me", "digest-secret", "", "", "", "", "", ""};
  ASSERT_TRUE(loop_.run(update_monitor(pool_, secrets_, 1, id, spec, {}, nobody_)));
  EXPECT_EQ(loop_.run(find_spec(pool_, secrets_, 1, id))->spec, spec);
  for (const char* secret : {"secret-value", "digest-secret", "proxy-secret", "KEY"}) {
    const std::string text = "'" + std::string(secret) + "'";
    EXPECT_EQ(
        count("SELECT count(*) FROM app.monitors m WHERE position(" + text +
              " IN m::text) > 0 OR position(encode(convert_to(" + text + ", 'UTF8'), 'hex') IN m::text) > 0"),
        0)
        << secret;
  }
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors WHERE body_sealed = 'hello' OR "
                  "position('secret-value'::bytea IN "
                  "header_values[1]) > 0"),
            0);
}

TEST_F(Monitors, AreDueAtOnceAtTheSameInstantInAllRegions) {
  domain::MonitorSpec spec = spec_of("shop");
  spec.regions = {"eu", "us"};
  create(spec);
  const std::vector<domain::LeasedJob> eu = lease(2);
  const std::vector<domain::LeasedJob> us = lease(3);
  ASSERT_EQ(eu.size(), 1U);
  ASSERT_EQ(us.size(), 1U);
  EXPECT_EQ(eu[0].lease.slot, us[0].lease.slot);
}

// Migration 0018, and back.
TEST_F(Monitors, KeepTheirJobsWhenTheTableOfRegionsIsMade) {
  domain::MonitorSpec spec = spec_of("shop");
  spec.regions = {"eu", "us"};
  const std::int64_t shop = create(spec);
  ASSERT_TRUE(loop_.run(delete_monitors(pool_, 1, {create(spec_of("gone"))}, nobody_)));
  const std::int64_t highest = count("SELECT max(id) FROM app.jobs");
  {
    const auto from_0018 =
        static_cast<int>(count("SELECT count(*) FROM app.schema_migrations WHERE version >= 18"));
    pg::Loan connection = loop_.run(pool_.acquire());
    loop_.run(migrate_down(*connection, from_0018));
    loop_.run(migrate_up(*connection));
  }
  EXPECT_EQ(count("SELECT count(*) FROM app.monitor_regions r JOIN app.jobs j ON j.id = r.job_id AND "
                  "j.monitor_id = r.monitor_id AND j.region_id = r.region_id"),
            2);
  create(spec_of("new"));
  EXPECT_GT(count("SELECT max(id) FROM app.jobs"), highest + 1) << "the number of a job that is gone";
  spec.regions = {"us", "global"};
  ASSERT_TRUE(update(shop, spec));
  EXPECT_EQ(count("SELECT count(*) FROM app.jobs WHERE monitor_id = " + std::to_string(shop)), 2);
  EXPECT_TRUE(loop_.run(delete_monitors(pool_, 1, {shop}, nobody_)));
  EXPECT_EQ(count("SELECT count(*) FROM app.jobs"), 1);
}

TEST_F(Monitors, OfAnotherWorkspaceDoNotExist) {
  const std::int64_t id = create(spec_of("theirs"), 2);
  EXPECT_FALSE(update(id, spec_of("mine")));
  EXPECT_FALSE(loop_.run(pause_monitors(pool_, 1, {id}, nobody_)));
  EXPECT_FALSE(loop_.run(resume_monitors(pool_, 1, {id}, nobody_)));
  EXPECT_FALSE(loop_.run(delete_monitors(pool_, 1, {id}, nobody_)));
  EXPECT_FALSE(loop_.run(find_spec(pool_, secrets_, 1, id)));
  EXPECT_FALSE(loop_.run(monitor_exists(pool_, 1, id)));
  EXPECT_THAT(loop_.run(find_monitors(pool_, 1, {id})), IsEmpty());
  EXPECT_THAT(loop_.run(list_monitors(pool_, 1, {}, ListOrder::kName, {}, 10)).monitors, IsEmpty());
  EXPECT_EQ(loop_.run(overview(pool_, 1)).total, 0);
  EXPECT_EQ(count("SELECT count(*) FROM app.monitors WHERE name = 'theirs' AND NOT paused"), 1);
}

TEST_F(Monitors, EditRevokesTheLeaseAndIsDueAtOnce) {
  const std::int64_t id = create(spec_of("shop"));
  const std::vector<domain::LeasedJob> before = lease();
  ASSERT_TRUE(update(id, spec_of("renamed")));
  EXPECT_EQ(commit(before.at(0).lease), domain::Acceptance::kFenced);
  const std::vector<domain::LeasedJob> after = lease();
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].spec_version, before[0].spec_version + 1);
  EXPECT_GT(after[0].lease.slot, before[0].lease.slot);
  EXPECT_EQ(commit(after[0].lease), domain::Acceptance::kAccepted);
  expect_balanced(id);
}

TEST_F(Monitors, EditWritesDownWhatWasMissedAndWithdrawsTheLatestSlot) {
  domain::MonitorSpec spec = spec_of("shop");
  spec.interval = Seconds{10};
  const std::int64_t id = create(spec);
  age("45 s");
  spec.interval = Seconds{7};
  ASSERT_TRUE(update(id, spec));
  // The slot of creation and three or four grid points; the last one is withdrawn.
  EXPECT_EQ(count("SELECT count(*) FROM ts.gaps"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM app.job_epochs WHERE until IS NULL"), 1);
  ASSERT_EQ(commit(lease().at(0).lease), domain::Acceptance::kAccepted);
  expect_balanced(id);
}

TEST_F(Monitors, EditAfterAResultKeepsTheLedgerBalanced) {
  domain::MonitorSpec spec = spec_of("shop");
  spec.interval = Seconds{10};
  const std::int64_t id = create(spec);
  age("25 s");
  ASSERT_EQ(commit(lease().at(0).lease), domain::Acceptance::kAccepted);
  ASSERT_TRUE(update(id, spec));
  ASSERT_EQ(commit(lease().at(0).lease), domain::Acceptance::kAccepted);
  ASSERT_TRUE(update(id, spec));
  ASSERT_TRUE(update(id, spec));
  ASSERT_EQ(commit(lease().at(0).lease), domain::Acceptance::kAccepted);
  expect_balanced(id);
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 3);
}

TEST_F(Monitors, EditAddsAndRemovesRegions) {
  domain::MonitorSpec spec = spec_of("shop");
  spec.regions = {"eu", "us"};
  const std::int64_t id = create(spec);
  spec.regions = {"global", "us"};
  ASSERT_TRUE(update(id, spec));
  EXPECT_THAT(lease(2), IsEmpty());
  const std::vector<domain::LeasedJob> us = lease(3);
  const std::vector<domain::LeasedJob> global = lease(1);
  ASSERT_EQ(us.size(), 1U);
  ASSERT_EQ(global.size(), 1U);
  EXPECT_EQ(us[0].lease.slot, global[0].lease.slot);
  EXPECT_THAT(loop_.run(find_spec(pool_, secrets_, 1, id))->spec.regions, ElementsAre("global", "us"));
}

TEST_F(Monitors, PauseStopsAndResumeIsDueAtOnce) {
  const std::int64_t id = create(spec_of("shop"));
  const std::vector<domain::LeasedJob> in_flight = lease();
  ASSERT_TRUE(loop_.run(pause_monitors(pool_, 1, {id}, nobody_)));
  ASSERT_TRUE(loop_.run(pause_monitors(pool_, 1, {id}, nobody_)));
  EXPECT_EQ(commit(in_flight.at(0).lease), domain::Acceptance::kFenced);
  EXPECT_THAT(lease(), IsEmpty());
  EXPECT_EQ(summary(id).state, MonitorState::kPaused);
  EXPECT_EQ(count("SELECT count(*) FROM app.job_epochs WHERE until IS NULL"), 0);

  ASSERT_TRUE(loop_.run(resume_monitors(pool_, 1, {id}, nobody_)));
  ASSERT_TRUE(loop_.run(resume_monitors(pool_, 1, {id}, nobody_)));
  const std::vector<domain::LeasedJob> again = lease();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(commit(again[0].lease), domain::Acceptance::kAccepted);
  EXPECT_EQ(summary(id).state, MonitorState::kUp);
  expect_balanced(id);
}

TEST_F(Monitors, EditOfAPausedOneKeepsItPaused) {
  const std::int64_t id = create(spec_of("shop"));
  ASSERT_TRUE(loop_.run(pause_monitors(pool_, 1, {id}, nobody_)));
  domain::MonitorSpec spec = spec_of("shop");
  spec.regions = {"eu", "global"};
  ASSERT_TRUE(update(id, spec));
  EXPECT_THAT(lease(1), IsEmpty());
  EXPECT_THAT(lease(2), IsEmpty());
  ASSERT_TRUE(loop_.run(resume_monitors(pool_, 1, {id}, nobody_)));
  EXPECT_EQ(lease(1).size(), 1U);
  EXPECT_EQ(lease(2).size(), 1U);
}

TEST_F(Monitors, DeleteTakesJobsAndEpochsAlong) {
  const std::int64_t id = create(spec_of("shop"));
  const std::vector<domain::LeasedJob> in_flight = lease();
  ASSERT_TRUE(loop_.run(delete_monitors(pool_, 1, {id}, nobody_)));
  EXPECT_EQ(commit(in_flight.at(0).lease), domain::Acceptance::kFenced);
  EXPECT_EQ(count("SELECT (SELECT count(*) FROM app.jobs) + (SELECT count(*) FROM app.job_epochs) + "
                  "(SELECT count(*) FROM app.monitor_current)"),
            0);
  EXPECT_FALSE(loop_.run(delete_monitors(pool_, 1, {id}, nobody_)));
}

TEST_F(Monitors, ListIsByNameInPages) {
  for (const char* name : {"c", "a", "b", "a"}) create(spec_of(name));
  const MonitorPage first = loop_.run(list_monitors(pool_, 1, {}, ListOrder::kName, {}, 3));
  ASSERT_EQ(first.monitors.size(), 3U);
  EXPECT_EQ(first.total, 4);
  EXPECT_EQ(first.monitors[0].name + first.monitors[1].name + first.monitors[2].name, "aab");
  const MonitorPage second =
      loop_.run(list_monitors(pool_, 1, {}, ListOrder::kName, first.monitors[2].cursor, 3));
  ASSERT_EQ(second.monitors.size(), 1U);
  EXPECT_EQ(second.monitors[0].name, "c");
}

// In every order: pages of two meet, nothing is shown twice or left out, and the
// keys ascend.
TEST_F(Monitors, PagesOfEveryOrderMeet) {
  for (const char* name : {"e", "d", "c", "b", "a"}) create(spec_of(name));
  sql("UPDATE app.monitor_current SET last_result_at = now(), state = 2 + monitor_id % 3");
  sql("INSERT INTO app.monitor_figures (monitor_id, base, packed, ok_24h, failed_24h, missed_24h, p95_24h_us)"
      " SELECT id, now(), '', id % 2, 1, 0, CASE WHEN id % 2 = 0 THEN 1000 * id END FROM app.monitors WHERE "
      "id < 4");
  for (const ListOrder order :
       {ListOrder::kName, ListOrder::kState, ListOrder::kUptime, ListOrder::kSlowest, ListOrder::kCreated}) {
    SCOPED_TRACE(static_cast<int>(order));
    std::vector<std::int64_t> seen;
    ListCursor after;
    while (true) {
      const MonitorPage page = loop_.run(list_monitors(pool_, 1, {}, order, after, 2));
      if (page.monitors.empty()) break;
      EXPECT_EQ(page.total, 5);
      for (const MonitorSummary& monitor : page.monitors) {
        const auto key = [order](const ListCursor& at) {
          return std::tuple(order == ListOrder::kName ? at.name : "", at.first, at.second, at.id);
        };
        EXPECT_GT(key(monitor.cursor), key(after));
        seen.push_back(monitor.id);
        after = monitor.cursor;
      }
    }
    EXPECT_EQ(seen.size(), 5U);
    EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 5U);
  }
}

TEST_F(Monitors, ListShowsWhatMatches) {
  const std::int64_t shop = create(spec_of("The Shop"));
  const std::int64_t blog = create(spec_of("blog"));
  sql("UPDATE app.monitors SET tags = '{prod,web}' WHERE id = " + std::to_string(shop));
  loop_.run(pause_monitors(pool_, 1, {blog}, nobody_));
  const auto found = [this](ListFilter filter) {
    std::vector<std::int64_t> ids;
    const MonitorPage page =
        loop_.run(list_monitors(pool_, 1, std::move(filter), ListOrder::kCreated, {}, 9));
    for (const MonitorSummary& monitor : page.monitors) ids.push_back(monitor.id);
    EXPECT_EQ(page.total, static_cast<std::int64_t>(ids.size()));
    return ids;
  };
  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(found({}), (Ids{blog, shop}));
  EXPECT_EQ(found({.search = "sHoP"}), Ids{shop});
  EXPECT_EQ(found({.search = "example"}).size(), 2U);
  EXPECT_EQ(found({.search = "%"}), Ids{});
  EXPECT_EQ(found({.states = {MonitorState::kPaused}}), Ids{blog});
  EXPECT_EQ(found({.states = {MonitorState::kPending, MonitorState::kDown}}), Ids{shop});
  EXPECT_EQ(found({.tags = {"prod", "none"}}), Ids{shop});
  EXPECT_EQ(found({.tags = {"none"}}), Ids{});
  EXPECT_EQ(found({.regions = {"global"}}).size(), 2U);
  EXPECT_EQ(found({.regions = {"nowhere"}}), Ids{});
}

TEST_F(Monitors, SummaryShowsTheLatestResult) {
  const std::int64_t id = create(spec_of("shop"));
  EXPECT_EQ(summary(id).state, MonitorState::kPending);
  EXPECT_FALSE(summary(id).last_result);
  commit(lease().at(0).lease, domain::Outcome::kFailed);
  const MonitorSummary after = summary(id);
  EXPECT_EQ(after.state, MonitorState::kDown);
  ASSERT_TRUE(after.last_result);
  EXPECT_EQ(after.last_result->region, "global");
  EXPECT_EQ(after.last_result->worker_id, worker_);
  EXPECT_EQ(after.last_result->check.measurement.phases.total, Microseconds{1234});
}

TEST_F(Monitors, WithoutResultsForTwoIntervalsHaveNoData) {
  const std::int64_t id = create(spec_of("shop"));
  commit(lease().at(0).lease);
  sql("UPDATE app.monitor_current SET last_result_at = now() - interval '155 s'");
  sql("UPDATE app.monitors SET updated_at = now() - interval '155 s'");
  EXPECT_EQ(summary(id).state, MonitorState::kUp);
  EXPECT_THAT(loop_.run(list_without_data(pool_, 1, 10)), IsEmpty());
  // 2 * 60 s + 10 s + 30 s
  sql("UPDATE app.monitor_current SET last_result_at = now() - interval '165 s'");
  EXPECT_EQ(summary(id).state, MonitorState::kUp);
  sql("UPDATE app.monitors SET updated_at = now() - interval '165 s'");
  EXPECT_EQ(summary(id).state, MonitorState::kNoData);
  EXPECT_THAT(loop_.run(list_without_data(pool_, 1, 10)), ElementsAre(id));
  EXPECT_EQ(loop_.run(overview(pool_, 1)).no_data, 1);
}

TEST_F(Monitors, OverviewCountsEveryMonitorOnce) {
  create(spec_of("pending"));
  const std::int64_t paused = create(spec_of("paused"));
  loop_.run(pause_monitors(pool_, 1, {paused}, nobody_));
  create(spec_of("theirs"), 2);
  sql("INSERT INTO app.monitor_figures (monitor_id, base, packed, ok_24h, failed_24h, missed_24h)"
      " SELECT id, now(), '', 9, 1, 0 FROM app.monitors");
  const Overview seen = loop_.run(overview(pool_, 1));
  EXPECT_EQ(seen.total, 2);
  EXPECT_EQ(seen.pending, 1);
  EXPECT_EQ(seen.paused, 1);
  EXPECT_EQ(seen.ok_24h, 18);
  EXPECT_EQ(seen.failed_24h, 2);
}

}  // namespace
}  // namespace openseer::store
