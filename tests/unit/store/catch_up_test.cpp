#include "store/catch_up.h"

#include <gtest/gtest.h>

#include "pg/pool.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::store {
namespace {

constexpr std::int16_t kGlobal = 1;
constexpr int kJobs = 60;

class CatchUp : public testing::Test {
 protected:
  void plant(Seconds interval) {
    for (int i = 0; i < kJobs; ++i) test::plant_job(loop, pool, "global", interval);
  }
  // As after an outage: the jobs came due one after the other.
  void overdue(const std::string& length) {
    test::run_sql(loop, pool,
                  "UPDATE app.jobs SET next_attempt_at = now() - interval '" + length + "' * id / " +
                      std::to_string(kJobs));
  }
  std::int64_t count(const std::string& condition) {
    return test::count_sql(loop, pool, "SELECT count(*) FROM app.jobs WHERE " + condition);
  }

  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
};

TEST_F(CatchUp, WhatCameDueInAnOutageIsSpreadOverItsLength) {
  plant(Seconds{600});
  overdue("60 s");
  loop.run(spread_overdue(pool, kGlobal));
  EXPECT_EQ(count("next_attempt_at < now() - interval '2 s'"), 0);
  EXPECT_EQ(count("next_attempt_at > now() + interval '61 s'"), 0);
  // Half of them in half of the time, and not one of 60 in a hundred million years.
  EXPECT_GT(count("next_attempt_at > now() + interval '28 s'"), 5);
  EXPECT_GT(count("next_attempt_at < now() + interval '28 s'"), 5);
}

TEST_F(CatchUp, NoJobWaitsLongerThanItsInterval) {
  plant(Seconds{2});
  overdue("60 s");
  loop.run(spread_overdue(pool, kGlobal));
  EXPECT_EQ(count("next_attempt_at > now() + interval '2 s'"), 0);
}

TEST_F(CatchUp, ARegionThatIsServedIsLeftAlone) {
  plant(Seconds{60});
  overdue("200 ms");
  loop.run(spread_overdue(pool, kGlobal));
  EXPECT_EQ(count("next_attempt_at > now()"), 0);
}

TEST_F(CatchUp, ALeaseUnderWayIsLeftAloneAndOneThatIsOverIsNotRevived) {
  plant(Seconds{600});
  overdue("3600 s");
  test::run_sql(loop, pool,
                "UPDATE app.jobs SET leased_by = 1, leased_until = now() + CASE WHEN id % 2 = 0 "
                "THEN interval '10 s' ELSE -interval '20 min' END");
  loop.run(spread_overdue(pool, kGlobal));
  EXPECT_EQ(count("leased_until > now() AND next_attempt_at > now()"), 0);
  EXPECT_EQ(count("leased_until < now() AND next_attempt_at < now() - interval '1 s'"), 0);
  EXPECT_EQ(count("leased_until < now() - interval '10 min'"), kJobs / 2);
}

}  // namespace
}  // namespace openseer::store
