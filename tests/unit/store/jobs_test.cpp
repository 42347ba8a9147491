#include "store/jobs.h"

#include <gtest/gtest.h>

#include "domain/slots.h"
#include "pg/pool.h"
#include "store/retention.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::store {
namespace {

constexpr std::int16_t kGlobal = 1;
constexpr Milliseconds kLease{15'000};

class Jobs : public testing::Test {
 protected:
  void SetUp() override { loop.run(create_partitions(pool)); }

  std::vector<domain::LeasedJob> lease(std::int32_t worker, std::size_t limit = 100) {
    return loop.run(lease_due(pool, kGlobal, worker, limit, kLease));
  }
  domain::LeasedResult result_of(const domain::LeasedJob& job,
                                 domain::Outcome outcome = domain::Outcome::kOk) {
    domain::LeasedResult result{job.lease, {}};
    result.result.started_at = job.lease.slot + Milliseconds{3};
    result.result.outcome = outcome;
    result.result.measurement.phases.total = Microseconds{1234};
    return result;
  }
  std::vector<domain::Acceptance> commit(std::int32_t worker, std::vector<domain::LeasedResult> results) {
    const std::vector<std::int32_t> workers(results.size(), worker);
    return loop.run(commit_results(pool, workers, results));
  }
  void expire_leases() {
    test::run_sql(loop, pool,
                  "UPDATE app.jobs SET leased_until = now() - interval '1 s' WHERE leased_by IS NOT NULL");
  }
  std::int64_t count(const std::string& sql) { return test::count_sql(loop, pool, sql); }

  test::Loop loop;
  test::TestDatabase database;
  pg::Pool pool{loop.executor(), {.conninfo = database.conninfo()}};
  const std::int32_t one = test::plant_worker(loop, pool, "one");
  const std::int32_t two = test::plant_worker(loop, pool, "two");
};

TEST_F(Jobs, ADueJobIsLeasedOnceAndOnlyWithinItsRegion) {
  const test::PlantedJob planted = test::plant_job(loop, pool, "global", Seconds{60});
  test::plant_job(loop, pool, "elsewhere", Seconds{60});
  const auto jobs = lease(one);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].lease.job_id, planted.job_id);
  EXPECT_EQ(jobs[0].lease.slot, planted.first_slot);
  EXPECT_TRUE(lease(two).empty());
}

TEST_F(Jobs, AnExpiredLeaseGoesToTheNextWorkerAndTheLateResultIsRefused) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto first = lease(one);
  ASSERT_EQ(first.size(), 1U);
  expire_leases();
  const auto second = lease(two);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].lease.slot, first[0].lease.slot);
  EXPECT_GT(second[0].lease.fence, first[0].lease.fence);

  EXPECT_EQ(commit(one, {result_of(first[0])}), std::vector{domain::Acceptance::kFenced});
  EXPECT_EQ(commit(two, {result_of(second[0])}), std::vector{domain::Acceptance::kAccepted});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 1);
}

// Here only the fence tells the two runs apart: the worker and the slot are the same.
TEST_F(Jobs, AnOldRunIsRefusedEvenWhenTheSameWorkerHasLeasedTheSlotAgain) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto first = lease(one);
  expire_leases();
  const auto second = lease(one);
  ASSERT_EQ(second.size(), 1U);
  ASSERT_EQ(second[0].lease.slot, first[0].lease.slot);

  EXPECT_TRUE(loop.run(renew_leases(pool, one, {first[0].lease}, kLease)).empty());
  loop.run(return_leases(pool, one, {first[0].lease}));
  EXPECT_TRUE(lease(two).empty()) << "the new lease was given back under the old one's name";
  EXPECT_EQ(commit(one, {result_of(first[0], domain::Outcome::kFailed)}),
            std::vector{domain::Acceptance::kFenced});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 0);
  EXPECT_EQ(commit(one, {result_of(second[0])}), std::vector{domain::Acceptance::kAccepted});
  EXPECT_EQ(count("SELECT min(outcome)::bigint FROM ts.results_raw"), 1);
}

TEST_F(Jobs, AResultSentAgainIsAcceptedWithoutEffect) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  const std::vector accepted{domain::Acceptance::kAccepted};
  EXPECT_EQ(commit(one, {result_of(jobs[0])}), accepted);
  EXPECT_EQ(commit(one, {result_of(jobs[0])}), accepted);
  EXPECT_EQ(commit(two, {result_of(jobs[0])}), std::vector{domain::Acceptance::kFenced});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 1);
}

