#include "domain/monitor.h"

#include <algorithm>

#include "domain/url.h"

namespace openseer::domain {
namespace {

void trim(std::string& text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string::npos) {
    text.clear();
    return;
  }
  const std::size_t end = text.find_last_not_of(kBlank);
  text = text.substr(begin, end - begin + 1);
}

const std::vector<StatusRange>& accepted(const MonitorSpec& spec) {
  static const std::vector<StatusRange> success{StatusRange{}};
  return spec.accepted_statuses.empty() ? success : spec.accepted_statuses;
}

bool accepts(const MonitorSpec& spec, int status) {
  return std::ranges::any_of(accepted(spec),
                             [&](const StatusRange& r) { return status >= r.first && status <= r.last; });
}

// "expected 200-299 or 304, got 503"
std::string status_message(const MonitorSpec& spec, int status) {
  std::string message = "expected ";
  const std::vector<StatusRange>& ranges = accepted(spec);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (i > 0) message += i + 1 == ranges.size() ? " or " : ", ";
    message += std::to_string(ranges[i].first);
    if (ranges[i].last != ranges[i].first) message += "-" + std::to_string(ranges[i].last);
  }
  return message + ", got " + std::to_string(status);
}

}  // namespace

void complete(MonitorSpec& spec) {
  trim(spec.url);
  trim(spec.name);
  if (spec.name.empty()) spec.name = host_of(spec.url).substr(0, 200);
  if (spec.regions.empty()) spec.regions.emplace_back(kGlobalRegion);
  std::ranges::sort(spec.regions);
  const auto repeated = std::ranges::unique(spec.regions);
  spec.regions.erase(repeated.begin(), repeated.end());
}

CheckResult judge(const MonitorSpec& spec, Measurement measurement, Instant started_at) {
  CheckResult result{started_at, Outcome::kFailed, std::move(measurement)};
  Measurement& found = result.measurement;
  if (found.reason != Reason::kNone) return result;
  if (!accepts(spec, found.http_status)) {
    found.reason = Reason::kStatus;
    found.message = status_message(spec, found.http_status);
    return result;
  }
  result.outcome = Outcome::kOk;
  found.message.clear();
  return result;
}

}  // namespace openseer::domain
