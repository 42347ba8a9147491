#include "store/retention.h"

#include <gtest/gtest.h>

#include "pg/pool.h"
#include "store/migrations.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::store {
namespace {

constexpr const char* kTables[] = {"results_agg_1m", "sketches_1m",    "results_agg_1h",
                                   "sketches_1h",    "results_agg_1d", "sketches_1d"};

class PartitionsTest : public testing::Test {
 protected:
  void run(const std::string& sql) { test::run_sql(loop, pool, sql); }
  std::int64_t count(const std::string& query) {
    return test::count_sql(loop, pool, "SELECT count(*) FROM " + query);
  }
  bool is_hypertable() {
    return count("pg_class WHERE oid = 'ts.results_raw'::regclass AND relkind = 'r'") == 1;
  }
  void put_bucket(const std::string& table, const std::string& bucket) {
    const bool sketch = table.starts_with("sketches");
    run("INSERT INTO ts." + table + " (job_id, bucket, " +
        (sketch ? "bins, counts) VALUES (1, "
                : "monitor_id, region_id, count, ok_count, sum_us) VALUES (1, ") +
        bucket + (sketch ? ", '{1}', '{1}')" : ", 1, 1, 1, 1, 1)"));
  }
  static Instant days_from_now(int days) {
    return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()) +
           std::chrono::hours{24 * days};
  }

  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
};

TEST_F(PartitionsTest, ThereIsRoomForTheDaysAround) {
  const int made = loop.run(create_partitions(pool));
  EXPECT_EQ(made == 0, is_hypertable());
  EXPECT_EQ(loop.run(create_partitions(pool)), 0);
  for (const std::string table : kTables) {
    for (const std::string day : {"- interval '2 days'", "", "+ interval '3 days'"})
      put_bucket(table, "now() " + day);
    EXPECT_EQ(count("ts." + table), 3) << table;
  }
}

// What was made while the clock was a year ahead does not stand for the present.
TEST_F(PartitionsTest, AreMadeWhereNoneIsWhateverLiesBehind) {
  if (is_hypertable()) GTEST_SKIP() << "TimescaleDB makes its own";
  run("CREATE TABLE ts.results_raw_far PARTITION OF ts.results_raw FOR VALUES FROM ('2100-01-01') TO "
      "('2100-01-02')");
  loop.run(create_partitions(pool));
  run("INSERT INTO ts.results_raw SELECT now(), 1, 1, now(), NULL, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 200, 1, "
      "false");
  EXPECT_EQ(count("ts.results_raw"), 1);
}

TEST_F(PartitionsTest, AreDroppedWholeWhenAllInThemIsOld) {
  loop.run(create_partitions(pool));
  for (const std::string table : kTables) {
    put_bucket(table, "now()");
    if (is_hypertable()) put_bucket(table, "now() - interval '800 days'");
  }
  if (!is_hypertable()) {
    run("CREATE TABLE ts.results_agg_1m_old PARTITION OF ts.results_agg_1m FOR VALUES FROM ('2100-01-01') TO "
        "('2100-01-02')");
    put_bucket("results_agg_1m", "'2100-01-01 12:00+00'");
    EXPECT_EQ(loop.run(drop_partitions(pool, 1, days_from_now(-1))), 0);
    EXPECT_EQ(count("ts.results_agg_1m"), 2);
  }
  for (std::int16_t level = 1; level <= 3; ++level) loop.run(drop_partitions(pool, level, days_from_now(-1)));
  for (const std::string table : kTables)
    EXPECT_EQ(count("ts." + table + " WHERE bucket < '2090-01-01'"), 1) << table;
  // 400 days on, a year's partition is over, too.
  for (std::int16_t level = 1; level <= 3; ++level)
    loop.run(drop_partitions(pool, level, days_from_now(400)));
  for (const std::string table : kTables)
    EXPECT_EQ(count("ts." + table + " WHERE bucket < '2090-01-01'"), 0) << table;
  if (!is_hypertable()) EXPECT_EQ(count("ts.results_agg_1m"), 1);
  loop.run(create_partitions(pool));
  for (const std::string table : kTables) put_bucket(table, "now()");
}

TEST_F(PartitionsTest, WhatWasThereBeforeThemIsKept) {
  const auto from_0017 = static_cast<int>(count("app.schema_migrations WHERE version >= 17"));
  {
    pg::Loan connection = loop.run(pool.acquire());
    loop.run(migrate_down(*connection, from_0017));
  }
  for (const std::string table : kTables) {
    for (const std::string day : {"- interval '500 days'", "", "+ interval '2 days'"})
      put_bucket(table, "now() " + day);
  }
  pg::Loan connection = loop.run(pool.acquire());
  loop.run(migrate_up(*connection));
  for (const std::string table : kTables) EXPECT_EQ(count("ts." + table), 3) << table;
  EXPECT_EQ(
      count("pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'ts' AND relkind = 'p'") >
          0,
      !is_hypertable());
  loop.run(create_partitions(pool));
  for (const std::string table : kTables) put_bucket(table, "now() + interval '3 days'");
  loop.run(migrate_down(*connection, from_0017));
  for (const std::string table : kTables) EXPECT_EQ(count("ts." + table), 4) << table;
}

}  // namespace
}  // namespace openseer::store
