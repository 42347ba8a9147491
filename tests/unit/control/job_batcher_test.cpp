#include "control/stream/job_batcher.h"

#include <gtest/gtest.h>

#include "control/stream/open_demand.h"
#include "wire/monitor.h"

namespace openseer::control {
namespace {

constexpr Milliseconds kLease{15'000};

domain::LeasedJob job(std::int64_t id, std::int64_t monitor, std::int64_t version) {
  return {{id, 1, Instant{Seconds{60}}}, monitor, version};
}

JobBatcher::Specs::mapped_type spec(std::size_t body = 0) {
  domain::MonitorSpec made;
  made.url = "http://target.example/";
  made.body = std::string(body, 'x');
  made.headers = {{"Authorization", "Bearer token", true}};
  return std::make_shared<const domain::MonitorSpec>(std::move(made));
}

// As a session does it; `specs` is parallel to `jobs`.
std::vector<v1::JobBatch> send(JobBatcher& batcher, const std::vector<domain::LeasedJob>& jobs,
                               const std::vector<JobBatcher::Specs::mapped_type>& specs) {
  JobBatcher::Specs needed;
  for (const domain::LeasedJob& one : batcher.uncarried(jobs)) {
    for (std::size_t i = 0; i < jobs.size(); ++i)
      if (jobs[i].monitor_id == one.monitor_id && specs[i]) needed[one.monitor_id] = specs[i];
  }
  return batcher.batches(jobs, needed, kLease, Instant{});
}

TEST(JobBatcher, CarriesASpecificationOncePerVersion) {
  JobBatcher batcher;
  const auto first = send(batcher, {job(1, 10, 1), job(2, 10, 1), job(3, 11, 1)}, {spec(), spec(), spec()});
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].jobs_size(), 3);
  EXPECT_EQ(first[0].specs_size(), 2);
  EXPECT_EQ(first[0].jobs(0).lease_duration().seconds(), 15);
  EXPECT_EQ(send(batcher, {job(1, 10, 1)}, {spec()})[0].specs_size(), 0);
  const auto changed = send(batcher, {job(1, 10, 2)}, {spec()});
  ASSERT_EQ(changed[0].specs_size(), 1);
  EXPECT_EQ(changed[0].specs(0).spec_version(), 2);
}

TEST(JobBatcher, SensitiveValuesReachTheWorker) {
  JobBatcher batcher;
  const auto batches = send(batcher, {job(1, 10, 1)}, {spec()});
  EXPECT_EQ(batches[0].specs(0).spec().headers(0).value(), "Bearer token");
}

TEST(JobBatcher, LeavesOutJobsWithoutASpecification) {
  JobBatcher batcher;
  const auto batches = send(batcher, {job(1, 10, 1), job(2, 11, 1)}, {nullptr, spec()});
  ASSERT_EQ(batches.size(), 1U);
  ASSERT_EQ(batches[0].jobs_size(), 1);
  EXPECT_EQ(batches[0].jobs(0).monitor_id(), "11");
  EXPECT_TRUE(send(batcher, {job(1, 10, 1)}, {nullptr}).empty());
}

TEST(JobBatcher, SplitsWhatIsTooLargeForOneMessage) {
  JobBatcher batcher({.message_bytes = 1000, .remembered_bytes = 1'000'000});
  std::vector<domain::LeasedJob> jobs;
  std::vector<JobBatcher::Specs::mapped_type> specs;
  for (int i = 1; i <= 5; ++i) {
    jobs.push_back(job(i, i, 1));
    specs.push_back(spec(600));
  }
  const auto batches = send(batcher, jobs, specs);
  EXPECT_EQ(batches.size(), 3U);
  int total = 0;
  for (const v1::JobBatch& batch : batches) {
    total += batch.jobs_size();
    EXPECT_LT(batch.ByteSizeLong(), 2000U);
    EXPECT_FALSE(batch.forget_specs());
  }
  EXPECT_EQ(total, 5);
}

TEST(JobBatcher, AsksToForgetAndThenSendsAgainWhatIsNeeded) {
  JobBatcher batcher({.message_bytes = 1'000'000, .remembered_bytes = 1000});
  send(batcher, {job(1, 1, 1), job(2, 2, 1)}, {spec(600), spec(600)});
  const auto next = send(batcher, {job(1, 1, 1)}, {spec(600)});
  EXPECT_TRUE(next[0].forget_specs());
  EXPECT_EQ(next[0].specs_size(), 1);
  const auto after = send(batcher, {job(1, 1, 1), job(2, 2, 1)}, {spec(600), spec(600)});
  EXPECT_FALSE(after[0].forget_specs());
  EXPECT_EQ(after[0].specs_size(), 1);
}

TEST(CarriedSpecs, StayWithinTheirMemoryWithABatchMoreThanTheirCapacity) {
  for (const std::size_t bytes : {16'000U, 125'000U, 1'000'000U}) {
    CarriedSpecs specs;
    const auto count = static_cast<std::int64_t>(CarriedSpecs::capacity(bytes)) + 20;
    for (std::int64_t monitor = 1; monitor <= count; ++monitor) specs.insert(monitor, monitor % 3);
    EXPECT_LE(specs.bytes(), bytes);
    EXPECT_GT(specs.bytes(), bytes / 2);
    for (std::int64_t monitor = 1; monitor <= count; ++monitor)
      ASSERT_TRUE(specs.contains(monitor, monitor % 3) && !specs.contains(monitor, 3));
  }
}

TEST(OpenDemand, CountsWhatIsOnTheWay) {
  OpenDemand demand;
  EXPECT_EQ(demand.open(), 0U);
  demand.announce(10, 0);
  EXPECT_EQ(demand.open(), 10U);
  demand.assign(4);
  EXPECT_EQ(demand.open(), 6U);
  // The announcement crossed with the four jobs: they still count.
  demand.announce(10, 0);
  EXPECT_EQ(demand.open(), 6U);
  // One of them finished after all four had arrived.
  demand.announce(7, 4);
  EXPECT_EQ(demand.open(), 7U);
  demand.announce(0, 4);
  EXPECT_EQ(demand.open(), 0U);
}

TEST(OpenDemand, WhatIsNeverSentIsDemandAgain) {
  OpenDemand demand;
  demand.announce(5, 0);
  demand.assign(5);
  demand.withdraw(2);
  EXPECT_EQ(demand.open(), 2U);
  EXPECT_EQ(demand.assigned(), 3U);
}

}  // namespace
}  // namespace openseer::control
