#include "control/rollup/rollup.h"

#include <random>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gtest/gtest.h>

#include "control/metrics/metrics.h"
#include "control/metrics/results.h"
#include "domain/slots.h"
#include "pg/pool.h"
#include "store/history.h"
#include "store/jobs.h"
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
INSERT INTO ts.results_raw (slot, job_id, lateness_ms, body_bytes, worker_id, dns_us, connect_us, tls_us,
  wait_us, download_us, total_us, region_id, outcome, reason, http_status, http_version, dense)
SELECT slot, j.id, 0, 0, 1, 0, 0, 0, 0, 0, (exp(9 + 2 * random()) * 10)::integer, j.region_id,
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
                "leased_until = now() + interval '10 s' WHERE id = " +
                    std::to_string(job.job_id));
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count("SELECT count(*) FROM ts.rollup_progress WHERE level <= 2 AND closed_until > now() - "
                  "interval '70 min'"),
            0);
}

TEST_F(RollupHistory, AJobThatNobodyRunsHoldsNothingBackAndItsResultIsCountedAllTheSame) {
  const test::PlantedJob job = plant_history(Seconds{7200}, std::chrono::hours{6});
  const std::string id = std::to_string(job.job_id);
  const std::int32_t worker = test::plant_worker(loop, pool, "one");
  // The latest slot was an hour ago, and its lease is over for good.
  test::run_sql(loop, pool,
                "UPDATE app.jobs SET origin = now() - interval '61 min', "
                "scheduled_at = now() - interval '61 min', next_attempt_at = now() - interval '61 min', "
                "leased_by = 1, leased_until = now() - interval '60 min' WHERE id = " +
                    id);
  test::run_sql(loop, pool, "DELETE FROM ts.results_raw WHERE slot >= now() - interval '61 min'");
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count("SELECT count(*) FROM ts.rollup_progress WHERE level = 1 AND closed_until > now() - "
                  "interval '2 min'"),
            1);
  const auto leased = loop.run(store::lease_due(pool, 1, worker, 1, Milliseconds{15'000}));
  ASSERT_EQ(leased.size(), 1U);
  const std::string in_bucket =
      "SELECT coalesce(sum(count), 0)::bigint FROM ts.results_agg_1h WHERE bucket = date_trunc('hour', "
      "to_timestamp(" +
      std::to_string(leased[0].lease.slot.time_since_epoch() / Seconds{1}) + "))";
  domain::LeasedResult result{leased[0].lease, {}};
  result.result.started_at = leased[0].lease.slot + Seconds{3660};
  result.result.outcome = domain::Outcome::kOk;
  EXPECT_EQ(loop.run(store::commit_results(pool, {worker}, {result})).at(0), domain::Acceptance::kAccepted);
  const std::int64_t before = count(in_bucket);
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count(in_bucket), before + 1);
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

// Random data of three shapes, whole ranges and single buckets, against what
// PostgreSQL says of the raw results.
TEST_F(RollupHistory, PercentilesAreWithinOnePercentOfTheRawData) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const char* const shapes[] = {
      // Log-normal, by the sum of twelve uniform numbers.
      "exp(11 + 0.9 * ((SELECT sum(random()) FROM generate_series(1, 12) WHERE slot IS NOT NULL) - 6))",
      // Bimodal.
      "CASE WHEN random() < 0.3 THEN 4e6 + 3e5 * random() ELSE 2e4 + 1500 * random() END",
      "123456",
  };
  for (const char* shape : shapes) {
    SCOPED_TRACE(shape);
    const Seconds interval{std::uniform_int_distribution<>(7, 90)(random)};
    const test::PlantedJob job = plant_history(interval, std::chrono::hours{26});
    const std::string id = std::to_string(job.job_id);
    test::run_sql(loop, pool,
                  "UPDATE ts.results_raw SET total_us = greatest(" + std::string(shape) +
                      ", 1)::integer WHERE job_id = " + id);
    loop.run(rollup.run_once(), Seconds{60});
    const auto expect_near = [&](const std::string& of, const std::optional<Microseconds>& value, double q) {
      ASSERT_TRUE(value.has_value());
      const auto exact = static_cast<double>(count("SELECT percentile_disc(" + std::to_string(q) +
                                                   ") WITHIN GROUP (ORDER BY total_us)::bigint "
                                                   "FROM ts.results_raw WHERE outcome = 1 AND job_id = " +
                                                   id + " AND " + of));
      EXPECT_NEAR(static_cast<double>(value->count()), exact, exact * 0.01 + 1) << of << " " << q;
    };
    const Latency day = loop.run(latency(pool, job.workspace_id, job.monitor_id, Range::k24h, false));
    const LatencySeries& all = day.series[0];
    const std::string range = "slot >= date_bin('10 min', now() - interval '24 h', 'epoch')";
    for (const auto& [value, q] :
         {std::pair(all.p50, 0.5), std::pair(all.p95, 0.95), std::pair(all.p99, 0.99)})
      expect_near(range, value, q);
    for (int i = 0; i < 5; ++i) {
      // Small counts, where definitions differ most.
      const LatencyPoint& point =
          all.points[std::uniform_int_distribution<std::size_t>(0, all.points.size() - 2)(random)];
      const std::string start =
          "timestamptz 'epoch' + interval '1 us' * " + std::to_string(point.start.time_since_epoch().count());
      const std::string bucket = "slot >= " + start + " AND slot < " + start + " + interval '10 min'";
      for (const auto& [value, q] :
           {std::pair(point.p50, 0.5), std::pair(point.p95, 0.95), std::pair(point.p99, 0.99)})
        if (value) expect_near(bucket, value, q);
    }
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
    EXPECT_EQ(windows[0].counts.missed, 120);
    // A minute may end between the two queries.
    EXPECT_NEAR(static_cast<double>(windows[0].counts.ok + windows[0].counts.failed),
                static_cast<double>(count("SELECT count(*) FROM ts.results_raw "
                                          "WHERE slot >= date_trunc('minute', now() - interval '24 h')")),
                1);
    EXPECT_EQ(windows[1].counts.ok + windows[1].counts.failed, count("SELECT count(*) FROM ts.results_raw"));
    EXPECT_EQ(windows[1].counts.ok, count("SELECT count(*) FROM ts.results_raw WHERE outcome = 1"));
    EXPECT_NEAR(*windows[0].counts.coverage(), 1 - 120.0 / 1440, 0.002);
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

// An event loop that can stop in mid-work as a process does.
struct MortalContext : asio::io_context {
  void die() { shutdown(); }
};

// Two replicas at once, each stopped over and over between two steps: what is left
// is what one alone would have made.
TEST_F(RollupHistory, SeveralReplicasThatAreKilledMakeTheSameBuckets) {
  plant_history(Seconds{10}, std::chrono::hours{7});
  plant_history(Seconds{60}, std::chrono::hours{7});
  const std::string digest = R"(
SELECT ('x' || substr(md5(string_agg(t::text, ',' ORDER BY t::text)), 1, 15))::bit(60)::bigint FROM (
  SELECT 1, a.*, bins::text, counts::text FROM ts.results_agg_1m a LEFT JOIN ts.sketches_1m USING (job_id, bucket)
  UNION ALL
  SELECT 2, a.*, bins::text, counts::text FROM ts.results_agg_1h a LEFT JOIN ts.sketches_1h USING (job_id, bucket)) t)";
  const auto reset = [this] {
    test::run_sql(loop, pool,
                  "TRUNCATE ts.results_agg_1m, ts.sketches_1m, ts.results_agg_1h, ts.sketches_1h");
    test::run_sql(
        loop, pool,
        "UPDATE ts.rollup_progress SET closed_until = date_trunc('day', now() - interval '8 h', 'UTC')");
  };
  reset();
  loop.run(rollup.run_once(), Seconds{60});
  const std::int64_t alone = count(digest);

  reset();
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    // A replica that dies takes its connections with it; so does this one.
    MortalContext doomed;
    auto dying =
        std::make_unique<pg::Pool>(doomed.get_executor(), pg::Pool::Options{.conninfo = database.conninfo()});
    const std::int64_t last_statement = std::uniform_int_distribution<>(1, 60)(random);
    bool ended = false;
    auto killed = std::make_unique<Rollup>(doomed.get_executor(), *dying);
    asio::co_spawn(doomed, killed->run_once(), [&ended](std::exception_ptr, int) { ended = true; });
    bool other_ended = false;
    asio::co_spawn(loop.context(), rollup.run_once(), [&other_ended, round](std::exception_ptr failure, int) {
      EXPECT_FALSE(failure) << round;
      other_ended = true;
    });
    while (!ended && dying->statements() < static_cast<std::uint64_t>(last_statement)) {
      doomed.run_one_for(Milliseconds{1});
      loop.context().poll();
    }
    doomed.die();
    killed.reset();
    dying.reset();
    ASSERT_TRUE(loop.run_until([&] { return other_ended; }));
  }
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count(digest), alone);
  EXPECT_EQ(count("SELECT sum(count)::bigint FROM ts.results_agg_1h"),
            count("SELECT count(*) FROM ts.results_raw WHERE slot < "
                  "(SELECT closed_until FROM ts.rollup_progress WHERE level = 2)"));
}

