#include "support/postgres.h"

#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <unistd.h>

#include <boost/asio/steady_timer.hpp>
#include <libpq-fe.h>

#include "base/embedded.h"
#include "pg/connection.h"
#include "store/migrations.h"
#include "support/loop.h"
#include "support/postgres_server.h"

namespace openseer::test {
namespace {

constexpr Milliseconds kTimeout{60'000};

const std::string& admin_conninfo() {
  static const std::string conninfo = [] {
    const char* given = std::getenv("OPENSEER_TEST_DATABASE_URL");
    if (given != nullptr && *given != '\0') return std::string(given);
    static PostgresServer server;
    return server.conninfo();
  }();
  return conninfo;
}

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// The same server, another database.
std::string with_database(const std::string& conninfo, std::string_view database) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(conninfo.c_str(), &error), PQconninfoFree);
  if (!options) {
    const std::string why = error == nullptr ? "" : error;
    PQfreemem(error);
    throw std::runtime_error("OPENSEER_TEST_DATABASE_URL: " + why);
  }
  std::string out = "dbname=" + quoted(database);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr || std::string_view(option->keyword) == "dbname") continue;
    out += std::string(" ") + option->keyword + "=" + quoted(option->val);
  }
  return out;
}

// Changes with the migrations, so that a server that is kept never serves an old schema.
std::string template_name() {
  std::size_t hash = 0;
  for (const embedded::File& file : embedded::migration_files()) {
    hash = hash * 31 + std::hash<std::string_view>{}(file.digest);
  }
  return "openseer_template_" + std::to_string(hash);
}

bool means_exists(const pg::Error& error) { return error.sqlstate() == "42P04"; }

asio::awaitable<void> make_template(asio::any_io_executor executor, pg::Connection& admin, std::string name) {
  const std::string building = name + "_" + std::to_string(getpid());
  co_await admin.execute("CREATE DATABASE " + building, kTimeout);
  {
    const std::string conninfo = with_database(admin_conninfo(), building);
    const auto connection = co_await pg::Connection::open(executor, conninfo, kTimeout);
    co_await store::migrate_up(*connection);
  }
  bool lost_race = false;
  // Nobody may be connected to a template: not this connection, which may take
  // a moment to end, nor TimescaleDB's background workers.
  co_await admin.execute("ALTER DATABASE " + building + " ALLOW_CONNECTIONS false", kTimeout);
  for (int attempt = 0;; ++attempt) {
    try {
      co_await admin.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + building + "'",
          kTimeout);
      co_await admin.execute("ALTER DATABASE " + building + " RENAME TO " + name, kTimeout);
      break;
    } catch (const pg::Error& error) {
      lost_race = means_exists(error);
      if (lost_race) break;
      if (error.sqlstate() != "55006" || attempt == 100) throw;
    }
    asio::steady_timer pause(executor, Milliseconds{50});
    co_await pause.async_wait(asio::use_awaitable);
  }
  if (lost_race) co_await admin.execute("DROP DATABASE " + building + " WITH (FORCE)", kTimeout);
}

asio::awaitable<void> create(asio::any_io_executor executor, std::string name, TestDatabase::Schema schema) {
  const auto admin = co_await pg::Connection::open(executor, admin_conninfo(), kTimeout);
  if (schema == TestDatabase::Schema::kEmpty) {
    co_await admin->execute("CREATE DATABASE " + name, kTimeout);
    co_return;
  }
  const std::string source = template_name();
  bool missing = false;
  try {
    co_await admin->execute("CREATE DATABASE " + name + " TEMPLATE " + source, kTimeout);
  } catch (const pg::Error& error) {
    missing = error.sqlstate() == "3D000";
    if (!missing) throw;
  }
  if (!missing) co_return;
  co_await make_template(executor, *admin, source);
  co_await admin->execute("CREATE DATABASE " + name + " TEMPLATE " + source, kTimeout);
}

asio::awaitable<void> drop(asio::any_io_executor executor, std::string name) {
  const auto admin = co_await pg::Connection::open(executor, admin_conninfo(), kTimeout);
  co_await admin->execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", kTimeout);
}

}  // namespace

TestDatabase::TestDatabase(Schema schema) {
  static int count = 0;
  name_ = "openseer_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
  conninfo_ = with_database(admin_conninfo(), name_);
  Loop loop;
  loop.run(create(loop.executor(), name_, schema), Seconds{120});
}

TestDatabase::~TestDatabase() {
  try {
    Loop loop;
    loop.run(drop(loop.executor(), name_), Seconds{120});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot drop %s: %s\n", name_.c_str(), error.what());
  }
}

}  // namespace openseer::test