// There are more rows of this kind than of all others together.
TEST_F(Jobs, AResultTakesNoMoreThanItsColumns) {
  test::plant_job(loop, pool, "global", Seconds{60});
  domain::LeasedResult https = result_of(lease(one)[0]);
  https.result.measurement.remote_address = "198.51.100.7";
  https.result.measurement.certificate_expires_at = https.result.started_at;
  commit(one, {https});
  EXPECT_LE(count("SELECT pg_column_size(r)::bigint FROM ts.results_raw r"), 104);
}

TEST_F(Jobs, TheSameLeaseTwiceInOneBatchIsOneResult) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  const std::vector both{domain::Acceptance::kAccepted, domain::Acceptance::kAccepted};
  EXPECT_EQ(commit(one, {result_of(jobs[0]), result_of(jobs[0])}), both);
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 1);
}

TEST_F(Jobs, AWorkerCannotReportUnderAnothersLease) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  EXPECT_EQ(commit(two, {result_of(jobs[0])}), std::vector{domain::Acceptance::kFenced});
}

TEST_F(Jobs, CommitAdvancesToTheNextSlotOfTheGrid) {
  const test::PlantedJob planted = test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  commit(one, {result_of(jobs[0])});
  const pg::Rows row =
      test::run_sql(loop, pool, "SELECT scheduled_at, next_attempt_at, origin FROM app.jobs");
  const auto origin = row[0].get<Instant>(2);
  EXPECT_EQ(row[0].get<Instant>(0), domain::next_slot(planted.first_slot, Seconds{60}, origin));
  EXPECT_EQ(row[0].get<Instant>(1), row[0].get<Instant>(0));
}

TEST_F(Jobs, AJobIsLeasedAheadOfItsSlotButAnUnexpiredLeaseIsNot) {
  test::plant_job(loop, pool, "global", Seconds{60}, Milliseconds{-400});
  const LeaseOrder ahead{.shares = {{{kGlobal, 0}, 10}},
                         .limit = 10,
                         .workers = {one},
                         .others = {one},
                         .lease_duration = Milliseconds{400},
                         .ahead = Milliseconds{5'000}};
  EXPECT_TRUE(lease(one).empty()) << "not due yet";
  EXPECT_EQ(loop.run(lease_due(pool, ahead)).size(), 1U);
  EXPECT_TRUE(loop.run(lease_due(pool, ahead)).empty());
}

// Who let it expire may be frozen, and is found out only later.
TEST_F(Jobs, AnExpiredLeaseGoesToAnotherWorkerWhereThereIsOne) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto leased_by = [&] {
    const LeaseOrder order{.shares = {{{kGlobal, 0}, 1}},
                           .limit = 1,
                           .workers = {one},
                           .others = {two},
                           .lease_duration = kLease};
    const auto dealt = loop.run(lease_due(pool, order));
    return dealt.empty() ? 0 : dealt[0].worker_id;
  };
  EXPECT_EQ(leased_by(), one);
  expire_leases();
  EXPECT_EQ(leased_by(), two);
  expire_leases();
  EXPECT_EQ(leased_by(), one);
}

// The other worker may be connected to another replica, which names that one alone.
TEST_F(Jobs, AnExpiredLeaseWaitsForAnotherWorkerForHalfASecond) {
  test::plant_job(loop, pool, "global", Seconds{60});
  EXPECT_EQ(lease(one).size(), 1U);
  const auto expired_since = [&](const std::string& time) {
    test::run_sql(loop, pool, "UPDATE app.jobs SET leased_until = now() - interval '" + time + "'");
  };
  for (bool slow = true; slow;) {  // a machine that takes half a second for two statements has another try
    const auto began = std::chrono::steady_clock::now();
    expired_since("0.01 s");
    slow = !lease(one).empty();
    if (slow) ASSERT_GT(std::chrono::steady_clock::now() - began, Milliseconds{450});
  }
  EXPECT_EQ(lease(two).size(), 1U);
  expired_since("0.6 s");
  EXPECT_EQ(lease(two).size(), 1U);
}

TEST_F(Jobs, ALeaseTouchesNoIndex) {
  test::plant_job(loop, pool, "global", Seconds{60});
  // One session, which counts what it did and then tells.
  pg::Pool single{loop.executor(), {.conninfo = database.conninfo(), .connections = 1}};
  const auto entries = [&] {
    test::run_sql(loop, single, "SELECT pg_stat_force_next_flush()");
    return test::count_sql(
        loop, single, "SELECT n_tup_upd - n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'jobs'");
  };
  const auto jobs = loop.run(lease_due(single, kGlobal, one, 1, kLease));
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(loop.run(renew_leases(single, one, {jobs[0].lease}, kLease)).size(), 1U);
  EXPECT_EQ(entries(), 0);
  EXPECT_EQ(loop.run(commit_results(single, {one}, {result_of(jobs[0])})).at(0),
            domain::Acceptance::kAccepted);
  EXPECT_EQ(entries(), 1);
}

TEST_F(Jobs, OvertakenSlotsAreMissedAndTheLedgerAddsUp) {
  const test::PlantedJob planted =
      test::plant_job(loop, pool, "global", Seconds{10}, std::chrono::minutes{5});
  const auto jobs = lease(one);
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_GT(jobs[0].lease.slot, planted.first_slot);
  commit(one, {result_of(jobs[0])});
  const pg::Rows gap = test::run_sql(loop, pool, "SELECT first_slot, until FROM ts.gaps");
  ASSERT_EQ(gap.size(), 1U);
  EXPECT_EQ(gap[0].get<Instant>(0), planted.first_slot);
  EXPECT_EQ(gap[0].get<Instant>(1), jobs[0].lease.slot);
}

TEST_F(Jobs, ARenewalKeepsTheLeaseAndALostOneIsLeftOut) {
  test::plant_job(loop, pool, "global", Seconds{60});
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  ASSERT_EQ(jobs.size(), 2U);
  expire_leases();
  const auto renewed = loop.run(renew_leases(pool, one, {jobs[0].lease}, kLease));
  EXPECT_EQ(renewed, std::vector{jobs[0].lease});
  const auto taken = lease(two);
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].lease.job_id, jobs[1].lease.job_id);
  EXPECT_TRUE(loop.run(renew_leases(pool, one, {jobs[1].lease}, kLease)).empty());
}

