#include <iostream>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "app/commands.h"
#include "app/log_options.h"
#include "base/options.h"
#include "base/shutdown.h"
#include "worker/worker.h"

namespace openseer::app {
namespace {

options::Parser server_url(worker::WorkerOptions& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    worker::WorkerOptions candidate;
    candidate.server = value;
    if (worker::stream_address(candidate).empty())
      return "must be a URL such as https://openseer.example.com:8082";
    into.server = value;
    return std::nullopt;
  };
}

options::Parser host_and_port(std::string& into) {
  return [&into](std::string_view value) -> std::optional<std::string> {
    const std::size_t colon = value.rfind(':');
    std::uint16_t number = 0;
    if (colon == 0 || colon == std::string_view::npos || options::port(number)(value.substr(colon + 1))) {
      return "must be a host and a port, such as openseer.example.com:8081";
    }
    into = value;
    return std::nullopt;
  };
}

std::vector<options::Option> worker_options(worker::WorkerOptions& o) {
  return {
      {"server", "OPENSEER_SERVER", "URL", "https://localhost:8082",
       "The control plane's API, where it enrols.", server_url(o)},
      {"stream", "OPENSEER_STREAM_ADDRESS", "HOST:PORT", "",
       "The control plane's port for workers; the server's host and port 8081 unless given.",
       host_and_port(o.stream_address)},
      options::secret(
          {"enroll-token", "OPENSEER_ENROLL_TOKEN", "TOKEN", "",
           "Lets it in, at the first start only. Made by openseer token create or in the web UI. Rather "
           "the variable: a process's arguments are no secret.",
           options::text(o.token)}),
      {"name", "OPENSEER_WORKER_NAME", "NAME", "", "What people call it; the host's name unless given.",
       options::text(o.name)},
      {"state-dir", "OPENSEER_STATE_DIR", "DIR", "worker", "Where it keeps its key and certificate.",
       options::text(o.state_directory)},
      {"concurrency", "OPENSEER_CONCURRENCY", "N", "500", "Checks at once.",
       options::integer(o.concurrency, 1, 10'000)},
      {"allow-private", "OPENSEER_ALLOW_PRIVATE", "", "",
       "Checks may go to loopback and private addresses. Never to link-local and cloud metadata addresses.",
       options::flag(o.allow_private)},
      {"ca-file", "OPENSEER_CA_FILE", "FILE", "",
       "Certificates to trust in targets, instead of the system's.", options::text(o.ca_file)},
      {"loops", "OPENSEER_LOOPS", "N", "0", "Threads that run checks; 0: one for each core.",
       options::integer(o.loops, 0, 256)},
      {"verify-every-chain", "OPENSEER_VERIFY_EVERY_CHAIN", "", "",
       "Checks every signature of a target's certificates each time, also of those that were found good "
       "within the hour. "
       "Dates, names and the server's key are checked each time in any case.",
       options::flag(o.verify_every_chain)},
      {"spool", "OPENSEER_SPOOL", "N", "50000", "Results kept while the control plane cannot be reached.",
       options::integer<std::size_t>(o.spool_limit, 100, 10'000'000)},
  };
}

}  // namespace

int worker_command(const Arguments& arguments) {
  worker::WorkerOptions o;
  LogOptions log;
  options::Command command{
      "openseer worker",
      "Runs the checks of one region. It only makes connections, to the control plane and to the "
      "targets, and accepts none.",
      worker_options(o)};
  for (options::Option& option : log_options(log)) command.options.push_back(std::move(option));
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr)) {
    return *exit;
  }
  start_log(log, "worker");
  worker::Worker worker(std::move(o));
  // run() keeps this thread; signals arrive on their own.
  boost::asio::io_context signals(1);
  Shutdown shutdown(signals.get_executor(), [&worker] { worker.stop(); });
  std::thread listening([&signals] { signals.run(); });
  const int code = worker.run();
  signals.stop();
  listening.join();
  return code;
}

}  // namespace openseer::app
