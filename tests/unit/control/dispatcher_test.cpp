#include "control/lease/dispatcher.h"

#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "control/ingest/committer.h"
#include "pg/error.h"
#include "pg/pool.h"
#include "store/retention.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::control {
namespace {

class Dispatching : public testing::Test {
 protected:
  void SetUp() override {
    loop.run(store::create_partitions(pool));
    boost::asio::co_spawn(loop.executor(), dispatcher.run(), [this](std::exception_ptr failure) {
      EXPECT_FALSE(failure);
      ended = true;
    });
  }
  void TearDown() override {
    dispatcher.stop();
    EXPECT_TRUE(loop.run_until([this] { return ended; }));
  }

  struct Inbox {
    std::vector<domain::LeasedJob> jobs;
    Dispatcher::Deliver receive() {
      return
          [this](std::vector<domain::LeasedJob> more) { jobs.insert(jobs.end(), more.begin(), more.end()); };
    }
  };
  std::int16_t region_id(const std::string& name) {
    return test::run_sql(loop, pool, "SELECT id FROM app.regions WHERE name = '" + name + "'")[0]
        .get<std::int16_t>(0);
  }

  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
  Dispatcher dispatcher{loop.executor(), pool, {}};
  bool ended = false;
};

TEST_F(Dispatching, AWorkerGetsItsRegionsJobsAndTheGlobalOnesButNoMoreThanAskedFor) {
  const std::int32_t worker = test::plant_worker(loop, pool, "here");
  test::plant_job(loop, pool, "here", Seconds{60});
  test::plant_job(loop, pool, "global", Seconds{60});
  test::plant_job(loop, pool, "elsewhere", Seconds{60});
  Inbox inbox;
  auto subscription = dispatcher.subscribe(worker, region_id("here"), inbox.receive());
  subscription.set_demand(1);
  EXPECT_TRUE(loop.run_until([&] { return inbox.jobs.size() == 1; }));
  subscription.set_demand(10);
  EXPECT_TRUE(loop.run_until([&] { return inbox.jobs.size() == 2; }));
  // The third region's job stays where it is, however long one waits.
  EXPECT_EQ(test::count_sql(loop, pool, "SELECT count(*) FROM app.jobs WHERE leased_by IS NULL"), 1);
}

TEST_F(Dispatching, ASlotIsLeasedALittleAheadWithoutWaitingForMore) {
  const std::int32_t worker = test::plant_worker(loop, pool, "here");
  // Due in 300 ms.
  test::plant_job(loop, pool, "global", Seconds{60}, Milliseconds{-300});
  Inbox inbox;
  auto subscription = dispatcher.subscribe(worker, region_id("here"), inbox.receive());
  subscription.set_demand(10);
  ASSERT_TRUE(loop.run_until([&] { return !inbox.jobs.empty(); }));
  const pg::Rows late = test::run_sql(loop, pool, "SELECT now() - scheduled_at FROM app.jobs");
  EXPECT_GE(late[0].get<Microseconds>(0), Milliseconds{-150});
  EXPECT_LT(late[0].get<Microseconds>(0), Seconds{1});
}

// As after this process stood still: nobody was away, and much is long overdue.
TEST_F(Dispatching, AnOldBacklogIsWorkedOffByThePassesNotByTheSweep) {
  const std::int32_t worker = test::plant_worker(loop, pool, "here");
  test::plant_job(loop, pool, "global", Seconds{60});
  Inbox inbox;
  auto subscription = dispatcher.subscribe(worker, region_id("here"), inbox.receive());
  subscription.set_demand(1);
  ASSERT_TRUE(loop.run_until([&] { return inbox.jobs.size() == 1; }));
  for (int i = 0; i < 300; ++i) test::plant_job(loop, pool, "global", Seconds{600}, std::chrono::seconds{30});
  subscription.set_demand(1000);
  EXPECT_TRUE(loop.run_until([&] { return inbox.jobs.size() == 301; }, Seconds{5}));
}

TEST_F(Dispatching, WorkersTakeTurns) {
  const std::int32_t one = test::plant_worker(loop, pool, "here");
  const std::int32_t two = test::plant_worker(loop, pool, "here");
  for (int i = 0; i < 20; ++i) test::plant_job(loop, pool, "global", Seconds{60});
  Inbox first, second;
  auto a = dispatcher.subscribe(one, region_id("here"), first.receive());
  auto b = dispatcher.subscribe(two, region_id("here"), second.receive());
  a.set_demand(10);
  b.set_demand(10);
  EXPECT_TRUE(loop.run_until([&] { return first.jobs.size() == 10 && second.jobs.size() == 10; }));
}

// One workspace with far more due than there is capacity, and one with ten, due last.
TEST_F(Dispatching, AWorkspaceWithThousandsDoesNotStarveOneWithTen) {
  const std::int32_t worker = test::plant_worker(loop, pool, "here");
  test::plant_job(loop, pool, "global", Seconds{60});
  Inbox inbox;
  auto subscription = dispatcher.subscribe(worker, region_id("here"), inbox.receive());
  subscription.set_demand(1);
  ASSERT_TRUE(loop.run_until([&] { return inbox.jobs.size() == 1; })) << "the region is served from here on";
  test::run_sql(loop, pool, R"(
WITH w AS (INSERT INTO app.workspaces (name) VALUES ('many'), ('few') RETURNING id, name),
m AS (INSERT INTO app.monitors (workspace_id, name, url, method, every, timeout_ms, max_redirects)
      SELECT w.id, w.name, 'http://localhost/', 'GET', '60 s', 1000, 10
      FROM w CROSS JOIN generate_series(1, CASE name WHEN 'many' THEN 3000 ELSE 10 END) RETURNING *),
r AS (INSERT INTO app.monitor_regions (monitor_id, region_id) SELECT id, 1 FROM m RETURNING monitor_id, job_id),
placed AS (SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY id) AS place FROM m JOIN r ON r.monitor_id = m.id)
INSERT INTO app.jobs (id, monitor_id, workspace_id, region_id, every, origin, scheduled_at, next_attempt_at, spec_version, lane)
SELECT job_id, id, workspace_id, 1, every, 'epoch', due, due, 1, CASE WHEN place <= 100 THEN 0 WHEN place <= 1000 THEN 1 ELSE 2 END
FROM placed CROSS JOIN LATERAL (SELECT now() - CASE name WHEN 'many' THEN interval '30 s' ELSE interval '1 s' END AS due) t)");
  const auto few =
      static_cast<std::size_t>(test::count_sql(loop, pool, "SELECT max(id) FROM app.workspaces"));
  std::set<std::int64_t> of_few;
  for (const pg::Row row :
       test::run_sql(loop, pool, "SELECT id FROM app.jobs WHERE workspace_id = " + std::to_string(few)))
    of_few.insert(row.get<std::int64_t>(0));
  ASSERT_EQ(of_few.size(), 10U);

