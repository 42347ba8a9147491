// `openseer up`: everything on one machine as one process tree.
#include <csignal>
#include <fstream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/local_postgres.h"
#include "integration/stack.h"
#include "integration/target.h"
#include "integration/wait.h"
#include "pg/private_cluster.h"

namespace openseer::test {
namespace {

using testing::HasSubstr;

std::string cluster_state(const Stack& stack) {
  const std::string control_data = pg::find_installation().binaries / "pg_controldata";
  return run({control_data, stack.data() + "/postgres/data"}).output;
}

bool all_gone(const std::vector<pid_t>& tree) { return std::none_of(tree.begin(), tree.end(), alive); }

class Up : public testing::Test {
 protected:
  void SetUp() override {
    if (another_server_is_given()) GTEST_SKIP() << "starts and stops a server of its own";
  }
};

TEST_F(Up, SurvivesBeingKilledAndStopsCleanly) {
  Target target;
  Stack stack;
  stack.start();
  ASSERT_TRUE(stack.wait_ready());
  ApiClient api(stack.url() + "/api");
  api.sign_up();
  const std::string id = api.create_monitor(target.url()).summary().id();
  const auto is_up = [&] { return api.get_monitor(id).summary().state() == v1::MONITOR_STATE_UP; };
  ASSERT_TRUE(eventually(is_up, Seconds{10}));

  // kill -9 of the supervisor takes everything with it.
  const std::vector<pid_t> tree = process_tree(stack.process().pid());
  EXPECT_GT(tree.size(), 4U) << "PostgreSQL, a control plane and a worker were expected";
  stack.process().kill();
  EXPECT_TRUE(eventually([&] { return all_gone(tree); }, Seconds{15})) << "orphans are left";

  // The data is there at the next start, and work goes on.
  stack.start();
  ASSERT_TRUE(stack.wait_ready());
  EXPECT_TRUE(api.get_monitor(id).summary().has_last_result());
  const std::int64_t before = target.requests();
  EXPECT_TRUE(target.wait_for_requests("/", before + 2, Seconds{20}));
  Sql sql = stack.sql();
  EXPECT_EQ(ledger_errors(sql), "");
  EXPECT_EQ(sql.number("SELECT count(*) FROM app.workers WHERE last_seen_at > now() - interval '30 s'"), 1);

  // A second one on the same directory is refused.
  const Ended second = run(stack.command());
  EXPECT_EQ(second.status.code, 1);
  EXPECT_THAT(second.output, HasSubstr("in use by process " + std::to_string(stack.process().pid())));

  // SIGTERM ends everything in order.
  const std::vector<pid_t> last = process_tree(stack.process().pid());
  stack.process().send(SIGTERM);
  const std::optional<ExitStatus> status = stack.process().wait(scaled(Seconds{30}));
  ASSERT_TRUE(status);
  EXPECT_TRUE(status->success()) << status->text();
  // PostgreSQL's log collector ends by itself, once the last line is written:
  // nobody waits for it.
  EXPECT_TRUE(eventually([&] { return all_gone(last); }, Seconds{15})) << "something is left running";
  EXPECT_THAT(cluster_state(stack), HasSubstr("shut down"));
}

TEST_F(Up, ATakenPortIsNamedWithItsSetting) {
  Stack stack;
  boost::asio::io_context context;
  const boost::asio::ip::tcp::acceptor other(context,
                                             {boost::asio::ip::address_v4::any(), stack.http_port()});
  const Ended ended = run(stack.command());
  EXPECT_EQ(ended.status.code, 1);
  EXPECT_THAT(ended.output, HasSubstr("port " + std::to_string(stack.http_port())));
  EXPECT_THAT(ended.output, HasSubstr("--http-port"));
  EXPECT_THAT(ended.output, HasSubstr("OPENSEER_HTTP_PORT"));
}

TEST_F(Up, RestartsAPartThatWasKilled) {
  Target target;
  Stack stack;
  stack.start();
  ASSERT_TRUE(stack.wait_ready());
  ApiClient api(stack.url() + "/api");
  api.sign_up();
  api.create_monitor(target.url());
  ASSERT_TRUE(target.wait_for_requests("/", 1, Seconds{10}));
  for (const std::string part : {"worker", "control-plane"}) {
    pid_t pid = 0;
    for (const pid_t child : process_tree(stack.process().pid())) {
      std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
      std::string program, subcommand;
      std::getline(file, program, '\0');
      std::getline(file, subcommand, '\0');
      if (subcommand == part) pid = child;
    }
    ASSERT_NE(pid, 0) << part << " is not there";
    ASSERT_EQ(kill(pid, SIGKILL), 0);
    ASSERT_TRUE(eventually([&] { return !alive(pid); }, Seconds{5}));
    EXPECT_TRUE(target.wait_for_requests("/", target.requests() + 3, Seconds{30})) << part;
  }
  Sql sql = stack.sql();
  EXPECT_EQ(ledger_errors(sql), "");
  stack.process().send(SIGTERM);
  EXPECT_TRUE(stack.process().wait(scaled(Seconds{30})));
}

}  // namespace
}  // namespace openseer::test
