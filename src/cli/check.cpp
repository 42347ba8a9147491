#include "cli/check.h"

#include <cstdlib>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <google/protobuf/util/json_util.h>

#include "cli/check_options.h"
#include "cli/check_report.h"
#include "domain/evidence.h"
#include "openseer/v1/metrics_service.pb.h"
#include "probe/probe.h"
#include "wire/evidence.h"
#include "wire/result.h"

namespace openseer::cli {
namespace {

namespace asio = boost::asio;

Instant now() { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

bool speaks_utf8(const options::Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::optional<std::string> value = environment(name);
    if (!value || value->empty()) continue;
    return value->find("UTF-8") != std::string::npos || value->find("utf8") != std::string::npos;
  }
  return false;
}

Style style_of(const CheckOptions& o, const options::Environment& environment) {
  Style style;
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  style.color = o.color == Color::kAlways || (o.color == Color::kAuto && terminal);
  style.unicode = speaks_utf8(environment);
  style.show_headers = o.show_headers;
  winsize size{};
  if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  return style;
}

// One JSON object on a line: what GetResult answers, in the proto's own JSON.
std::string json(const domain::MonitorSpec& spec, const domain::CheckResult& result) {
  v1::GetResultResponse answer;
  *answer.mutable_result() = wire::to_proto(result);
  *answer.mutable_evidence() =
      wire::to_proto(domain::evidence(result.measurement.details, result.outcome, domain::Redactor(spec)));
  std::string out;
  const auto written = google::protobuf::util::MessageToJsonString(answer, &out);
  if (!written.ok()) throw std::runtime_error(written.ToString());
  return out;
}

// Runs the checks one after another on the loop of its own.
class Checks {
 public:
  Checks(const CheckOptions& options, const Style& style)
      : options_(options), style_(style), prober_(loop_.get_executor(), probe_options()) {}

  int run() {
    asio::signal_set interrupted(loop_, SIGINT, SIGTERM);
    interrupted.async_wait([this](const boost::system::error_code& error, int) {
      if (!error) loop_.stop();
    });
    begin();
    loop_.run();
    if (options_.repeats > 1 && !options_.json && !options_.quiet) std::cout << summary(results_, style_);
    std::cout << std::flush;
    const bool failed = std::ranges::any_of(
        results_, [](const auto& result) { return result.outcome == domain::Outcome::kFailed; });
    return failed || results_.empty() ? 1 : 0;
  }

 private:
  static probe::Options probe_options() {
    probe::Options options;
    options.egress.allow_private = true;  // it is the user's own machine
    options.user_agent = "OpenSeer/" OPENSEER_VERSION;
    return options;
  }

  void begin() {
    const Instant started_at = now();
    prober_.start(options_.spec, [this, started_at](domain::Measurement measurement) {
      ended(domain::judge(options_.spec, std::move(measurement), started_at));
    });
  }

  void ended(domain::CheckResult result) {
    show(result);
    result.measurement.details = {};  // the summary needs the times alone
    results_.push_back(std::move(result));
    if (results_.size() == static_cast<std::size_t>(options_.repeats)) return loop_.stop();
    pause_.expires_after(options_.pause);
    pause_.async_wait([this](const boost::system::error_code& error) {
      if (!error) begin();
    });
  }

  void show(const domain::CheckResult& result) {
    if (options_.quiet) return;
    if (options_.json)
      std::cout << json(options_.spec, result) << '\n';
    else if (options_.repeats == 1)
      std::cout << report(options_.spec, result, now(), style_);
    else
      std::cout << line(static_cast<int>(results_.size()) + 1, result, style_);
    std::cout << std::flush;
  }

  const CheckOptions& options_;
  const Style style_;
  asio::io_context loop_{1};
  asio::steady_timer pause_{loop_};
  probe::Prober prober_;
  std::vector<domain::CheckResult> results_;
};

}  // namespace

int check(const std::vector<std::string>& arguments) {
  const options::Environment environment = options::process_environment();
  CheckOptions options;
  if (const auto exit = read_check_options(arguments, environment, std::cout, std::cerr, options))
    return *exit;
  return Checks(options, style_of(options, environment)).run();
}

}  // namespace openseer::cli
