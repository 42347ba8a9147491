#include "control/rollup/rollup.h"

#include <random>

#include <gtest/gtest.h>

#include "control/metrics/metrics.h"
#include "domain/slots.h"
#include "pg/pool.h"
#include "store/history.h"
#include "store/retention.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::control {
namespace {

// Plants a monitor with `length` of history up to a moment ago, as commits would
// have left it, with random latencies and failures.
class RollupHistory : public testing::Test {
 protected:
  void SetUp() override { loop.run(store::create_partitions(pool)); }

  test::PlantedJob plant_history(Seconds interval, Seconds length, const std::string& region = "global") {
    const test::PlantedJob job = test::plant_job(loop, pool, region, interval, length);
    fill(job);
    return job;
  }

  void fill(const test::PlantedJob& job) {
    const std::string id = std::to_string(job.job_id);
    test::run_sql(loop, pool, R"(
INSERT INTO ts.results_raw (slot, job_id, monitor_id, started_at, body_bytes, worker_id, dns_us, connect_us, tls_us,
  wait_us, download_us, total_us, region_id, outcome, reason, http_status, http_version, dense)
SELECT slot, j.id, j.monitor_id, slot, 0, 1, 0, 0, 0, 0, 0, (exp(9 + 2 * random()) * 10)::integer, j.region_id,
  CASE WHEN random() < 0.1 THEN 2 ELSE 1 END, 0, 200, 2, j.every < interval '30 s'
FROM app.jobs j CROSS JOIN LATERAL (
  SELECT j.scheduled_at AS slot
  UNION
  SELECT generate_series(date_bin(j.every, j.scheduled_at, j.origin) + j.every, now(), j.every)) s
WHERE j.id = )" + id);
    test::run_sql(
        loop, pool,
        "UPDATE app.jobs SET scheduled_at = date_bin(every, now(), origin) + every, next_attempt_at = "
        "date_bin(every, now(), origin) + every WHERE id = " +
            id);
    test::run_sql(loop, pool,
                  "UPDATE ts.rollup_progress SET closed_until = date_trunc('day', least(closed_until, "
                  "(SELECT min(slot) FROM ts.results_raw)), 'UTC')");
  }

  std::int64_t count(const std::string& sql) { return test::count_sql(loop, pool, sql); }

  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
  Rollup rollup{loop.executor(), pool};
};

TEST_F(RollupHistory, BucketsHoldExactlyTheClosedResults) {
  plant_history(Seconds{10}, std::chrono::hours{4});
  plant_history(Seconds{60}, std::chrono::hours{4});
  EXPECT_GT(loop.run(rollup.run_once(), Seconds{60}), 0);
  const std::string closed = "(SELECT closed_until FROM ts.rollup_progress WHERE level = 2)";
  EXPECT_EQ(count("SELECT sum(count)::bigint FROM ts.results_agg_1h"),
            count("SELECT count(*) FROM ts.results_raw WHERE slot < " + closed));
  EXPECT_EQ(count("SELECT sum(sum_us)::bigint FROM ts.results_agg_1h"),
            count("SELECT sum(total_us)::bigint FROM ts.results_raw WHERE outcome = 1 AND slot < " + closed));
  EXPECT_EQ(count("SELECT sum(n)::bigint FROM ts.sketches_1h, unnest(counts) n"),
            count("SELECT count(*) FROM ts.results_raw WHERE outcome = 1 AND slot < " + closed));
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_agg_1m a JOIN app.jobs j ON j.id = a.job_id "
                  "WHERE j.every >= interval '30 s'"),
            0);
}

