// What happens to a slot when its worker does not behave.
#include <csignal>

#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/target.h"
#include "integration/wait.h"

namespace openseer::test {
namespace {

constexpr Seconds kLease{5};

ClusterOptions short_leases() { return {.control_plane_arguments = {"--lease", "5s"}}; }

TEST(WorkerKilled, ItsSlotIsLeasedAgainWithinTheLeaseAndASecond) {
  Target target;
  Cluster cluster(short_leases());
  target.answer("/", {.hang = true});
  const std::string id = cluster.api().create_monitor(target.url(), Seconds{60}, Seconds{30}).summary().id();
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{5}));
  cluster.add_worker();

  cluster.worker(0).kill();
  const Monotonic killed = std::chrono::steady_clock::now();
  ASSERT_TRUE(target.wait_for_requests("/", 2, Seconds{20}));
  EXPECT_LT(std::chrono::steady_clock::now() - killed, scaled(kLease + Seconds{1}));
  target.release();
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{10}));

  EXPECT_EQ(cluster.sql().number("SELECT worker_id FROM ts.results_raw"), cluster.worker_id(1));
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM ts.results_raw WHERE outcome <> 1"), 0);
  EXPECT_EQ(cluster.api().get_monitor(id).summary().state(), v1::MONITOR_STATE_UP);
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
}

TEST(WorkerKilled, StartsAgainWithItsIdentity) {
  Target target;
  Cluster cluster(short_leases());
  cluster.api().create_monitor(target.url());
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{5}));
  cluster.worker().kill();
  cluster.restart_worker(0);
  ASSERT_TRUE(cluster.wait_for_results(cluster.results() + 2, Seconds{15}));
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM app.workers"), 1);
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
}

TEST(WorkerStopped, ItsLateResultIsRefusedByTheFenceAndCounted) {
  Target target;
  Cluster cluster(short_leases());
  target.answer("/", {.hang = true});
  const std::string id = cluster.api().create_monitor(target.url(), Seconds{60}, Seconds{30}).summary().id();
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{5}));
  cluster.worker(0).send(SIGSTOP);
  cluster.add_worker();
  ASSERT_TRUE(target.wait_for_requests("/", 2, Seconds{20})) << "the slot is not leased again";
  target.release();
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{10}));

  cluster.worker(0).send(SIGCONT);
  const auto refused = [&] {
    return cluster.control_plane().metric("openseer_results_total{acceptance=\"fenced\"}") >= 1;
  };
  EXPECT_TRUE(eventually(refused, Seconds{20}));
  EXPECT_EQ(cluster.results(), 1);
  EXPECT_EQ(cluster.sql().number("SELECT worker_id FROM ts.results_raw"), cluster.worker_id(1));
  EXPECT_EQ(cluster.api().get_monitor(id).summary().state(), v1::MONITOR_STATE_UP);
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
}

TEST(LongCheck, KeepsItsLease) {
  Target target;
  Cluster cluster({.workers = 2, .control_plane_arguments = {"--lease", "5s"}});
  target.answer("/", {.hang = true});
  cluster.api().create_monitor(target.url(), Seconds{60}, Seconds{30});
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{5}));
  // Twice the lease, by the checks of another monitor: a second each, but the first,
  // which may be less.
  cluster.api().create_monitor(target.url("/clock"));
  ASSERT_TRUE(target.wait_for_requests("/clock", 12, Seconds{30}));
  EXPECT_EQ(target.requests(), 1) << "the slot was given away";
  target.release();
  EXPECT_TRUE(eventually(
      [&] {
        return cluster.sql().number("SELECT count(*) FROM ts.results_raw WHERE total_us > 9000000") == 1;
      },
      Seconds{10}));
}

TEST(WorkerTerminated, FinishesItsCheckAndExitsWithZero) {
  Target target;
  Cluster cluster;
  target.answer("/", {.hang = true});
  cluster.api().create_monitor(target.url(), Seconds{60}, Seconds{30});
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{5}));
  cluster.worker().send(SIGTERM);
  // It must not take this one any more.
  const auto draining = [&] { return cluster.worker().log().find("finishing") != std::string::npos; };
  ASSERT_TRUE(eventually(draining, Seconds{5}));
  cluster.api().create_monitor(target.url("/too-late"), Seconds{60});
  EXPECT_TRUE(cluster.worker().running());

  target.release();
  const std::optional<ExitStatus> status = cluster.worker().wait(scaled(Seconds{15}));
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->success()) << status->text();
  EXPECT_EQ(cluster.results(), 1);
  EXPECT_EQ(target.requests("/too-late"), 0);
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM app.jobs WHERE leased_by IS NOT NULL"), 0)
      << "unstarted jobs are returned";
}

TEST(WorkerTerminated, TheSecondSignalEndsItAtOnce) {
  Target target;
  Cluster cluster;
  target.answer("/", {.hang = true});
  cluster.api().create_monitor(target.url(), Seconds{60}, Seconds{30});
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{5}));
  cluster.worker().send(SIGTERM);
  ASSERT_TRUE(
      eventually([&] { return cluster.worker().log().find("finishing") != std::string::npos; }, Seconds{5}));
  cluster.worker().send(SIGTERM);
  const std::optional<ExitStatus> status = cluster.worker().wait(scaled(Seconds{2}));
  ASSERT_TRUE(status);
  EXPECT_FALSE(status->success());
}

TEST(ControlPlaneTerminated, ExitsWithZeroAndWorkersGoElsewhere) {
  Target target;
  Cluster cluster({.control_planes = 2});
  cluster.api().create_monitor(target.url());
  ASSERT_TRUE(cluster.wait_for_results(2, Seconds{10}));
  cluster.control_plane().process().send(SIGTERM);
  const std::optional<ExitStatus> status = cluster.control_plane().process().wait(scaled(Seconds{20}));
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->success()) << status->text();
  cluster.control_plane().start();
  ASSERT_TRUE(cluster.control_plane().wait_ready());
  EXPECT_TRUE(cluster.wait_for_results(cluster.results() + 2, Seconds{20})) << "the worker has not come back";
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
}

}  // namespace
}  // namespace openseer::test
