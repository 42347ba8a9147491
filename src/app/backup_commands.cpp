// backup FILE and restore FILE.
#include <iostream>

#include <boost/asio/io_context.hpp>

#include "app/backup.h"
#include "app/commands.h"
#include "app/log_options.h"
#include "app/run_task.h"
#include "base/options.h"

namespace openseer::app {
namespace {

struct BackupOptions {
  std::string file;
  std::string data_directory;
  LogOptions log;
};

// Nothing: go on. The file is the first word, or the last.
std::optional<int> read(std::string name, std::string summary, Arguments arguments, BackupOptions& o) {
  options::Command command{"openseer " + name + " FILE",
                           std::move(summary),
                           {{"data-dir", "OPENSEER_DATA_DIR", "DIR", "data",
                             "The data directory of `openseer up`.", options::text(o.data_directory)}}};
  for (options::Option& option : log_options(o.log)) command.options.push_back(std::move(option));
  const auto take = [&](Arguments::iterator at) {
    o.file = *at;
    arguments.erase(at);
  };
  if (!arguments.empty() && !arguments.front().starts_with("-"))
    take(arguments.begin());
  else if (arguments.size() % 2 == 1 && !arguments.back().starts_with("-"))
    take(arguments.end() - 1);
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr))
    return exit;
  if (!o.file.empty()) return std::nullopt;
  std::cerr << "openseer " << name << ": name the backup's file (see openseer " << name << " --help)\n";
  return 2;
}

asio::awaitable<int> backup(asio::any_io_executor executor, BackupOptions o) {
  co_await make_backup(executor, o.data_directory, o.file);
  std::cout << "written: " << o.file << "\nIt holds everything, the secret key too: keep it as safe as "
            << o.data_directory << ".\n";
  co_return 0;
}

asio::awaitable<int> restore(asio::any_io_executor executor, BackupOptions o) {
  co_await restore_backup(executor, o.data_directory, o.file);
  std::cout << "restored: openseer up --data-dir " << o.data_directory << '\n';
  co_return 0;
}

}  // namespace

int backup_command(const Arguments& arguments) {
  BackupOptions o;
  const auto exit =
      read("backup",
           "Writes a backup of the private PostgreSQL and the secret key into one file that only "
           "its owner may read. OpenSeer may run meanwhile.",
           arguments, o);
  if (exit) return *exit;
  start_log(o.log, "backup");
  asio::io_context context;
  return run_task(context, backup(context.get_executor(), o));
}

int restore_command(const Arguments& arguments) {
  BackupOptions o;
  const auto exit =
      read("restore",
           "Makes a data directory from a backup. The directory must be new or empty; it needs the "
           "same major version of PostgreSQL.",
           arguments, o);
  if (exit) return *exit;
  start_log(o.log, "restore");
  asio::io_context context;
  return run_task(context, restore(context.get_executor(), o));
}

}  // namespace openseer::app
