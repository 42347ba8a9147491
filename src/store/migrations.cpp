#include "store/migrations.h"

#include <charconv>
#include <map>
#include <stdexcept>

#include "base/embedded.h"
#include "base/log.h"

namespace openseer::store {
namespace {

struct Migration {
  int version = 0;
  std::string name;
  std::string_view up;
  std::string_view down;
};

std::vector<Migration> known_migrations() {
  std::map<int, Migration> by_version;
  for (const embedded::File& file : embedded::migration_files()) {
    // NNNN_name.up.sql
    const std::size_t underscore = file.path.find('_');
    const std::size_t dot = file.path.find('.');
    if (underscore == std::string_view::npos || dot == std::string_view::npos) continue;
    int version = 0;
    std::from_chars(file.path.data(), file.path.data() + underscore, version);
    Migration& migration = by_version[version];
    migration.version = version;
    migration.name = std::string(file.path.substr(underscore + 1, dot - underscore - 1));
    (file.path.ends_with(".up.sql") ? migration.up : migration.down) = file.content;
  }
  std::vector<Migration> ordered;
  for (auto& [version, migration] : by_version) ordered.push_back(std::move(migration));
  return ordered;
}

const pg::Statement kHasTable{"migrations_has_table",
                              "SELECT to_regclass('app.schema_migrations') IS NOT NULL"};
const pg::Statement kApplied{"migrations_applied",
                             "SELECT version, name FROM app.schema_migrations ORDER BY version"};

constexpr Milliseconds kTimeout{600'000};

asio::awaitable<pg::Rows> one(pg::Connection& connection, const pg::Statement& statement) {
  std::vector<pg::Query> queries;
  queries.push_back({&statement, {}});
  std::vector<pg::Rows> rows = co_await connection.run(std::move(queries), kTimeout);
  co_return std::move(rows.front());
}

asio::awaitable<std::map<int, std::string>> applied(pg::Connection& connection) {
  std::map<int, std::string> versions;
  const pg::Rows has_table = co_await one(connection, kHasTable);
  if (!has_table[0].get<bool>(0)) co_return versions;
  const pg::Rows rows = co_await one(connection, kApplied);
  for (const pg::Row row : rows) versions[row.get<std::int32_t>(0)] = row.get<std::string>(1);
  co_return versions;
}

// Serialises migrators; freed with the connection at the latest.
constexpr auto kLock =
    "SET statement_timeout = 0; SET lock_timeout = '60s'; SELECT pg_advisory_lock(7308324);";
constexpr auto kUnlock = "SELECT pg_advisory_unlock(7308324)";

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

}  // namespace

asio::awaitable<SchemaStatus> schema_status(pg::Connection& connection) {
  const std::map<int, std::string> done = co_await applied(connection);
  SchemaStatus status;
  for (const Migration& migration : known_migrations()) {
    status.migrations.push_back({migration.version, migration.name, done.contains(migration.version)});
    status.latest = std::max(status.latest, migration.version);
  }
  if (!done.empty()) status.current = done.rbegin()->first;
  co_return status;
}

asio::awaitable<int> migrate_up(pg::Connection& connection) {
  co_await connection.execute(kLock, kTimeout);
  co_await connection.execute(
      "CREATE SCHEMA IF NOT EXISTS app; CREATE SCHEMA IF NOT EXISTS ts;"
      "CREATE TABLE IF NOT EXISTS app.schema_migrations (version integer PRIMARY KEY, name text NOT NULL,"
      " applied_at timestamptz NOT NULL DEFAULT now())",
      kTimeout);
  const SchemaStatus status = co_await schema_status(connection);
  if (status.current > status.latest) {
    throw std::runtime_error("the schema has version " + std::to_string(status.current) +
                             ", newer than this binary's " + std::to_string(status.latest));
  }
  int count = 0;
  const std::map<int, std::string> done = co_await applied(connection);
  for (const Migration& migration : known_migrations()) {
    // One with a lower number may have come later, from another branch.
    if (done.contains(migration.version)) continue;
    std::string sql = "BEGIN;";
    sql += migration.up;
    sql += ";INSERT INTO app.schema_migrations (version, name) VALUES (" + std::to_string(migration.version) +
           "," + quoted(migration.name) + ");COMMIT";
    co_await connection.execute(std::move(sql), kTimeout);
    log::info("migration applied", {{"version", migration.version}, {"name", migration.name}});
    ++count;
  }
  co_await connection.execute(kUnlock, kTimeout);
  co_return count;
}

asio::awaitable<int> migrate_down(pg::Connection& connection, int steps) {
  co_await connection.execute(kLock, kTimeout);
  const std::vector<Migration> known = known_migrations();
  std::map<int, std::string> done = co_await applied(connection);
  int count = 0;
  while (count < steps && !done.empty()) {
    const int version = done.rbegin()->first;
    const auto migration = std::find_if(known.begin(), known.end(),
                                        [version](const Migration& m) { return m.version == version; });
    if (migration == known.end()) {
      throw std::runtime_error("this binary does not know migration " + std::to_string(version));
    }
    std::string sql = "BEGIN;";
    sql += migration->down;
    sql += ";DELETE FROM app.schema_migrations WHERE version = " + std::to_string(version) + ";COMMIT";
    co_await connection.execute(std::move(sql), kTimeout);
    log::info("migration taken back", {{"version", version}, {"name", migration->name}});
    done.erase(version);
    ++count;
  }
  co_await connection.execute(kUnlock, kTimeout);
  co_return count;
}

}  // namespace openseer::store