// The figures' own count, by the minute and by the hour, must be what the results say.
TEST_F(RollupHistory, FiguresOfListsAreCountedUpAndRebasedAlike) {
  const test::PlantedJob job = plant_history(Seconds{20}, std::chrono::hours{26});
  const test::PlantedJob there = test::plant_sibling(loop, pool, job, "there");
  fill(there);
  const std::string id = std::to_string(there.job_id);
  // The latest failure lies where only buckets tell of it.
  test::run_sql(loop, pool, "UPDATE ts.results_raw SET outcome = 1 WHERE slot > now() - interval '100 min'");
  test::run_sql(
      loop, pool,
      "UPDATE ts.rollup_progress SET closed_until = date_trunc('minute', now() - interval '40 min') "
      "WHERE level = 4");
  // A lease that could still land holds everything back for a while.
  test::run_sql(
      loop, pool,
      "UPDATE app.jobs SET scheduled_at = date_bin(every, now() - interval '20 min', origin), leased_by = 1, "
      "leased_until = now() + interval '10 s' WHERE id = " +
          id);
  loop.run(rollup.run_once(), Seconds{60});
  const std::string window =
      " FROM ts.results_raw WHERE slot >= (SELECT closed_until FROM ts.rollup_progress WHERE level = 2) "
      "- interval '23 h' AND slot < (SELECT closed_until FROM ts.rollup_progress WHERE level = 4)";
  const auto compare = [&] {
    EXPECT_EQ(count("SELECT ok_24h FROM app.monitor_figures"),
              count("SELECT count(*) FILTER (WHERE outcome = 1)" + window));
    EXPECT_EQ(count("SELECT failed_24h FROM app.monitor_figures"),
              count("SELECT count(*) FILTER (WHERE outcome = 2)" + window));
    EXPECT_EQ(count("SELECT count(*) FROM app.monitor_figures f JOIN ts.results_raw r ON "
                    "r.slot = f.last_failed_slot AND r.job_id = f.last_failed_job_id WHERE r.outcome = 2 AND "
                    "r.slot = (SELECT max(slot) FROM ts.results_raw WHERE outcome = 2)"),
              1);
    const auto exact = static_cast<double>(count(
        "SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY total_us) FILTER (WHERE outcome = 1)::bigint" +
        window));
    EXPECT_NEAR(static_cast<double>(count("SELECT p95_24h_us::bigint FROM app.monitor_figures")), exact,
                exact * 0.0101);
  };
  compare();
  const std::int64_t before = count("SELECT ok_24h + failed_24h FROM app.monitor_figures");
  test::run_sql(
      loop, pool,
      "UPDATE app.jobs SET scheduled_at = date_bin(every, now(), origin) + every, leased_by = NULL, "
      "leased_until = NULL, next_attempt_at = date_bin(every, now(), origin) + every WHERE id = " +
          id);
  loop.run(rollup.run_once(), Seconds{60});
  compare();
  EXPECT_NE(count("SELECT ok_24h + failed_24h FROM app.monitor_figures"), before);
  test::run_sql(loop, pool, "UPDATE app.monitor_figures SET base = base - interval '1 h'");
  test::run_sql(
      loop, pool,
      "UPDATE ts.rollup_progress SET closed_until = closed_until - interval '1 min' WHERE level = 4");
  loop.run(rollup.run_once(), Seconds{60});
  compare();
  EXPECT_EQ(count("SELECT sum(ok + failed)::bigint FROM app.region_minutes"),
            count("SELECT count(*) FROM ts.results_raw WHERE slot >= (SELECT min(minute) FROM "
                  "app.region_minutes) AND "
                  "slot < (SELECT closed_until FROM ts.rollup_progress WHERE level = 4)"));
}

