#include "control/lease/queue_vacuum.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include "pg/pool.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::control {
namespace {

const pg::Statement kLock{"test_lock_jobs", "LOCK TABLE app.jobs IN ACCESS EXCLUSIVE MODE"};

class QueueVacuumTest : public testing::Test {
 protected:
  QueueVacuumTest() {
    test::plant_job(loop, pool, "global", Seconds{60});
    asio::co_spawn(loop.context(), vacuum.run(), [this](const std::exception_ptr&) { ended = true; });
  }
  ~QueueVacuumTest() override {
    vacuum.stop();
    EXPECT_TRUE(loop.run_until([this] { return ended; }));
  }

  std::int64_t vacuums() {
    return test::count_sql(loop, pool,
                           "SELECT vacuum_count FROM pg_stat_user_tables WHERE relid = 'app.jobs'::regclass");
  }
  // Asks the database until there are so many.
  bool reaches(std::int64_t count) {
    const Monotonic limit = std::chrono::steady_clock::now() + Seconds{20};
    while (vacuums() < count) {
      if (std::chrono::steady_clock::now() > limit) return false;
    }
    return true;
  }

  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
  QueueVacuum vacuum{loop.executor(), pool};
  bool ended = false;
};

TEST_F(QueueVacuumTest, ComesWithEnoughResultsAndAgainWithAsManyMore) {
  vacuum.committed(4999);
  EXPECT_EQ(vacuums(), 0);
  vacuum.committed(1);
  ASSERT_TRUE(reaches(1));
  vacuum.committed(4000);
  EXPECT_EQ(vacuums(), 1);
  vacuum.committed(1000);
  EXPECT_TRUE(reaches(2));
}

TEST_F(QueueVacuumTest, GivesWayToWhoHasTheTableLocked) {
  pg::Transaction holder = loop.run(pool.begin());
  loop.run(holder.query(kLock, {}));
  vacuum.committed(5000);
  EXPECT_EQ(vacuums(), 0);
  vacuum.stop();
  EXPECT_TRUE(loop.run_until([this] { return ended; }, Seconds{5})) << "it waits for the lock";
  loop.run(holder.rollback());
}

}  // namespace
}  // namespace openseer::control
