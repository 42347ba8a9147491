// user list and user reset-password: what the operator does for people who cannot
// get in.
#include <ctime>
#include <iostream>
#include <stdexcept>

#include <boost/asio/io_context.hpp>

#include "app/access_options.h"
#include "app/commands.h"
#include "app/log_options.h"
#include "app/run_task.h"
#include "base/options.h"
#include "control/api/password_reset.h"
#include "pg/error.h"
#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/password_resets.h"
#include "store/second_factor.h"

namespace openseer::app {
namespace {

namespace asio = boost::asio;
constexpr std::size_t kPage = 500;
constexpr std::size_t kTokenBytes = 32;

struct UserOptions {
  std::string database_url;
  LogOptions log;
};

std::vector<options::Option> common_options(UserOptions& into) {
  std::vector<options::Option> table{options::required(
      options::secret({"database-url", "DATABASE_URL", "URL", "",
                       "The database; that of openseer up is in the file database-url of its data directory.",
                       options::text(into.database_url)}))};
  for (options::Option& option : log_options(into.log)) table.push_back(std::move(option));
  return table;
}

std::string day(Instant instant) {
  const std::time_t time = std::chrono::system_clock::to_time_t(instant);
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[16] = "";
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

// One line each: e-mail, since when, what is special; made for people and for cut.
asio::awaitable<int> list(asio::any_io_executor executor, std::string url) {
  pg::Pool pool(executor, {.conninfo = std::move(url), .connections = 1});
  std::string after;
  while (true) {
    const std::vector<store::User> users = co_await store::list_users(pool, after, kPage);
    for (const store::User& user : users) {
      std::cout << user.email << '\t' << day(user.created_at) << '\t'
                << (user.instance_owner ? "owner of the instance" : "user")
                << (user.two_factor ? ", two-factor" : "") << '\n';
    }
    if (users.size() < kPage) co_return 0;
    after = users.back().email;
  }
}

struct ResetOptions {
  UserOptions common;
  std::string email;
  AccessOptions access;
  bool disable_two_factor = false;
};

asio::awaitable<int> reset_password(asio::any_io_executor executor, const ResetOptions& o) {
  pg::Pool pool(executor, {.conninfo = o.common.database_url, .connections = 1});
  store::Actor by;
  by.name = "openseer user reset-password";
  const std::string token = pki::random_hex(kTokenBytes);
  const std::optional<store::User> user =
      co_await store::create_password_reset(pool, o.email, pki::sha256(token), by);
  if (!user) throw std::runtime_error("no account has the e-mail " + o.email);
  if (o.disable_two_factor) {
    const bool disabled = co_await store::disable_second_factor(pool, user->id, {}, by);
    std::cerr << (disabled ? "two-factor sign-in is off now\n" : "two-factor sign-in was not on\n");
  }
  std::cout << control::password_reset_url(o.access.public_url, token) << '\n';
  std::cerr << "\nGive this link to " << user->email
            << ". It sets a new password, once, within an hour, and ends all their sessions.\n";
  co_return 0;
}

template <class Task>
int run(asio::io_context& context, Task task) {
  try {
    return run_task(context, std::move(task));
  } catch (const pg::Unavailable& error) {
    throw std::runtime_error(std::string("the database cannot be reached: ") + error.what());
  }
}

}  // namespace

int user_list_command(const Arguments& arguments) {
  UserOptions o;
  const options::Command command{"openseer user list", "Lists the accounts, a line each.", common_options(o)};
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr))
    return *exit;
  start_log(o.log, "user");
  asio::io_context context;
  return run(context, list(context.get_executor(), o.database_url));
}

int user_reset_password_command(const Arguments& arguments) {
  ResetOptions o;
  o.access.public_url = "http://localhost:3000";
  options::Command command{"openseer user reset-password",
                           "Prints a link with which the user of an e-mail sets a new password, once, within "
                           "an hour.",
                           common_options(o.common)};
  command.argument = options::Option{"email", "", "EMAIL", "", "Whose password.", options::text(o.email)};
  for (options::Option& option : access_options(o.access)) {
    if (option.name != "public-url") continue;
    option.fallback = o.access.public_url;
    option.help = "Where people reach the web UI: the link begins with it.";
    command.options.push_back(std::move(option));
  }
  command.options.push_back(
      {"disable-two-factor", "", "", "",
       "Turns two-factor sign-in off, too: for who has lost the app and the recovery codes.",
       options::flag(o.disable_two_factor)});
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr))
    return *exit;
  start_log(o.common.log, "user");
  asio::io_context context;
  return run(context, reset_password(context.get_executor(), o));
}

}  // namespace openseer::app