TEST_F(RollupHistory, RollingUpAgainChangesNothing) {
  plant_history(Seconds{10}, std::chrono::hours{3});
  loop.run(rollup.run_once(), Seconds{60});
  const std::string digest = R"(
SELECT ('x' || substr(md5(string_agg(t::text, ',' ORDER BY t::text)), 1, 15))::bit(60)::bigint FROM (
  SELECT job_id, bucket, count, ok_count, sum_us, min_us, max_us, bins::text, counts::text
  FROM ts.results_agg_1h LEFT JOIN ts.sketches_1h USING (job_id, bucket)) t)";
  const std::int64_t before = count(digest);
  test::run_sql(loop, pool,
                "UPDATE ts.rollup_progress SET closed_until = closed_until - interval '2 h' WHERE level < 3");
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count(digest), before);
}

TEST_F(RollupHistory, ABucketStaysOpenWhileALeaseCouldLandInIt) {
  const test::PlantedJob job = plant_history(Seconds{10}, std::chrono::hours{2});
  test::run_sql(loop, pool,
                "UPDATE app.jobs SET scheduled_at = now() - interval '70 min', leased_by = 1, "
                "next_attempt_at = now() + interval '10 s' WHERE id = " +
                    std::to_string(job.job_id));
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count("SELECT count(*) FROM ts.rollup_progress WHERE level <= 2 AND closed_until > now() - "
                  "interval '70 min'"),
            0);
}

TEST_F(RollupHistory, ChartsAreTheSameBeforeAndAfterTheRollup) {
  const test::PlantedJob job = plant_history(Seconds{60}, std::chrono::hours{30});
  const test::PlantedJob there = test::plant_sibling(loop, pool, job, "there");
  // The sibling's slots start where the first job's do.
  fill(there);
  for (const Range range : {Range::k1h, Range::k24h, Range::k7d}) {
    const Latency raw = loop.run(latency(pool, job.workspace_id, job.monitor_id, range, true));
    loop.run(rollup.run_once(), Seconds{60});
    const Latency rolled = loop.run(latency(pool, job.workspace_id, job.monitor_id, range, true));
    ASSERT_EQ(rolled.series.size(), 3U);
    ASSERT_EQ(raw.series.size(), rolled.series.size());
    for (std::size_t s = 0; s < raw.series.size(); ++s) {
      std::map<Instant, LatencyPoint> before;
      for (const LatencyPoint& point : raw.series[s].points) before[point.start] = point;
      // The range may have moved on by a bucket between the two.
      EXPECT_GE(rolled.series[s].points.size() + 1, before.size());
      for (const LatencyPoint& point : rolled.series[s].points) {
        const auto same = before.find(point.start);
        ASSERT_NE(same, before.end());
        EXPECT_EQ(point.p50, same->second.p50);
        EXPECT_EQ(point.p95, same->second.p95);
        EXPECT_EQ(point.p99, same->second.p99);
        EXPECT_EQ(point.ok, same->second.ok);
        EXPECT_EQ(point.failed, same->second.failed);
      }
    }
    test::run_sql(loop, pool,
                  "TRUNCATE ts.results_agg_1h, ts.results_agg_1d, ts.sketches_1h, ts.sketches_1d");
    test::run_sql(
        loop, pool,
        "UPDATE ts.rollup_progress SET closed_until = date_trunc('day', now() - interval '3 days', 'UTC')");
  }
}

TEST_F(RollupHistory, PercentilesAreWithinOnePercentOfTheRawData) {
  const test::PlantedJob job = plant_history(Seconds{10}, std::chrono::hours{26});
  loop.run(rollup.run_once(), Seconds{60});
  const Latency day = loop.run(latency(pool, job.workspace_id, job.monitor_id, Range::k24h, false));
  for (const auto& [name, value] : {std::pair{"0.5", day.series[0].p50}, std::pair{"0.95", day.series[0].p95},
                                    std::pair{"0.99", day.series[0].p99}}) {
    const double exact = static_cast<double>(
        count(std::string("SELECT percentile_cont(") + name +
              ") WITHIN GROUP (ORDER BY total_us)::bigint FROM ts.results_raw "
              "WHERE outcome = 1 AND slot >= date_bin('10 min', now() - interval '24 h', 'epoch')"));
    ASSERT_TRUE(value.has_value());
    EXPECT_NEAR(static_cast<double>(value->count()), exact, exact * 0.0125) << name;
  }
}

