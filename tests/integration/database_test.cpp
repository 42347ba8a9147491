// The schema, and what happens when the database goes away.
#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/local_postgres.h"
#include "integration/target.h"
#include "integration/wait.h"

namespace openseer::test {
namespace {

using testing::HasSubstr;

Ended migrate(const std::string& database, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "migrate");
  return openseer(std::move(arguments), {{"DATABASE_URL", database}});
}

constexpr auto kTables = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('app', 'ts')";

TEST(Migrations, GoUpDownAndUpAgain) {
  TestDatabase database(TestDatabase::Schema::kEmpty);
  Sql sql(database.conninfo());
  Ended up = migrate(database.conninfo(), {"up"});
  ASSERT_TRUE(up.status.success()) << up.output;
  const std::int64_t tables = sql.number(kTables);
  EXPECT_GT(tables, 15);
  EXPECT_TRUE(migrate(database.conninfo(), {"status"}).status.success());

  const std::int64_t versions = sql.number("SELECT count(*) FROM app.schema_migrations");
  const Ended down = migrate(database.conninfo(), {"down", "--steps", std::to_string(versions)});
  ASSERT_TRUE(down.status.success()) << down.output;
  EXPECT_EQ(sql.number("SELECT count(*) FROM app.schema_migrations"), 0);
  EXPECT_EQ(sql.number(kTables), 1) << "only the list of migrations may stay";

  up = migrate(database.conninfo(), {"up"});
  ASSERT_TRUE(up.status.success()) << up.output;
  EXPECT_EQ(sql.number(kTables), tables);
  up = migrate(database.conninfo(), {"up"});
  EXPECT_TRUE(up.status.success()) << "nothing to do is no error: " << up.output;
}

TEST(Migrations, ResultsArePartitionedByTheBestThereIs) {
  const TestDatabase database;
  Sql sql(database.conninfo());
  if (sql.number("SELECT count(*) FROM pg_extension WHERE extname = 'timescaledb'") > 0) {
    EXPECT_EQ(sql.number("SELECT count(*) FROM timescaledb_information.hypertables"
                         " WHERE hypertable_schema = 'ts' AND hypertable_name = 'results_raw'"),
              1);
  } else {
    EXPECT_EQ(sql.text("SELECT relkind FROM pg_class WHERE oid = 'ts.results_raw'::regclass"), "p");
  }
}

TEST(Migrations, ASchemaNewerThanTheBinaryIsRefused) {
  const TestDatabase database;
  Sql sql(database.conninfo());
  sql.execute("INSERT INTO app.schema_migrations (version, name) VALUES (9999, 'from_the_future')");
  const TemporaryDirectory directory;
  ControlPlane control_plane(database.conninfo(), directory.path() / "secret", directory.path() / "log", {});
  control_plane.start();
  const std::optional<ExitStatus> status = control_plane.process().wait(scaled(Seconds{15}));
  ASSERT_TRUE(status) << "it keeps running";
  EXPECT_EQ(status->code, 1) << status->text();
  EXPECT_THAT(control_plane.process().log(), HasSubstr("newer than this binary"));
  const Ended up = migrate(database.conninfo(), {"up"});
  EXPECT_EQ(up.status.code, 1);
  EXPECT_THAT(up.output, HasSubstr("newer than this binary"));
}

TEST(DatabaseAway, TheControlPlaneStaysUpSaysWhyAndRecovers) {
  if (another_server_is_given()) GTEST_SKIP() << "starts and stops a server of its own";
  LocalPostgres postgres;
  const TemporaryDirectory directory;
  ControlPlane control_plane(postgres.url(), directory.path() / "secret", directory.path() / "log", {});
  control_plane.start();
  ASSERT_TRUE(eventually([&] { return control_plane.readyz().status == 503; }, Seconds{10}));
  EXPECT_THAT(control_plane.readyz().body, HasSubstr("database"));
  EXPECT_EQ(http_get(control_plane.http_url() + "/healthz").status, 200);

  postgres.start();
  const Ended up = migrate(postgres.url(), {"up"});
  ASSERT_TRUE(up.status.success()) << up.output;
  EXPECT_TRUE(control_plane.wait_ready(Seconds{10}));
  postgres.stop();
  EXPECT_TRUE(eventually([&] { return control_plane.readyz().status == 503; }, Seconds{10}));
  EXPECT_TRUE(control_plane.process().running());
}

TEST(DatabaseRestart, WorkResumesAndNothingAcknowledgedIsLost) {
  if (another_server_is_given()) GTEST_SKIP() << "starts and stops a server of its own";
  constexpr int kMonitors = 50;
  LocalPostgres postgres;
  postgres.start();
  const Ended up = migrate(postgres.url(), {"up"});
  ASSERT_TRUE(up.status.success()) << up.output;
  Target target;
  Cluster cluster({.workers = 2, .database_url = postgres.url()});
  for (int i = 0; i < kMonitors; ++i) cluster.api().create_monitor(target.url());
  ASSERT_TRUE(cluster.wait_for_results(3 * kMonitors, Seconds{20}));

  const auto accepted = static_cast<std::int64_t>(
      cluster.control_plane().metric("openseer_results_total{acceptance=\"accepted\"}"));
  postgres.stop();
  postgres.start();
  EXPECT_GE(cluster.results(), accepted);
  const std::int64_t kept = cluster.results();
  EXPECT_TRUE(cluster.wait_for_results(kept + 2 * kMonitors, Seconds{10})) << "work has not resumed";
  for (std::size_t i = 0; i < 2; ++i) {
    cluster.worker(i).send(SIGTERM);
    ASSERT_TRUE(cluster.worker(i).wait(scaled(Seconds{20})));
  }
  EXPECT_EQ(ledger_errors(cluster.sql()), "");
}

}  // namespace
}  // namespace openseer::test