TEST_F(Jobs, AReturnedJobIsDueAtOnce) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  loop.run(return_leases(pool, one, {jobs[0].lease}));
  const auto again = lease(two);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].lease.slot, jobs[0].lease.slot);
}

class Retries : public Jobs {
 protected:
  test::PlantedJob plant(int retries, const std::string& pause = "0") {
    // So long that the next slot is not near.
    const test::PlantedJob planted = test::plant_job(loop, pool, "global", Seconds{86'400});
    test::run_sql(loop, pool,
                  "UPDATE app.jobs SET retries = " + std::to_string(retries) +
                      ", attempt_time = '1 s', retry_pause = '" + pause + "'");
    return planted;
  }
  std::vector<DealtJob> deal(std::vector<std::int32_t> workers, std::vector<std::int32_t> others) {
    return loop.run(lease_due(pool, LeaseOrder{.shares = {{{kGlobal, 0}, 10}},
                                               .limit = 10,
                                               .workers = std::move(workers),
                                               .others = std::move(others),
                                               .lease_duration = kLease}));
  }
};

TEST_F(Retries, AFailedAttemptIsNoResultAndGoesToAnotherWorkerOfTheSameSlot) {
  plant(1);
  const auto first = lease(one);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(commit(one, {result_of(first[0], domain::Outcome::kFailed)}),
            std::vector{domain::Acceptance::kAccepted});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 0);
  EXPECT_EQ(count("SELECT state::bigint FROM app.monitor_current"), 1) << "no state without a result";
  EXPECT_TRUE(lease(one).empty()) << "for a second another worker comes first";
  // Even when the table of workers would deal it to the same one.
  const auto second = deal({one}, {two});
  EXPECT_TRUE(second.empty());
  const auto dealt = deal({one, one, two, two}, {two, two, one, one});
  ASSERT_EQ(dealt.size(), 1U);
  EXPECT_EQ(dealt[0].worker_id, two);
  EXPECT_EQ(dealt[0].job.lease.slot, first[0].lease.slot);

  EXPECT_EQ(commit(two, {result_of(dealt[0].job, domain::Outcome::kFailed)}),
            std::vector{domain::Acceptance::kAccepted});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw WHERE outcome = 2"), 1) << "no attempt was left";
  EXPECT_EQ(count("SELECT count(*) FROM ts.gaps"), 0);
  // The fence of the first attempt is history.
  EXPECT_EQ(commit(one, {result_of(first[0])}), std::vector{domain::Acceptance::kFenced});
}

TEST_F(Retries, ASuccessfulOneMakesTheSlotOk) {
  plant(3);
  commit(one, {result_of(lease(one)[0], domain::Outcome::kFailed)});
  const auto again = lease(two);
  ASSERT_EQ(again.size(), 1U);
  commit(two, {result_of(again[0])});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw WHERE outcome = 1"), 1);
  EXPECT_EQ(count("SELECT (attempts = 0 AND tried_by IS NULL)::int::bigint FROM app.jobs"), 1);
}

TEST_F(Retries, WithoutAnotherWorkerTheSameOneTriesAgainAfterASecond) {
  plant(1);
  commit(one, {result_of(lease(one)[0], domain::Outcome::kFailed)});
  EXPECT_TRUE(lease(one).empty());
  test::run_sql(loop, pool, "UPDATE app.jobs SET next_attempt_at = next_attempt_at - interval '1 s'");
  EXPECT_EQ(lease(one).size(), 1U);
}

TEST_F(Retries, ThePauseIsKept) {
  plant(1, "20 s");
  commit(one, {result_of(lease(one)[0], domain::Outcome::kFailed)});
  EXPECT_TRUE(lease(two).empty());
  EXPECT_EQ(count("SELECT (next_attempt_at > now() + interval '15 s')::int::bigint FROM app.jobs"), 1);
}

TEST_F(Retries, AnAttemptThatWouldNotEndBeforeTheNextSlotIsNotMade) {
  plant(3, "25 h");
  commit(one, {result_of(lease(one)[0], domain::Outcome::kFailed)});
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw WHERE outcome = 2"), 1);
}

TEST_F(Jobs, TheStateOfAMonitorFollowsFromItsRegions) {
  const test::PlantedJob here = test::plant_job(loop, pool, "global", Seconds{60});
  const test::PlantedJob there = test::plant_sibling(loop, pool, here, "there");
  const auto state = [&] { return count("SELECT state::bigint FROM app.monitor_current"); };
  EXPECT_EQ(state(), 1);
  commit(one, {result_of(lease(one)[0])});
  EXPECT_EQ(state(), 2);
  const pg::Rows region = test::run_sql(loop, pool, "SELECT id FROM app.regions WHERE name = 'there'");
  const auto jobs = loop.run(lease_due(pool, region[0].get<std::int16_t>(0), two, 1, kLease));
  ASSERT_EQ(jobs.size(), 1U);
  EXPECT_EQ(jobs[0].lease.job_id, there.job_id);
  commit(two, {result_of(jobs[0], domain::Outcome::kFailed)});
  EXPECT_EQ(state(), 3);
}

TEST_F(Jobs, WhatAWorkerClaimsCannotBreakACommit) {
  test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  domain::LeasedResult odd = result_of(jobs[0], domain::Outcome::kFailed);
  odd.result.measurement.remote_address = "not an address'; --";
  odd.result.measurement.http_status = 1'000'000;
  odd.result.measurement.phases.total = std::chrono::hours{10'000};
  odd.result.measurement.phases.dns = Microseconds{-5};
  odd.result.measurement.message = std::string("zero \0 byte ", 12) + std::string(10'000, 'x');
  EXPECT_EQ(commit(one, {odd}), std::vector{domain::Acceptance::kAccepted});
}

TEST_F(Jobs, TwoReplicasCommittingTheSameJobsInOtherOrdersDoNotDeadlock) {
  for (int i = 0; i < 50; ++i) test::plant_job(loop, pool, "global", Seconds{60});
  const auto jobs = lease(one);
  ASSERT_EQ(jobs.size(), 50U);
  std::vector<domain::LeasedResult> forwards, backwards;
  for (const auto& job : jobs) forwards.push_back(result_of(job));
  backwards.assign(forwards.rbegin(), forwards.rend());
  const std::vector<std::int32_t> workers(50, one);
  int done = 0;
  const auto count_end = [&done](std::exception_ptr failure, const auto& acceptances) {
    EXPECT_FALSE(failure);
    for (const domain::Acceptance a : acceptances) EXPECT_EQ(a, domain::Acceptance::kAccepted);
    ++done;
  };
  boost::asio::co_spawn(loop.executor(), commit_results(pool, workers, forwards), count_end);
  boost::asio::co_spawn(loop.executor(), commit_results(pool, workers, backwards), count_end);
  EXPECT_TRUE(loop.run_until([&done] { return done == 2; }));
  EXPECT_EQ(count("SELECT count(*) FROM ts.results_raw"), 50);
}

}  // namespace
}  // namespace openseer::store