TEST_F(RollupHistory, WindowsCountEverySlotOnce) {
  const test::PlantedJob job = plant_history(Seconds{60}, std::chrono::hours{30});
  const std::string id = std::to_string(job.job_id);
  // Two hours of yesterday were missed.
  test::run_sql(
      loop, pool,
      "DELETE FROM ts.results_raw WHERE slot >= now() - interval '5 h' AND slot < now() - interval '3 h'");
  test::run_sql(loop, pool,
                "INSERT INTO ts.gaps (job_id, first_slot, until, monitor_id, region_id) SELECT id, "
                "date_bin(every, now() - interval '5 h', origin) + every, date_bin(every, now() - interval "
                "'3 h', origin) + every, "
                "monitor_id, region_id FROM app.jobs WHERE id = " +
                    id);
  for (int pass = 0; pass < 2; ++pass) {
    const auto windows = loop.run(uptime(pool, job.workspace_id, job.monitor_id));
    ASSERT_EQ(windows.size(), 4U);
    EXPECT_EQ(windows[0].missed, 120);
    // A minute may end between the two queries.
    EXPECT_NEAR(static_cast<double>(windows[0].ok + windows[0].failed),
                static_cast<double>(count("SELECT count(*) FROM ts.results_raw "
                                          "WHERE slot >= date_trunc('minute', now() - interval '24 h')")),
                1);
    EXPECT_EQ(windows[1].ok + windows[1].failed, count("SELECT count(*) FROM ts.results_raw"));
    EXPECT_EQ(windows[1].ok, count("SELECT count(*) FROM ts.results_raw WHERE outcome = 1"));
    EXPECT_NEAR(*windows[0].coverage(), 1 - 120.0 / 1440, 0.002);
    loop.run(rollup.run_once(), Seconds{60});
  }
}

TEST_F(RollupHistory, ResultsComeNewestFirstAndPagesMeet) {
  const test::PlantedJob job = plant_history(Seconds{60}, std::chrono::hours{10});
  std::vector<Instant> seen;
  std::optional<ResultCursor> cursor;
  while (true) {
    const auto page = loop.run(list_results(pool, job.workspace_id, job.monitor_id, cursor, 100));
    if (page.empty()) break;
    for (const StoredResult& result : page) seen.push_back(result.slot);
    cursor = ResultCursor{page.back().slot, page.back().job_id};
  }
  EXPECT_EQ(static_cast<std::int64_t>(seen.size()), count("SELECT count(*) FROM ts.results_raw"));
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
  EXPECT_TRUE(loop.run(list_results(pool, job.workspace_id + 1, job.monitor_id, {}, 100)).empty());
}

TEST_F(RollupHistory, ListsGetTheirFiguresAndSparkline) {
  const test::PlantedJob job = plant_history(Seconds{60}, std::chrono::hours{2});
  test::run_sql(loop, pool,
                "UPDATE app.monitor_current SET last_result_at = now() WHERE monitor_id = " +
                    std::to_string(job.monitor_id));
  EXPECT_EQ(loop.run(rollup.refresh_current(10)), 1);
  EXPECT_EQ(loop.run(rollup.refresh_current(10)), 0);
  EXPECT_EQ(count("SELECT ok_24h + failed_24h FROM app.monitor_current"),
            count("SELECT count(*) FROM ts.results_raw"));
  EXPECT_EQ(count("SELECT cardinality(recent_us)::bigint FROM app.monitor_current"), 40);
  EXPECT_EQ(count("SELECT count(*) FROM app.monitor_current WHERE p50_24h_us < p95_24h_us AND p95_24h_us <= "
                  "p99_24h_us"),
            1);
}

}  // namespace
}  // namespace openseer::control
