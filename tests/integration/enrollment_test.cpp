// Who may become a worker, and for how long.
#include <csignal>

#include <gmock/gmock.h>
#include <google/protobuf/util/time_util.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/target.h"
#include "integration/wait.h"
#include "openseer/v1/worker_service.pb.h"

namespace openseer::test {
namespace {

using testing::HasSubstr;
using testing::Not;

Ended try_to_enrol(Cluster& cluster, const std::string& token) {
  return run(Cluster::worker_command(cluster.control_plane(), std::nullopt, cluster.new_path("state"), {}),
             {{"OPENSEER_ENROLL_TOKEN", token}});
}

void expect_refused(const Ended& ended, const std::string& token) {
  EXPECT_NE(ended.status.code, 0);
  EXPECT_EQ(ended.status.signal, 0);
  EXPECT_THAT(ended.output, HasSubstr("token"));
  EXPECT_THAT(ended.output, Not(HasSubstr(token.substr(0, token.find('.'))))) << "the secret is in the log";
}

TEST(Enrolment, AnUnknownTokenIsRefused) {
  Cluster cluster({.workers = 0});
  std::string token = cluster.create_token();
  token[0] = token[0] == 'a' ? 'b' : 'a';
  expect_refused(try_to_enrol(cluster, token), token);
  expect_refused(try_to_enrol(cluster, "not-a-token"), "not-a-token");
}

TEST(Enrolment, AnExpiredTokenIsRefused) {
  Cluster cluster({.workers = 0});
  const std::string token = cluster.create_token();
  cluster.sql().execute("UPDATE app.enrollment_tokens SET expires_at = now()");
  expect_refused(try_to_enrol(cluster, token), token);
}

TEST(Enrolment, ATokenLetsInAsManyWorkersAsItWasMadeFor) {
  Cluster cluster({.workers = 0});
  const std::string token = cluster.create_token(1);
  const auto start = [&] {
    return std::make_unique<Process>(
        Cluster::worker_command(cluster.control_plane(), std::nullopt, cluster.new_path("state"), {}),
        cluster.new_path("worker.log"), Variables{{"OPENSEER_ENROLL_TOKEN", token}});
  };
  const auto worker = start();
  ASSERT_TRUE(cluster.wait_workers_connected(1));
  expect_refused(try_to_enrol(cluster, token), token);
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM app.workers"), 1);
}

TEST(Enrolment, AServerWithAnotherAuthorityIsNotTrusted) {
  Cluster cluster({.workers = 0});
  std::string token = cluster.create_token();
  token.back() = token.back() == '0' ? '1' : '0';  // of the authority's fingerprint
  const Ended ended = try_to_enrol(cluster, token);
  EXPECT_NE(ended.status.code, 0);
  EXPECT_THAT(ended.output, HasSubstr("fingerprint"));
  EXPECT_EQ(cluster.sql().number("SELECT uses_left FROM app.enrollment_tokens"), 1)
      << "the secret went to a server that is not the right one";
}

TEST(Enrolment, TheCommandMakesATokenOfItsRegion) {
  Target target;
  Cluster cluster({.workers = 0});
  const Ended token = openseer(
      {"token", "create", "--region", "eu-west"},
      {{"DATABASE_URL", cluster.database_url()}, {"OPENSEER_SECRET_KEY_FILE", cluster.secret_file()}});
  ASSERT_TRUE(token.status.success()) << token.output;
  Process worker(
      Cluster::worker_command(cluster.control_plane(), std::nullopt, cluster.new_path("state"), {}),
      cluster.new_path("worker.log"),
      Variables{{"OPENSEER_ENROLL_TOKEN", token.output.substr(0, token.output.find('\n'))}});
  ASSERT_TRUE(cluster.wait_workers_connected(1));
  cluster.api().create_monitor(target.url(), Seconds{60}, Seconds{5}, "eu-west");
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{5}));
  EXPECT_EQ(
      cluster.sql().text("SELECT name FROM app.regions WHERE id = (SELECT region_id FROM ts.results_raw)"),
      "eu-west");
}

TEST(Revocation, CutsTheStreamWithinTenSecondsForGood) {
  Target target;
  Cluster cluster;
  cluster.api().create_monitor(target.url());
  ASSERT_TRUE(cluster.wait_for_results(1, Seconds{5}));

  v1::RevokeWorkerRequest revoke;
  revoke.set_worker_id(std::to_string(cluster.worker_id()));
  cluster.api().call<v1::RevokeWorkerResponse>("WorkerService/RevokeWorker", revoke);
  const Monotonic revoked = std::chrono::steady_clock::now();
  EXPECT_TRUE(cluster.wait_workers_connected(0, Seconds{10}));
  EXPECT_LT(std::chrono::steady_clock::now() - revoked, scaled(Seconds{10}));
  const std::optional<ExitStatus> status = cluster.worker().wait(scaled(Seconds{10}));
  ASSERT_TRUE(status) << "a worker that will never be served again ends";
  EXPECT_NE(status->code, 0);
  EXPECT_THAT(cluster.worker().log(), HasSubstr("revoked"));

  const std::int64_t results = cluster.results();
  cluster.restart_worker(0);
  const std::optional<ExitStatus> again = cluster.worker().wait(scaled(Seconds{15}));
  ASSERT_TRUE(again) << "it came back";
  EXPECT_NE(again->code, 0);
  EXPECT_EQ(cluster.results(), results);
}

TEST(WorkersPort, ServesNobodyWithoutACertificate) {
  Cluster cluster({.workers = 0});
  const std::string port = std::to_string(cluster.control_plane().worker_port());
  EXPECT_EQ(http_get("https://localhost:" + port + "/").status, 0);
  EXPECT_EQ(http_get("http://localhost:" + port + "/").status, 0);
}

}  // namespace
}  // namespace openseer::test