// Whose a result is, its job's epochs tell: several after edits, and those of a job
// whose region has been taken off since.
TEST_F(RollupHistory, FiguresCountAResultOnceWhateverBecameOfItsJob) {
  const test::PlantedJob job = plant_history(Seconds{20}, std::chrono::hours{2});
  const test::PlantedJob there = test::plant_sibling(loop, pool, job, "there");
  fill(there);
  loop.run(rollup.run_once(), Seconds{60});
  const std::int64_t before = count("SELECT ok_24h + failed_24h FROM app.monitor_figures");
  const std::string closed = "(SELECT closed_until FROM ts.rollup_progress WHERE level = 4)";
  const std::string of_job = "job_id = " + std::to_string(job.job_id);
  const std::string of_there = "job_id = " + std::to_string(there.job_id);
  test::run_sql(
      loop, pool,
      "WITH old AS (UPDATE app.job_epochs SET until = " + closed + " - interval '30 s' WHERE " + of_job +
          " RETURNING *) INSERT INTO app.job_epochs (job_id, monitor_id, region_id, first_slot, every, "
          "origin) SELECT job_id, monitor_id, region_id, until, every, origin FROM old");
  test::run_sql(loop, pool, "UPDATE app.job_epochs SET until = " + closed + " WHERE " + of_there);
  test::run_sql(loop, pool, "DELETE FROM ts.results_raw WHERE slot >= " + closed + " AND " + of_there);
  test::run_sql(loop, pool, "DELETE FROM app.monitor_regions WHERE " + of_there);
  test::run_sql(
      loop, pool,
      "UPDATE ts.rollup_progress SET closed_until = closed_until - interval '1 min' WHERE level = 4");
  const std::int64_t of_the_minute = count("SELECT count(*) FROM ts.results_raw WHERE slot >= " + closed +
                                           " AND slot < " + closed + " + interval '1 min'");
  ASSERT_EQ(of_the_minute, 6);
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count("SELECT ok_24h + failed_24h FROM app.monitor_figures"), before + of_the_minute);
}

