#include "app/up_options.h"

#include <iostream>

namespace openseer::app {
namespace {

// Remembers the value, once it is found good, for the control plane's process.
options::Option forwarded(options::Option option, std::map<std::string, std::string>& variables) {
  option.parse = [parse = option.parse, variable = option.variable,
                  &variables](std::string_view value) -> std::optional<std::string> {
    std::optional<std::string> problem = parse(value);
    if (!problem) variables[variable] = value;
    return problem;
  };
  return option;
}

}  // namespace

std::optional<int> read_up_options(UpOptions& into, const Arguments& arguments) {
  options::Command command{
      "openseer up",
      "Runs everything on this machine: a private PostgreSQL unless DATABASE_URL is set, the control plane "
      "with the web "
      "UI, and local workers in the region \"local\". Variables of openseer worker, such as "
      "OPENSEER_CONCURRENCY, "
      "apply to these.",
      {{"data-dir", "OPENSEER_DATA_DIR", "DIR", "data", "Where everything is kept.",
        options::text(into.data_directory)},
       options::secret({"database-url", "DATABASE_URL", "URL", "",
                        "A PostgreSQL 15+ to use instead of a private one.",
                        options::optional_text(into.database_url)}),
       {"workers", "OPENSEER_WORKERS", "N", "1",
        "Local workers to run; a number in DIR/workers, read again at SIGHUP, comes first.",
        options::integer(into.workers, 0, kMostWorkers)}}};
  for (options::Option& option : common_options(into.plane, "127.0.0.1")) {
    command.options.push_back(forwarded(std::move(option), into.plane_variables));
  }
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr)) {
    return exit;
  }
  return require(into.plane.access, command.name);
}

}  // namespace openseer::app
