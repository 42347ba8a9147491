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
    if (table.starts_with("sketches"))
      run("INSERT INTO ts." + table + " (job_id, bucket, bins, counts) VALUES (1, " + bucket +
          ", '{1}', '{1}')");
    else
      run("INSERT INTO ts." + table + " (job_id, bucket, count, ok_count, sum_us) VALUES (1, " + bucket +
          ", 1, 1, 1)");
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
  run("INSERT INTO ts.results_raw SELECT now(), 1, NULL, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 0, 200, 1, false");
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
  for (const std::string table : {"results_agg_1m", "results_agg_1h", "results_agg_1d"})
    run("ALTER TABLE ts." + table + " ALTER monitor_id SET DEFAULT 1, ALTER region_id SET DEFAULT 1");
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

// What 0020 leaves out can be put back: whose a job is, is in its epochs.
TEST_F(PartitionsTest, ResultsGoThroughTheirNarrowingAndBack) {
  const auto from_0020 = static_cast<int>(count("app.schema_migrations WHERE version >= 20"));
  loop.run(create_partitions(pool));
  const test::PlantedJob job = test::plant_job(loop, pool, "global", Seconds{60});
  pg::Loan connection = loop.run(pool.acquire());
  loop.run(migrate_down(*connection, from_0020));
  const std::string insert =
      "INSERT INTO ts.results_raw (slot, job_id, monitor_id, started_at, certificate_expires_at, body_bytes, "
      "worker_id, dns_us, connect_us, tls_us, wait_us, download_us, total_us, region_id, outcome, reason, "
      "http_status, http_version, dense, remote_address, message) SELECT slot, " +
      std::to_string(job.job_id) + ", " + std::to_string(job.monitor_id);
  run(insert +
      ", slot + interval '12 ms', '2030-01-02', 1234, 7, 1, 2, 3, 4, 5, 15, 1, 1, 0, 200, 2, true, "
      "'198.51.100.7', NULL FROM (SELECT date_trunc('minute', now()) AS slot) s");
  run(insert +
      ", slot - interval '1 ms', NULL, 5000000000, 7, 0, 0, 0, 0, 0, 0, 1, 2, 1, 0, 0, false, NULL, "
      "'no such host' FROM (SELECT date_trunc('minute', now()) - interval '1 s' AS slot) s");
  run(insert +
      ", slot - interval '100 days', NULL, 0, 7, 0, 0, 0, 0, 0, 0, 1, 1, 0, 200, 2, false, NULL, NULL "
      "FROM (SELECT date_trunc('minute', now()) - interval '2 s' AS slot) s");
  run("INSERT INTO ts.evidence (slot, job_id, attempt, started_at, body_bytes) "
      "SELECT slot, job_id, 1, started_at, body_bytes FROM ts.results_raw");
  run("CREATE TABLE public.was AS SELECT * FROM ts.results_raw");

  loop.run(migrate_up(*connection));
  EXPECT_EQ(count("ts.results_raw WHERE lateness_ms = 12 AND body_bytes = 1234 AND message = ''"), 1);
  EXPECT_EQ(count("ts.results_raw WHERE lateness_ms = -1 AND body_bytes = 2147483647 AND message <> ''"), 1);
  EXPECT_EQ(count("ts.results_raw WHERE lateness_ms = -2147483648"), 1) << "as far as the column goes";
  EXPECT_EQ(count("ts.evidence JOIN ts.results_raw USING (slot, job_id, lateness_ms, body_bytes)"), 3);

  loop.run(migrate_down(*connection, from_0020));
  run("UPDATE public.was SET body_bytes = least(body_bytes, 2147483647)");
  EXPECT_EQ(count("(SELECT * FROM ts.results_raw INTERSECT SELECT * FROM public.was) AS same"), 2);
  EXPECT_EQ(count("ts.evidence JOIN ts.results_raw USING (slot, job_id, started_at, body_bytes)"), 3);
}

}  // namespace
}  // namespace openseer::store
