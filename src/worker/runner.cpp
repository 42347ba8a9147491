#include "worker/runner.h"

#include "domain/evidence.h"
#include "wire/evidence.h"

namespace openseer::worker {
namespace {

// A job that is earlier than this says that the clocks disagree: it runs at once.
constexpr Milliseconds kEarliest{1'000};
// A process that stood still for so long (stopped, suspended with its machine,
// starved) saw time-outs that were none.
constexpr Milliseconds kStall{500};
constexpr std::size_t kMostOrders = 16;

std::shared_ptr<const domain::MonitorSpec> spec_of(const Runner::Spec& plan) { return {plan, &plan->spec}; }

}  // namespace

Runner::Runner(std::size_t concurrency, const RemoteClock& server, Now now, Start start, Finished finished,
               Stalled stalled)
    : concurrency_(concurrency),
      server_(server),
      now_(std::move(now)),
      start_(std::move(start)),
      finished_(std::move(finished)),
      stalled_(std::move(stalled)) {}

void Runner::assign(const domain::Lease& lease, Spec spec, Microseconds lease_duration, bool want_evidence) {
  Run run;
  run.want_evidence = want_evidence;
  run.lease = lease;
  run.spec = std::move(spec);
  run.lease_duration = lease_duration;
  const Monotonic now = now_();
  run.lease_until = now + lease_duration;
  const Monotonic due = server_.known() ? server_.surely_at(lease.slot) : now;
  if (due > now && due - now <= kEarliest) {
    early_.emplace(due, std::move(run));
    return;
  }
  waiting_.push_back(std::move(run));
  start_waiting();
}

std::optional<Monotonic> Runner::next_start() const {
  if (early_.empty()) return std::nullopt;
  return early_.begin()->first;
}

void Runner::start_due() {
  const auto due = early_.upper_bound(now_());
  for (auto run = early_.begin(); run != due; run = early_.erase(run))
    waiting_.push_back(std::move(run->second));
  start_waiting();
}

void Runner::start_waiting() {
  while (!waiting_.empty() && running_.size() < concurrency_) {
    Run run = std::move(waiting_.front());
    waiting_.pop_front();
    const Monotonic now = now_();
    if (run.lost || now >= run.lease_until) {  // another worker's by now
      ++lost_;
      continue;
    }
    run.started_at = server_.at(now);
    run.stalled_before = stalled_();
    const Key id = key(run.lease);
    const Spec spec = run.spec;
    running_.insert_or_assign(id, std::move(run));
    start_(spec_of(spec),
           [this, id](domain::Measurement measurement) { complete(id, std::move(measurement)); });
  }
}

void Runner::complete(const Key& id, domain::Measurement measurement) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  const Run run = std::move(found->second);
  running_.erase(found);
  Kept kept = judge(*run.spec, std::move(measurement), run.started_at, run.want_evidence);
  domain::LeasedResult result{run.lease, std::move(kept.result), std::move(kept.evidence)};
  if (!run.lost && stalled_() - run.stalled_before >= kStall)
    suspects_.push_back(std::move(result));
  else
    finished_(std::move(result));
  start_waiting();
}

// The verdict, and what is kept of the details: nothing of an ok result unless it
// is wanted, and never what the monitor itself sends.
Runner::Kept Runner::judge(const Plan& plan, domain::Measurement measurement, Instant started_at,
                           bool want_evidence) {
  Kept kept{plan.judge(std::move(measurement), started_at), {}};
  domain::Measurement& found = kept.result.measurement;
  const domain::Redactor& redactor = plan.judge.redactor();
  domain::Details details = std::exchange(found.details, {});
  found.message = details.secrets.empty() ? redactor.redact(found.message)
                                          : redactor.with(details.secrets).redact(found.message);
  if (kept.result.outcome != domain::Outcome::kOk || want_evidence) {
    kept.evidence = wire::stored_evidence(
        wire::to_proto(domain::evidence(std::move(details), kept.result.outcome, redactor)));
  }
  return kept;
}

void Runner::run_order(std::int64_t order, Spec spec) {
  if (orders_running_ >= kMostOrders) {
    refuse_order(order, "the worker runs too many checks at once that people wait for");
    return;
  }
  ++orders_running_;
  const Instant started_at = server_.at(now_());
  start_(spec_of(spec),
         [this, order, spec, started_at, since = orders_since_](domain::Measurement measurement) {
           --orders_running_;
           if (since != orders_since_) return;
           Kept kept = judge(*spec, std::move(measurement), started_at, true);
           report({order, std::move(kept.result), std::move(kept.evidence)});
         });
}

void Runner::refuse_order(std::int64_t order, std::string why) {
  Report refused{order, {}, {}};
  refused.result.started_at = server_.at(now_());
  refused.result.measurement.reason = domain::Reason::kWorker;
  refused.result.measurement.message = std::move(why);
  report(std::move(refused));
}

void Runner::report(Report done) {
  reports_.push_back(std::move(done));
  if (reported_) reported_();
}

void Runner::forget_orders() {
  ++orders_since_;
  reports_.clear();
}

std::vector<domain::Lease> Runner::take_spoiled() { return std::exchange(spoiled_, {}); }

std::vector<domain::Lease> Runner::take_waiting() {
  std::vector<domain::Lease> leases;
  for (const Run& run : waiting_) leases.push_back(run.lease);
  for (const auto& [at, run] : early_) leases.push_back(run.lease);
  waiting_.clear();
  early_.clear();
  return leases;
}

bool Runner::is_aging(const Run& run, Monotonic now) const {
  return !run.lost && run.lease_until - now <= run.lease_duration / 2;
}

std::vector<domain::Lease> Runner::aging() const {
  const Monotonic now = now_();
  std::vector<domain::Lease> leases;
  for (const auto& [id, run] : running_) {
    if (is_aging(run, now)) leases.push_back(run.lease);
  }
  for (const Run& run : waiting_) {
    if (is_aging(run, now)) leases.push_back(run.lease);
  }
  for (const auto& [at, run] : early_) {
    if (is_aging(run, now)) leases.push_back(run.lease);
  }
  for (const domain::LeasedResult& suspect : suspects_) leases.push_back(suspect.lease);
  return leases;
}

void Runner::renewed(const std::vector<domain::Lease>& asked, const std::vector<domain::Lease>& extended,
                     Microseconds lease_duration) {
  std::map<Key, bool> kept;
  for (const domain::Lease& lease : asked) kept[key(lease)] = false;
  for (const domain::Lease& lease : extended) {
    const auto found = kept.find(key(lease));
    if (found != kept.end()) found->second = true;
  }
  const Monotonic until = now_() + lease_duration;
  const auto update = [&](Run& run) {
    const auto found = kept.find(key(run.lease));
    if (found == kept.end()) return;
    run.lost = !found->second;
    if (run.lost) return;
    run.lease_duration = lease_duration;
    run.lease_until = until;
  };
  for (auto& [id, run] : running_) update(run);
  for (Run& run : waiting_) update(run);
  for (auto& [at, run] : early_) update(run);
  // Of a lease that is gone the result is sent: the fence refuses and counts it.
  std::erase_if(suspects_, [&](domain::LeasedResult& suspect) {
    const auto found = kept.find(key(suspect.lease));
    if (found == kept.end()) return false;
    if (found->second)
      spoiled_.push_back(suspect.lease);
    else
      finished_(std::move(suspect));
    return true;
  });
}

}  // namespace openseer::worker
