#include <iostream>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/commands.h"
#include "app/data_directory.h"
#include "app/log_options.h"
#include "app/run_task.h"
#include "base/options.h"
#include "base/shutdown.h"
#include "pg/private_cluster.h"

namespace openseer::app {
namespace {

namespace asio = boost::asio;

asio::awaitable<int> serve(asio::any_io_executor executor, const DataDirectory& data) {
  pg::PrivateCluster cluster(executor, data.postgres());
  bool stopping = false;
  Shutdown shutdown(executor, [&stopping] { stopping = true; });
  co_await cluster.start();
  data.write("database-url", cluster.database_url() + "\n", 0600);
  log::info("PostgreSQL is ready", {{"url_file", (data.path() / "database-url").string()}});
  int code = 0;
  while (!stopping) {
    if (const std::optional<ExitStatus> ended = co_await cluster.wait(Milliseconds{100})) {
      log::error("PostgreSQL has ended", {{"how", ended->text()}});
      code = 1;
      break;
    }
  }
  data.remove("database-url");
  co_await cluster.stop(Seconds{30});
  co_return code;
}

}  // namespace

int postgres_command(const Arguments& arguments) {
  std::string directory;
  LogOptions log;
  options::Command command{
      "openseer postgres",
      "Runs the private PostgreSQL of a data directory alone, in the foreground, and writes its "
      "address to DIR/database-url.",
      {{"data-dir", "OPENSEER_DATA_DIR", "DIR", "data", "Where it is kept.", options::text(directory)}}};
  for (options::Option& option : log_options(log)) command.options.push_back(std::move(option));
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr)) {
    return *exit;
  }
  start_log(log, "postgres");
  const DataDirectory data(directory);
  const DirectoryLock lock(data, "postgres.lock");
  asio::io_context context;
  return run_task(context, serve(context.get_executor(), data));
}

}  // namespace openseer::app
