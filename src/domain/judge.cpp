#include "domain/judge.h"

#include <algorithm>
#include <limits>

#include "domain/subject.h"

namespace openseer::domain {
namespace {

constexpr std::uint32_t kAcceptedStatuses = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Judge::Judge(const MonitorSpec& spec) : accepted_(spec.accepted_statuses), redactor_(spec) {
  any_status_ = accepted_.empty() && std::ranges::any_of(spec.assertions, [](const Assertion& assertion) {
                  return assertion.source == Source::kStatus;
                });
  if (accepted_.empty()) accepted_.emplace_back();
  assertions_.reserve(spec.assertions.size());
  for (const Assertion& assertion : spec.assertions) {
    // A fault that a newer control plane let pass breaks the assertion at every check.
    std::vector<AssertionFault> faults;
    assertions_.emplace_back(assertion, faults);
  }
}

bool Judge::accepts(int status) const {
  return any_status_ || std::ranges::any_of(accepted_, [status](const StatusRange& range) {
           return status >= range.first && status <= range.last;
         });
}

// "expected 200-299 or 304, got 503"
std::string Judge::status_message(int status) const {
  std::string message = "expected ";
  for (std::size_t i = 0; i < accepted_.size(); ++i) {
    if (i > 0) message += i + 1 == accepted_.size() ? " or " : ", ";
    message += std::to_string(accepted_[i].first);
    if (accepted_[i].last != accepted_[i].first) message += "-" + std::to_string(accepted_[i].last);
  }
  return message + ", got " + std::to_string(status);
}

CheckResult Judge::operator()(Measurement measurement, Instant started_at) const {
  CheckResult result{started_at, Outcome::kFailed, std::move(measurement)};
  Measurement& found = result.measurement;
  if (found.reason != Reason::kNone) return result;
  std::vector<AssertionFailure>& failures = found.details.failures;
  std::vector<Reason> reasons;  // of the failures
  if (!accepts(found.http_status)) {
    failures.push_back({kAcceptedStatuses, false, status_message(found.http_status)});
    reasons.push_back(Reason::kStatus);
  }
  if (!assertions_.empty()) {
    std::optional<Redactor> own;
    if (!found.details.secrets.empty()) own = redactor_.with(found.details.secrets);
    Subject subject(found, started_at, own ? *own : redactor_);
    for (std::size_t i = 0; i < assertions_.size(); ++i) {
      std::optional<std::string> message = assertions_[i].broken(subject);
      if (!message) continue;
      failures.push_back({static_cast<std::uint32_t>(i), assertions_[i].severity() == Severity::kDegraded,
                          std::move(*message)});
      reasons.push_back(assertions_[i].reason());
    }
  }
  found.message.clear();
  result.outcome = Outcome::kOk;
  if (failures.empty()) return result;
  const auto failed = std::ranges::find(failures, false, &AssertionFailure::degraded);
  const auto decisive = failed != failures.end() ? failed : failures.begin();
  result.outcome = decisive->degraded ? Outcome::kDegraded : Outcome::kFailed;
  found.reason = reasons[static_cast<std::size_t>(decisive - failures.begin())];
  found.message = decisive->message;
  return result;
}

CheckResult judge(const MonitorSpec& spec, Measurement measurement, Instant started_at) {
  return Judge(spec)(std::move(measurement), started_at);
}

}  // namespace openseer::domain
