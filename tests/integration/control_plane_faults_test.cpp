// Exactly one accepted result per job and slot, whatever dies.
#include <csignal>
#include <iostream>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/proxy.h"
#include "integration/target.h"
#include "integration/wait.h"

namespace openseer::test {
namespace {

void create_monitors(Cluster& cluster, Target& target, int count) {
  for (int i = 0; i < count; ++i) cluster.api().create_monitor(target.url());
}

// Ends the workers in good order, so that nothing is on its way any more.
void drain_workers(Cluster& cluster, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) cluster.worker(i).send(SIGTERM);
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<ExitStatus> status = cluster.worker(i).wait(scaled(Seconds{20}));
    ASSERT_TRUE(status) << "worker " << i << " does not end";
    EXPECT_TRUE(status->success()) << status->text();
    EXPECT_THAT(cluster.worker(i).log(), testing::Not(testing::HasSubstr("nobody acknowledged")));
  }
}

// The commit is made and its ack is lost: the worker, connected to another
// replica, sends the same result again and is told that it was accepted.
TEST(ControlPlaneKilled, BetweenCommitAndAckTheResultIsSentAgainWithoutEffect) {
  Target target;
  Cluster cluster({.control_planes = 2, .workers = 0});
  Proxy proxy(cluster.control_plane(0).worker_port());
  cluster.add_worker({.worker_port = proxy.port()});
  target.answer("/", {.hang = true});
  const std::string id =
      cluster.api().create_monitor(target.url(), Seconds{3600}, Seconds{30}).summary().id();
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{5}));

  proxy.silence_server();
  target.release();
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{10}));
  const std::string before = cluster.sql().text("SELECT r::text FROM ts.results_raw r");
  cluster.control_plane(0).process().kill();
  proxy.lead_to(cluster.control_plane(1).worker_port());

  const auto sent_again = [&] {
    return cluster.control_plane(1).metric("openseer_results_total{acceptance=\"accepted\"}") >= 1;
  };
  EXPECT_TRUE(eventually(sent_again, Seconds{30}));
  EXPECT_EQ(cluster.control_plane(1).metric("openseer_results_total{acceptance=\"fenced\"}"), 0);
  EXPECT_EQ(cluster.results(), 1);
  EXPECT_EQ(cluster.sql().text("SELECT r::text FROM ts.results_raw r"), before);
  EXPECT_EQ(target.requests(), 1) << "the slot was run twice";
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
  drain_workers(cluster, 1);
}

TEST(ControlPlaneKilled, AtRandomMomentsEverySlotIsAccountedForOnce) {
  const unsigned seed = std::random_device{}();
  std::cout << "seed " << seed << std::endl;
  std::mt19937 random(seed);
  constexpr int kMonitors = 60;
  Target target;
  Cluster cluster({.workers = 2, .control_plane_arguments = {"--lease", "5s"}});
  create_monitors(cluster, target, kMonitors);
  std::set<std::string> acknowledged;
  for (int round = 0; round < 4; ++round) {
    // The moment is a number of results away: in mid-burst, most of the time.
    const std::int64_t more = std::uniform_int_distribution<std::int64_t>(kMonitors, 3 * kMonitors)(random);
    ASSERT_TRUE(cluster.wait_for_results(cluster.results() + more, Seconds{20})) << "round " << round;
    cluster.control_plane().process().kill();
    const std::int64_t kept = cluster.results();
    cluster.control_plane().start();
    ASSERT_TRUE(cluster.control_plane().wait_ready());
    EXPECT_GE(cluster.results(), kept);
  }
  ASSERT_TRUE(cluster.wait_for_results(cluster.results() + 2 * kMonitors, Seconds{20}));
  drain_workers(cluster, 2);
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM ts.results_raw WHERE outcome <> 1"), 0);
}

TEST(TwoControlPlanesThreeWorkers, NoSlotIsRunTwiceAndAllTakePart) {
  constexpr int kMonitors = 200;
  Target target;
  Cluster cluster({.control_planes = 2, .workers = 0});
  cluster.add_worker({.control_plane = 0});
  cluster.add_worker({.control_plane = 1});
  cluster.add_worker({.control_plane = 1});
  create_monitors(cluster, target, kMonitors);
  ASSERT_TRUE(cluster.wait_for_results(10 * kMonitors, Seconds{60}));
  drain_workers(cluster, 3);

  EXPECT_EQ(ledger_errors(cluster.sql()), "");
  // With nobody killed, one execution is one result.
  EXPECT_EQ(target.requests(), cluster.results());
  EXPECT_EQ(cluster.sql().number("SELECT count(DISTINCT worker_id) FROM ts.results_raw"), 3);
  EXPECT_EQ(cluster.sql().number("SELECT count(DISTINCT job_id) FROM ts.results_raw"), kMonitors);
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM ts.results_raw WHERE outcome <> 1"), 0);
}

}  // namespace
}  // namespace openseer::test
