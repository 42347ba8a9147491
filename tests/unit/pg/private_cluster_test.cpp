#include "pg/private_cluster.h"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/connection.h"
#include "support/loop.h"

namespace openseer::pg {
namespace {

namespace fs = std::filesystem;
constexpr Seconds kTimeout{10};

class PrivateClusterTest : public testing::Test {
 protected:
  PrivateClusterTest() {
    std::string path = "/tmp/openseer-cluster-XXXXXX";
    directory_ = mkdtemp(path.data());
    // As the data directory of a root's `openseer up`: others may pass through.
    fs::permissions(directory_, fs::perms{0711});
  }
  ~PrivateClusterTest() override { fs::remove_all(directory_); }

  void execute(const PrivateCluster& cluster, std::string sql) {
    const auto connection = loop_.run(Connection::open(loop_.executor(), cluster.database_url(), kTimeout));
    loop_.run(connection->execute(std::move(sql), kTimeout));
  }

  test::Loop loop_;
  fs::path directory_;
};

TEST_F(PrivateClusterTest, KeepsItsDataOverARestart) {
  PrivateCluster cluster(loop_.executor(), directory_ / "postgres");
  loop_.run(cluster.start());
  execute(cluster, "CREATE TABLE kept (n int)");
  loop_.run(cluster.stop(kTimeout));
  EXPECT_FALSE(fs::exists(directory_ / "postgres/data/postmaster.pid"));
  loop_.run(cluster.start());
  execute(cluster, "SELECT n FROM kept");
  EXPECT_EQ(fs::status(directory_ / "postgres/data").permissions(), fs::perms::owner_all);
  loop_.run(cluster.stop(kTimeout));
}

TEST_F(PrivateClusterTest, RecoversFromAKilledServer) {
  PrivateCluster cluster(loop_.executor(), directory_ / "postgres");
  loop_.run(cluster.start());
  execute(cluster, "CREATE TABLE kept (n int)");
  kill(cluster.server_pid(), SIGKILL);
  EXPECT_EQ(loop_.run(cluster.wait()).signal, SIGKILL);
  loop_.run(cluster.start(), Seconds{60});
  execute(cluster, "SELECT n FROM kept");
  loop_.run(cluster.stop(kTimeout));
}

TEST_F(PrivateClusterTest, TakesOverFromAPredecessorThatStillRuns) {
  PrivateCluster first(loop_.executor(), directory_ / "postgres");
  loop_.run(first.start());
  PrivateCluster second(loop_.executor(), directory_ / "postgres");
  loop_.run(second.start(), Seconds{60});
  EXPECT_TRUE(loop_.run(first.wait()).success());
  execute(second, "SELECT 1");
  loop_.run(second.stop(kTimeout));
}

TEST_F(PrivateClusterTest, APidFileOfAnotherProcessIsNoObstacle) {
  PrivateCluster cluster(loop_.executor(), directory_ / "postgres");
  loop_.run(cluster.start());
  loop_.run(cluster.stop(kTimeout));
  // As after a reboot: the number is that of a live process, this one.
  std::ofstream(directory_ / "postgres/data/postmaster.pid") << getpid() << '\n';
  loop_.run(cluster.start(), Seconds{60});
  execute(cluster, "SELECT 1");
  loop_.run(cluster.stop(kTimeout));
}

TEST_F(PrivateClusterTest, ALongPathGetsItsSocketElsewhere) {
  const fs::path deep = directory_ / std::string(60, 'a') / std::string(60, 'b');
  fs::create_directories(deep);
  PrivateCluster cluster(loop_.executor(), deep / "postgres");
  loop_.run(cluster.start());
  execute(cluster, "SELECT 1");
  loop_.run(cluster.stop(kTimeout));
}

TEST_F(PrivateClusterTest, ADirectoryThatPostgresMayNotEnterIsNamed) {
  if (geteuid() != 0) GTEST_SKIP() << "PostgreSQL runs as this very user";
  fs::permissions(directory_, fs::perms::owner_all);
  PrivateCluster cluster(loop_.executor(), directory_ / "postgres");
  try {
    loop_.run(cluster.start());
    FAIL() << "it started";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("may not enter " + directory_.string() + ":"));
  }
}

TEST(FindInstallation, AMissingVersionNamesItsPackage) {
  EXPECT_GE(find_installation().major, 15);
  try {
    find_installation(99);
    FAIL() << "it was found";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("postgresql-99"));
  }
}

}  // namespace
}  // namespace openseer::pg
