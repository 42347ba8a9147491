#include "control/lease/dealing.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "control/lease/queue_shares.h"

namespace openseer::control {
namespace {

std::size_t seats_of(const Dealing& dealing, std::int32_t worker) {
  return static_cast<std::size_t>(std::count(dealing.seats().begin(), dealing.seats().end(), worker));
}

TEST(Dealing, SeatsAreInProportionToDemand) {
  Dealing dealing;
  dealing.seat({{1, 300}, {2, 100}}, 400);
  EXPECT_EQ(seats_of(dealing, 1), 3 * seats_of(dealing, 2));
}

TEST(Dealing, WhileDemandSufficesEverybodyKeepsTheirSeats) {
  Dealing dealing;
  dealing.seat({{1, 1000}, {2, 1000}}, 100);
  const auto before = dealing.seats();
  dealing.seat({{1, 700}, {2, 950}}, 100);
  EXPECT_EQ(dealing.seats(), before);
}

TEST(Dealing, ANewWorkerTakesItsPartAndTheOthersKeepTheRest) {
  Dealing dealing;
  dealing.seat({{1, 1000}, {2, 1000}}, 100);
  const auto before = dealing.seats();
  dealing.seat({{1, 1000}, {2, 1000}, {3, 1000}}, 100);
  EXPECT_GE(seats_of(dealing, 3), before.size() / 4);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (dealing.seats()[i] != 3) EXPECT_EQ(dealing.seats()[i], before[i]);
  }
}

TEST(Dealing, AWorkerWithoutRoomHasNoSeat) {
  Dealing dealing;
  dealing.seat({{1, 1000}, {2, 1000}}, 100);
  dealing.seat({{1, 0}, {2, 1000}}, 100);
  EXPECT_EQ(seats_of(dealing, 1), 0U);
  EXPECT_EQ(dealing.others(), dealing.seats()) << "there is nobody else";
}

// Monitors come back to the worker that has their specifications.
TEST(Dealing, SeatsAreLentNotGiven) {
  Dealing dealing;
  dealing.seat({{1, 1000}, {2, 1000}, {3, 1000}}, 1000);
  const auto own = dealing.seats();
  dealing.seat({{1, 0}, {2, 1000}, {3, 1000}}, 1000);
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (own[i] != 1) EXPECT_EQ(dealing.seats()[i], own[i]) << "only the seats of who has no place are lent";
  }
  dealing.seat({{1, 30}, {2, 20}, {3, 900}}, 950);
  dealing.seat({{1, 1000}, {2, 1000}, {3, 1000}}, 1000);
  EXPECT_EQ(dealing.seats(), own);
}

TEST(Dealing, NobodyIsGivenMuchMoreThanThereIsPlaceFor) {
  Dealing dealing;
  dealing.seat({{1, 10}, {2, 1000}, {3, 400}}, 700);
  const double seats = static_cast<double>(dealing.seats().size());
  EXPECT_EQ(seats_of(dealing, 1) + seats_of(dealing, 2) + seats_of(dealing, 3), dealing.seats().size());
  EXPECT_LE(static_cast<double>(seats_of(dealing, 1)) * 700 / seats, 10);
  EXPECT_LE(static_cast<double>(seats_of(dealing, 3)) * 700 / seats, 400);
}

TEST(Dealing, TheOtherOfASeatIsSomebodyElse) {
  Dealing dealing;
  dealing.seat({{1, 500}, {2, 10}, {3, 20}}, 100);
  for (std::size_t i = 0; i < dealing.seats().size(); ++i) EXPECT_NE(dealing.others()[i], dealing.seats()[i]);
}

TEST(Dealing, HundredsOfWorkersAllHaveASeat) {
  Dealing dealing;
  std::vector<Dealing::Worker> workers;
  for (std::int32_t id = 1; id <= 300; ++id) workers.push_back({id, 100});
  dealing.seat(workers, 1000);
  EXPECT_EQ(std::set<std::int32_t>(dealing.seats().begin(), dealing.seats().end()).size(), 300U);
}

std::size_t most(const std::vector<store::QueueShare>& plan, store::Queue queue) {
  for (const store::QueueShare& share : plan) {
    if (share.queue == queue) return share.most;
  }
  return 0;
}

std::vector<store::DealtJob> jobs_of(store::Queue queue, std::size_t count) {
  store::DealtJob job;
  job.queue = queue;
  return std::vector<store::DealtJob>(count, job);
}

TEST(QueueShares, WhatOneQueueDoesNotNeedGoesToTheOthers) {
  QueueShares shares(7);
  const auto first = shares.plan(1000);
  std::size_t sum = 0;
  for (const store::QueueShare& share : first) sum += share.most;
  EXPECT_EQ(sum, 1000U);
  EXPECT_EQ(first.size(), 8U) << "four lanes of the region, four of global";
  EXPECT_TRUE(shares.learn(first, jobs_of({7, 0}, most(first, {7, 0}))));
  EXPECT_GT(most(shares.plan(1000), {7, 0}), 900U);
}

TEST(QueueShares, TwoThatWantMoreThanThereIsGetTheSame) {
  QueueShares shares(7);
  const auto first = shares.plan(1000);
  std::vector<store::DealtJob> jobs = jobs_of({7, 0}, most(first, {7, 0}));
  const std::vector<store::DealtJob> others = jobs_of({7, 3}, most(first, {7, 3}));
  jobs.insert(jobs.end(), others.begin(), others.end());
  shares.learn(first, jobs);
  const auto second = shares.plan(1000);
  EXPECT_NEAR(static_cast<double>(most(second, {7, 0})), static_cast<double>(most(second, {7, 3})), 1);
}

TEST(QueueShares, EvenASinglePlaceLooksAtEveryQueueAndTheFirstOneChanges) {
  QueueShares shares(7);
  std::set<store::Queue> firsts;
  for (int i = 0; i < 8; ++i) {
    const auto plan = shares.plan(1);
    EXPECT_EQ(plan.size(), 8U);
    firsts.insert(plan.front().queue);
    shares.learn(plan, {});
  }
  EXPECT_EQ(firsts.size(), 8U);
}

}  // namespace
}  // namespace openseer::control
