#include "worker/spool.h"

#include <gtest/gtest.h>

#include "worker/backoff.h"

namespace openseer::worker {
namespace {

using domain::Acceptance;

domain::LeasedResult result(std::int64_t job) {
  domain::LeasedResult made;
  made.lease = {job, 1, Instant{}};
  return made;
}

std::vector<std::int64_t> jobs(const Spool::Batch& batch) {
  std::vector<std::int64_t> ids;
  for (const domain::LeasedResult& r : batch.results) ids.push_back(r.lease.job_id);
  return ids;
}

TEST(Spool, KeepsResultsUntilTheyAreAcknowledged) {
  Spool spool(10);
  spool.add(result(1));
  spool.add(result(2));
  const auto batch = spool.next_batch(5);
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(jobs(*batch), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(spool.size(), 2U);
  EXPECT_EQ(spool.next_batch(5), std::nullopt);
  EXPECT_TRUE(spool.acknowledge(batch->number, {Acceptance::kAccepted, Acceptance::kFenced}));
  EXPECT_TRUE(spool.empty());
  EXPECT_EQ(spool.counts().accepted, 1U);
  EXPECT_EQ(spool.counts().fenced, 1U);
}

TEST(Spool, SendsAgainInOrderAfterTheConnectionIsLost) {
  Spool spool(10);
  for (int i = 1; i <= 5; ++i) spool.add(result(i));
  const auto first = spool.next_batch(2);
  const auto second = spool.next_batch(2);
  EXPECT_TRUE(spool.acknowledge(second->number, {Acceptance::kAccepted, Acceptance::kAccepted}));
  spool.connection_lost();
  EXPECT_EQ(spool.size(), 3U);
  const auto again = spool.next_batch(10);
  EXPECT_EQ(jobs(*again), (std::vector<std::int64_t>{1, 2, 5}));
  EXPECT_GT(again->number, second->number);
  // The old stream's acknowledgement, late: it must not take the new batch.
  EXPECT_TRUE(spool.acknowledge(first->number, {Acceptance::kAccepted, Acceptance::kAccepted}));
  EXPECT_EQ(spool.size(), 3U);
}

TEST(Spool, AnAcknowledgementOfAnotherSizeIsNotOne) {
  Spool spool(10);
  spool.add(result(1));
  const auto batch = spool.next_batch(5);
  EXPECT_FALSE(spool.acknowledge(batch->number, {}));
  EXPECT_EQ(spool.size(), 1U);
}

TEST(Spool, RoomShrinksWithWhatIsKeptAndNothingIsDropped) {
  Spool spool(2);
  EXPECT_EQ(spool.room(), 2U);
  spool.add(result(1));
  const auto batch = spool.next_batch(1);
  EXPECT_EQ(spool.room(), 1U);
  spool.add(result(2));
  spool.add(result(3));
  EXPECT_EQ(spool.room(), 0U);
  EXPECT_EQ(spool.size(), 3U);
  spool.acknowledge(batch->number, {Acceptance::kAccepted});
  EXPECT_EQ(spool.size(), 2U);
}

TEST(Backoff, DoublesUpToItsLimitWithFullJitter) {
  double random = 0.5;
  Backoff backoff(Milliseconds{100}, Milliseconds{350}, [&] { return random; });
  EXPECT_EQ(backoff.next(), Milliseconds{50});
  EXPECT_EQ(backoff.next(), Milliseconds{100});
  EXPECT_EQ(backoff.next(), Milliseconds{175});
  EXPECT_EQ(backoff.next(), Milliseconds{175});
  random = 0;
  EXPECT_EQ(backoff.next(), Milliseconds{0});
  random = 0.5;
  backoff.reset();
  EXPECT_EQ(backoff.next(), Milliseconds{50});
}

}  // namespace
}  // namespace openseer::worker