  std::size_t seen = 1;
  for (std::size_t round = 1; !of_few.empty(); ++round) {
    subscription.set_demand(40);
    ASSERT_TRUE(loop.run_until([&] { return inbox.jobs.size() > 40 * round; }));
    for (; seen < inbox.jobs.size(); ++seen) of_few.erase(inbox.jobs[seen].lease.job_id);
  }
  EXPECT_LT(seen, 600U) << "of 3010 that were due";
}

TEST_F(Dispatching, ResultsOfSeveralCallersAreCommittedTogetherAndAnsweredApart) {
  const std::int32_t worker = test::plant_worker(loop, pool, "here");
  for (int i = 0; i < 3; ++i) test::plant_job(loop, pool, "global", Seconds{60});
  Inbox inbox;
  auto subscription = dispatcher.subscribe(worker, region_id("here"), inbox.receive());
  subscription.set_demand(10);
  ASSERT_TRUE(loop.run_until([&] { return inbox.jobs.size() == 3; }));

  Committer committer(loop.executor(), pool, {});
  int answered = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    domain::LeasedResult result{inbox.jobs[i].lease, {}};
    result.result.started_at = inbox.jobs[i].lease.slot;
    result.result.outcome = domain::Outcome::kOk;
    if (i == 2) ++result.lease.fence;  // not a lease that anybody has
    boost::asio::co_spawn(
        loop.executor(), committer.commit(worker, {result}),
        [&answered, i](std::exception_ptr failure, const std::vector<domain::Acceptance>& given) {
          EXPECT_FALSE(failure);
          ASSERT_EQ(given.size(), 1U);
          EXPECT_EQ(given[0], i == 2 ? domain::Acceptance::kFenced : domain::Acceptance::kAccepted);
          ++answered;
        });
  }
  EXPECT_TRUE(loop.run_until([&] { return answered == 3; }));
  EXPECT_EQ(test::count_sql(loop, pool, "SELECT count(DISTINCT xmin::text::bigint) FROM ts.results_raw"), 1);
  loop.run(committer.drain());
  EXPECT_THROW(loop.run(committer.commit(worker, {})), pg::Unavailable);
}

}  // namespace
}  // namespace openseer::control
