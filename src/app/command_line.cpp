#include "app/command_line.h"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include <sys/prctl.h>

#include "app/commands.h"
#include "cli/check.h"

namespace openseer::app {
namespace {

struct Subcommand {
  std::string_view name;  // one or two words
  std::string_view summary;
  int (*run)(const Arguments&);
};

constexpr Subcommand kSubcommands[] = {
    {"check", "checks a URL once and shows where the time went", cli::check},
    {"up", "everything on one machine: private PostgreSQL, control plane, worker, web UI", up_command},
    {"control-plane", "the API, the web UI and the workers' port, on a PostgreSQL that is there",
     control_plane_command},
    {"worker", "runs checks in one region", worker_command},
    {"migrate up", "applies the missing migrations", migrate_up_command},
    {"migrate down", "takes the newest migrations and their data back", migrate_down_command},
    {"migrate status", "shows which migrations are applied", migrate_status_command},
    {"token create", "makes a token that lets a worker enrol", token_create_command},
    {"user list", "lists the accounts", user_list_command},
    {"user reset-password", "makes a link that sets a new password", user_reset_password_command},
    {"postgres", "only the private PostgreSQL of `openseer up`", postgres_command},
    {"backup", "writes everything that `openseer up` keeps into one file", backup_command},
    {"restore", "makes a data directory from a backup", restore_command},
};

std::string line(std::string_view name, std::string_view summary) {
  constexpr std::size_t kWidth = 21;
  return "  " + std::string(name) + std::string(kWidth - name.size(), ' ') + std::string(summary) + '\n';
}

std::string overview() {
  std::string out =
      "OpenSeer watches HTTP endpoints from one or many regions.\n\nusage: openseer SUBCOMMAND [options]\n\n";
  for (const Subcommand& subcommand : kSubcommands) {
    out += line(subcommand.name, subcommand.summary);
  }
  out += line("version", "shows the version") + line("help", "shows this") + '\n';
  return out + "openseer SUBCOMMAND --help shows the options of one.\n";
}

int run_subcommand(const Subcommand& subcommand, const Arguments& arguments) {
  try {
    return subcommand.run(arguments);
  } catch (const std::exception& error) {
    std::cerr << "openseer " << subcommand.name << ": " << error.what() << '\n';
    return 1;
  }
}

int refuse(const std::string& what) {
  std::cerr << "openseer: " << what << " (see openseer --help)\n";
  return 2;
}

}  // namespace

int run(int argc, char** argv) {
  // A peer that has gone is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  // `up` starts its parts from /proc/self/exe; ps shall not call them "exe".
  prctl(PR_SET_NAME, "openseer");
  // gRPC's own lines would break the log's format; what matters is logged by us.
  setenv("GRPC_VERBOSITY", "NONE", 0);
  Arguments words(argv + 1, argv + argc);
  if (words.empty()) {
    std::cerr << overview();
    return 2;
  }
  if (words[0] == "help" || words[0] == "--help" || words[0] == "-h") {
    std::cout << overview();
    return 0;
  }
  if (words[0] == "version" || words[0] == "--version") {
    std::cout << "openseer " OPENSEER_VERSION "\n";
    return 0;
  }
  std::string second;  // what may follow the first word
  for (const Subcommand& subcommand : kSubcommands) {
    const std::size_t space = subcommand.name.find(' ');
    if (words[0] != subcommand.name.substr(0, space)) continue;
    if (space == std::string_view::npos) return run_subcommand(subcommand, {words.begin() + 1, words.end()});
    const std::string_view verb = subcommand.name.substr(space + 1);
    if (words.size() > 1 && words[1] == verb)
      return run_subcommand(subcommand, {words.begin() + 2, words.end()});
    second += (second.empty() ? "" : ", ") + std::string(verb);
  }
  if (second.empty()) return refuse("unknown subcommand '" + words[0] + "'");
  if (words.size() > 1 && (words[1] == "--help" || words[1] == "-h")) {
    std::cout << overview();
    return 0;
  }
  return refuse(words[0] + " needs one of: " + second);
}

}  // namespace openseer::app
