// migrate up|down|status and token create: each opens the database, does one
// thing and ends.
#include <iostream>
#include <stdexcept>

#include <boost/asio/io_context.hpp>

#include "app/commands.h"
#include "app/enrollment.h"
#include "app/log_options.h"
#include "app/run_task.h"
#include "app/secret_key.h"
#include "base/options.h"
#include "pg/connection.h"
#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/migrations.h"

namespace openseer::app {
namespace {

namespace asio = boost::asio;
constexpr Seconds kConnectTime{10};

struct DatabaseOptions {
  std::string url;
  LogOptions log;
};

std::vector<options::Option> database_options(DatabaseOptions& into) {
  std::vector<options::Option> table{options::required(
      options::secret({"database-url", "DATABASE_URL", "URL", "",
                       "The PostgreSQL 15+ to use, such as postgresql://user:password@host/database.",
                       options::text(into.url)}))};
  for (options::Option& option : log_options(into.log)) table.push_back(std::move(option));
  return table;
}

std::optional<int> read(const options::Command& command, const Arguments& arguments) {
  return options::read(command, arguments, options::process_environment(), std::cout, std::cerr);
}

asio::awaitable<std::unique_ptr<pg::Connection>> connect(asio::any_io_executor executor, std::string url) {
  try {
    co_return co_await pg::Connection::open(executor, std::move(url), kConnectTime);
  } catch (const pg::Unavailable& error) {
    throw std::runtime_error(std::string("the database cannot be reached: ") + error.what());
  }
}

asio::awaitable<int> migrate_up(asio::any_io_executor executor, std::string url) {
  const auto connection = co_await connect(executor, std::move(url));
  const int applied = co_await store::migrate_up(*connection);
  const store::SchemaStatus status = co_await store::schema_status(*connection);
  std::cout << (applied == 0 ? "nothing to apply" : std::to_string(applied) + " applied")
            << ": the schema has version " << status.current << '\n';
  co_return 0;
}

asio::awaitable<int> migrate_down(asio::any_io_executor executor, std::string url, int steps) {
  const auto connection = co_await connect(executor, std::move(url));
  const int undone = co_await store::migrate_down(*connection, steps);
  const store::SchemaStatus status = co_await store::schema_status(*connection);
  std::cout << undone << " taken back: the schema has version " << status.current << '\n';
  co_return 0;
}

asio::awaitable<int> show_status(asio::any_io_executor executor, std::string url) {
  const auto connection = co_await connect(executor, std::move(url));
  const store::SchemaStatus status = co_await store::schema_status(*connection);
  for (const store::MigrationStatus& migration : status.migrations) {
    const std::string number = std::to_string(migration.version);
    std::cout << std::string(4 - std::min<std::size_t>(4, number.size()), '0') << number << ' '
              << (migration.applied ? "applied  " : "missing  ") << migration.name << '\n';
  }
  if (status.current > status.latest) {
    std::cout << "the schema has version " << status.current << ", newer than this binary's " << status.latest
              << '\n';
  }
  co_return 0;
}

struct TokenOptions {
  DatabaseOptions database;
  SecretKey key;
  std::string region;
  int uses = 1;
  Seconds lifetime{3600};
};

asio::awaitable<int> create_token(asio::any_io_executor executor, const TokenOptions& o) {
  pg::Pool pool(executor, {.conninfo = o.database.url, .connections = 1});
  const std::string token =
      co_await make_enrollment_token(pool, pki::SecretBox::from_hex(o.key.hex), o.region, o.uses, o.lifetime);
  std::cout << token << '\n';
  std::cerr << "\nrun this where the worker shall be, with the control plane's address:\n\n"
               "  OPENSEER_ENROLL_TOKEN="
            << token << " openseer worker --server https://CONTROL-PLANE:8082\n\n"
            << "It lets " << o.uses << (o.uses == 1 ? " worker" : " workers") << " into region " << o.region
            << " and is good for " << options::format_duration(o.lifetime) << ". It is not shown again.\n";
  co_return 0;
}

}  // namespace

int migrate_up_command(const Arguments& arguments) {
  DatabaseOptions o;
  const options::Command command{
      "openseer migrate up",
      "Brings the database's schema to this binary's version. Safe to repeat, and to run "
      "from several machines at once.",
      database_options(o)};
  if (const auto exit = read(command, arguments)) return *exit;
  start_log(o.log, "migrate");
  asio::io_context context;
  return run_task(context, migrate_up(context.get_executor(), o.url));
}

int migrate_down_command(const Arguments& arguments) {
  DatabaseOptions o;
  int steps = 1;
  options::Command command{"openseer migrate down",
                           "Takes the newest migrations back. THE DATA IN THEIR TABLES IS LOST.",
                           database_options(o)};
  command.options.push_back(
      {"steps", "", "N", "1", "How many migrations.", options::integer(steps, 1, 9999)});
  if (const auto exit = read(command, arguments)) return *exit;
  start_log(o.log, "migrate");
  asio::io_context context;
  return run_task(context, migrate_down(context.get_executor(), o.url, steps));
}

int migrate_status_command(const Arguments& arguments) {
  DatabaseOptions o;
  const options::Command command{"openseer migrate status",
                                 "Lists the migrations and whether each is applied.", database_options(o)};
  if (const auto exit = read(command, arguments)) return *exit;
  start_log(o.log, "migrate");
  asio::io_context context;
  return run_task(context, show_status(context.get_executor(), o.url));
}

int token_create_command(const Arguments& arguments) {
  TokenOptions o;
  options::Command command{
      "openseer token create",
      "Makes a token that lets workers enrol in a region, and prints it: the only time it is "
      "shown. The database keeps its hash.",
      database_options(o.database)};
  for (options::Option& option : secret_key_options(o.key)) command.options.push_back(std::move(option));
  command.options.push_back(
      options::required({"region", "", "NAME", "",
                         "The region its workers belong to; made when it is new. 1 to 63 of "
                         "a-z, 0-9 and \"-\", starting with a letter.",
                         region_name(o.region)}));
  command.options.push_back(
      {"uses", "", "N", "1", "How many workers it lets in.", options::integer(o.uses, 1, 1000)});
  command.options.push_back(
      {"lifetime", "", "TIME", "1h", "How long it is good.",
       options::duration(o.lifetime, std::chrono::minutes{1}, std::chrono::hours{24 * 30})});
  if (const auto exit = read(command, arguments)) return *exit;
  if (const auto exit = require(o.key, command.name)) return *exit;
  start_log(o.database.log, "token");
  asio::io_context context;
  return run_task(context, create_token(context.get_executor(), o));
}

}  // namespace openseer::app