// More results in a minute than are in memory at once.
TEST_F(RollupHistory, FiguresCountAMinuteInParts) {
  plant_history(Seconds{20}, std::chrono::hours{2});
  loop.run(rollup.run_once(), Seconds{60});
  const std::int64_t before = count("SELECT ok_24h + failed_24h FROM app.monitor_figures");
  const std::string closed = "(SELECT closed_until FROM ts.rollup_progress WHERE level = 4)";
  test::run_sql(loop, pool,
                "INSERT INTO ts.results_raw (slot, job_id, region_id, worker_id, lateness_ms, "
                "outcome, reason, "
                "http_status, http_version, dns_us, connect_us, tls_us, wait_us, download_us, total_us, "
                "body_bytes, dense) "
                "SELECT " +
                    closed +
                    " - interval '1 min' + i * interval '4 ms', job_id, region_id, worker_id, "
                    "lateness_ms, 1, reason, http_status, http_version, dns_us, connect_us, tls_us, wait_us, "
                    "download_us, i, "
                    "body_bytes, dense FROM (SELECT * FROM ts.results_raw LIMIT 1) r CROSS JOIN "
                    "generate_series(1, 12345) AS i "
                    "ON CONFLICT DO NOTHING");
  test::run_sql(
      loop, pool,
      "UPDATE ts.rollup_progress SET closed_until = closed_until - interval '1 min' WHERE level = 4");
  const std::int64_t of_the_minute = count("SELECT count(*) FROM ts.results_raw WHERE slot >= " + closed +
                                           " AND slot < " + closed + " + interval '1 min'");
  ASSERT_GT(of_the_minute, 12'000);
  loop.run(rollup.run_once(), Seconds{60});
  EXPECT_EQ(count("SELECT ok_24h + failed_24h FROM app.monitor_figures"), before + of_the_minute);
}

}  // namespace
}  // namespace openseer::control
