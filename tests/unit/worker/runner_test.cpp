#include "worker/runner.h"

#include <gtest/gtest.h>

#include "unit/worker/test_worker.h"

namespace openseer::worker {
namespace {

TEST(Runner, RunsAtOnceUpToItsConcurrencyAndTheRestInTurn) {
  TestWorker worker(2);
  for (int job = 1; job <= 3; ++job) worker.assign(job);
  EXPECT_EQ(worker.started.size(), 2U);
  EXPECT_EQ(worker.runner.running(), 2U);
  EXPECT_EQ(worker.runner.load(), 3U);
  worker.end(0);
  EXPECT_EQ(worker.started.size(), 3U);
  EXPECT_EQ(worker.runner.load(), 2U);
  EXPECT_EQ(worker.spool.size(), 1U);
}

TEST(Runner, AResultCarriesItsLeaseItsVerdictAndTheServersTime) {
  TestWorker worker(1);
  worker.pass(Milliseconds{2'500});
  worker.assign(7, 3);
  worker.pass(Milliseconds{100});
  worker.end(0, 503);
  const auto batch = worker.spool.next_batch(1);
  const domain::LeasedResult& result = batch->results.at(0);
  EXPECT_EQ(result.lease, TestWorker::lease(7, 3));
  EXPECT_EQ(result.result.outcome, domain::Outcome::kFailed);
  EXPECT_EQ(result.result.measurement.reason, domain::Reason::kStatus);
  EXPECT_EQ(result.result.started_at, Instant{Seconds{1'700'000'000}} + Milliseconds{2'500});
}

TEST(Runner, AJobThatComesEarlyStartsAtItsSlot) {
  TestWorker worker(1);
  const Instant now = Instant{Seconds{1'700'000'000}};
  EXPECT_FALSE(worker.runner.next_start());
  worker.runner.assign({1, 1, now + Milliseconds{80}}, TestWorker::spec(), TestWorker::kLease);
  worker.runner.assign({2, 1, now + Milliseconds{50}}, TestWorker::spec(), TestWorker::kLease);
  EXPECT_TRUE(worker.started.empty());
  EXPECT_EQ(worker.runner.load(), 2U);
  EXPECT_EQ(worker.runner.next_start(), worker.now + Milliseconds{50});
  worker.pass(Milliseconds{50});
  worker.runner.start_due();
  ASSERT_EQ(worker.started.size(), 1U);
  worker.end(0);
  EXPECT_EQ(worker.spool.next_batch(1)->results.at(0).result.started_at, now + Milliseconds{50});
  // What has not started can be given back.
  EXPECT_EQ(worker.runner.take_waiting().size(), 1U);
  EXPECT_FALSE(worker.runner.next_start());
}

// The other clock may have been read at either end of the round trip.
TEST(Runner, AJobNeverStartsBeforeItsSlotHoweverTheRoundTripWasSpent) {
  constexpr Milliseconds kRoundTrip{20};
  const Instant read{Seconds{1'800'000'000}};
  for (const Milliseconds way_there : {Milliseconds{0}, Milliseconds{10}, kRoundTrip}) {
    TestWorker worker(1);
    worker.pass(std::chrono::minutes{2});  // what was known before is old
    const Monotonic read_at = worker.now + way_there;
    worker.server.observe(read, worker.now, worker.now + kRoundTrip);
    worker.pass(kRoundTrip);
    worker.runner.assign({1, 1, read + Milliseconds{100}}, TestWorker::spec(), TestWorker::kLease);
    ASSERT_TRUE(worker.runner.next_start());
    const Monotonic due = read_at + Milliseconds{100};  // by the other clock itself
    EXPECT_GE(*worker.runner.next_start(), due);
    EXPECT_LE(*worker.runner.next_start(), due + kRoundTrip);
  }
}

TEST(Runner, ASlotFarAheadMeansThatTheClocksDisagree) {
  TestWorker worker(1);
  worker.runner.assign({1, 1, Instant{Seconds{1'700'000'010}}}, TestWorker::spec(), TestWorker::kLease);
  EXPECT_EQ(worker.started.size(), 1U);
}

TEST(Runner, AsksToRenewALeaseWhenHalfOfItHasPassed) {
  TestWorker worker(1);
  worker.assign(1);
  worker.assign(2);  // waits
  worker.pass(Milliseconds{7'000});
  EXPECT_TRUE(worker.runner.aging().empty());
  worker.pass(Milliseconds{600});
  const auto asked = worker.runner.aging();
  EXPECT_EQ(asked.size(), 2U);
  worker.runner.renewed(asked, asked, TestWorker::kLease);
  EXPECT_TRUE(worker.runner.aging().empty());
  worker.pass(Milliseconds{7'600});
  EXPECT_EQ(worker.runner.aging().size(), 2U);
}

TEST(Runner, UnderALostLeaseNothingStartsAndWhatRunsIsSentForTheFenceToRefuse) {
  TestWorker worker(1);
  worker.assign(1);
  worker.assign(2);  // waits
  worker.pass(Milliseconds{8'000});
  worker.runner.renewed(worker.runner.aging(), {}, TestWorker::kLease);
  EXPECT_TRUE(worker.runner.aging().empty()) << "there is nothing left to renew";
  worker.end(0);
  EXPECT_EQ(worker.started.size(), 1U);
  EXPECT_EQ(worker.runner.lost(), 1U);
  ASSERT_EQ(worker.spool.size(), 1U);
  EXPECT_EQ(worker.spool.next_batch(1)->results.at(0).lease.job_id, 1);
}

TEST(Runner, AJobWhoseLeaseExpiredWhileItWaitedIsNotRun) {
  TestWorker worker(1);
  worker.assign(1);
  worker.assign(2);
  worker.pass(Milliseconds{16'000});
  worker.end(0);
  EXPECT_EQ(worker.started.size(), 1U);
  EXPECT_EQ(worker.runner.load(), 0U);
  // The first one ran on: whether its result still counts is the fence's to say.
  EXPECT_EQ(worker.spool.size(), 1U);
}

TEST(Runner, TheSameJobUnderANewLeaseRunsBesideTheOld) {
  TestWorker worker(2);
  worker.assign(1, 1);
  worker.assign(1, 2);
  worker.end(1);
  worker.end(0);
  const auto batch = worker.spool.next_batch(2);
  EXPECT_EQ(batch->results.at(0).lease.fence, 2);
  EXPECT_EQ(batch->results.at(1).lease.fence, 1);
}

TEST(Runner, GivesBackOnlyWhatHasNotStarted) {
  TestWorker worker(1);
  worker.assign(1);
  worker.assign(2);
  const auto waiting = worker.runner.take_waiting();
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0].job_id, 2);
  worker.end(0);
  EXPECT_EQ(worker.started.size(), 1U);
  EXPECT_EQ(worker.runner.load(), 0U);
}

// The process was stopped in mid-check: what it measured is itself.
TEST(Runner, AStalledRunIsGivenBackWhenItsLeaseStillHolds) {
  TestWorker worker(1);
  worker.assign(1);
  worker.stalled += Seconds{3};
  worker.end(0);
  EXPECT_TRUE(worker.spool.empty());
  EXPECT_EQ(worker.runner.load(), 0U);
  const auto asked = worker.runner.aging();
  ASSERT_EQ(asked, std::vector{TestWorker::lease(1)});
  worker.runner.renewed(asked, asked, TestWorker::kLease);
  EXPECT_EQ(worker.runner.take_spoiled(), std::vector{TestWorker::lease(1)});
  EXPECT_TRUE(worker.runner.take_spoiled().empty());
  EXPECT_TRUE(worker.runner.aging().empty());
  EXPECT_TRUE(worker.spool.empty());
}

TEST(Runner, AStalledRunWhoseLeaseIsGoneIsReportedForTheFenceToRefuse) {
  TestWorker worker(1);
  worker.assign(1);
  worker.stalled += Seconds{3};
  worker.end(0);
  worker.runner.renewed(worker.runner.aging(), {}, TestWorker::kLease);
  EXPECT_TRUE(worker.runner.take_spoiled().empty());
  EXPECT_EQ(worker.spool.size(), 1U);
}

TEST(Runner, AStallBeforeTheRunOrAShortOneChangesNothing) {
  TestWorker worker(1);
  worker.stalled += Seconds{3};
  worker.assign(1);
  worker.stalled += Milliseconds{200};
  worker.end(0);
  EXPECT_EQ(worker.spool.size(), 1U);
}

}  // namespace
}  // namespace openseer::worker
