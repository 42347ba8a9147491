#include "worker/conversation.h"

#include "base/log.h"
#include "domain/evidence.h"
#include "wire/evidence.h"
#include "wire/id.h"
#include "wire/lease.h"
#include "wire/monitor.h"
#include "wire/result.h"
#include "wire/time.h"

namespace openseer::worker {
namespace {

constexpr std::size_t kWindow = 8;  // batches under way
constexpr std::size_t kMostResults = 500;
constexpr Seconds kPing{10};
constexpr Seconds kRenewalAnswer{5};
constexpr Milliseconds kCapacityPause{200};

bool wants_evidence(const domain::LeasedJob& job, const domain::MonitorSpec& spec) {
  return job.want_evidence || domain::wants_evidence(job.monitor_id, job.lease.slot, spec.interval);
}

v1::ConnectRequest as_message(const Spool::Batch& batch) {
  v1::ConnectRequest message;
  message.mutable_results()->set_batch(batch.number);
  for (const domain::LeasedResult& result : batch.results)
    *message.mutable_results()->add_results() = wire::to_proto(result);
  return message;
}

}  // namespace

Conversation::Conversation(Runner& runner, Spool& spool, RemoteClock& server, Monotonic now)
    : runner_(runner), spool_(spool), server_(server), opened_(now), last_heard_(now), ping_at_(now) {
  // Nobody waits for those of an earlier stream.
  runner_.forget_orders();
}

v1::ConnectRequest Conversation::opening(const std::string& version) {
  v1::ConnectRequest message;
  message.mutable_register_()->set_version(version);
  return message;
}

std::optional<std::string> Conversation::receive(const v1::ConnectResponse& message, Monotonic now) {
  using Response = v1::ConnectResponse;
  last_heard_ = now;
  if (!registered_ && message.message_case() != Response::kRegistered)
    return "the control plane spoke before it registered this worker";
  switch (message.message_case()) {
    case Response::kRegistered: {
      const auto time = wire::from_proto(message.registered().server_time());
      if (!time) return "the control plane's time is out of range";
      server_.observe(*time, opened_, now);
      // That round trip had a TLS handshake in it: a ping tells the time better.
      ping_at_ = now - kPing;
      region_ = message.registered().region();
      registered_ = true;
      return std::nullopt;
    }
    case Response::kJobs:
      return on_jobs(message.jobs());
    case Response::kAcks:
      return on_acks(message.acks());
    case Response::kRenewalAck:
      return on_renewal(message.renewal_ack());
    case Response::kPong:
      if (const auto time = wire::from_proto(message.pong().server_time());
          time && message.pong().nonce() == ping_)
        server_.observe(*time, ping_at_, now);
      return std::nullopt;
    case Response::kCertificate:
      certificate_ = message.certificate();
      return std::nullopt;
    case Response::kDrain:
      told_to_leave_ = true;
      return std::nullopt;
    case Response::kCheckOrder:
      on_order(message.check_order());
      return std::nullopt;
    // A newer control plane may say more.
    case Response::MESSAGE_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> Conversation::on_specs(const v1::JobBatch& batch) {
  if (batch.forget_specs()) specs_.clear();
  for (const v1::JobSpec& proto : batch.specs()) {
    const auto monitor = wire::parse_id(proto.monitor_id());
    if (!monitor) return "a specification without a monitor";
    Result<domain::MonitorSpec> spec = wire::from_proto(proto.spec(), "");
    if (!spec) {
      log::error("specification not understood",
                 {{"monitor", proto.monitor_id()}, {"reason", spec.error().message}});
    }
    specs_[*monitor] = {proto.spec_version(),
                        spec ? std::make_shared<const Plan>(std::move(*spec)) : Runner::Spec()};
  }
  return std::nullopt;
}

std::optional<std::string> Conversation::on_jobs(const v1::JobBatch& batch) {
  if (auto problem = on_specs(batch)) return problem;
  received_ += static_cast<std::uint64_t>(batch.jobs_size());
  for (const v1::Job& proto : batch.jobs()) {
    const Result<domain::LeasedJob> job = wire::from_proto(proto);
    const auto duration = wire::from_proto(proto.lease_duration());
    if (!job || !duration || *duration <= Microseconds{0}) return "a job without a lease";
    if (!asking_) {
      returns_.push_back(job->lease);
      continue;
    }
    const auto known = specs_.find(job->monitor_id);
    if (known == specs_.end() || known->second.version != job->spec_version)
      return "a job without its specification";
    if (log::enabled(log::Level::kDebug)) {
      log::debug("job leased", {{"job", job->lease.job_id},
                                {"fence", job->lease.fence},
                                {"slot_us", job->lease.slot.time_since_epoch().count()}});
    }
    if (known->second.spec)
      runner_.assign(job->lease, known->second.spec, *duration,
                     wants_evidence(*job, known->second.spec->spec));
    else
      cannot_run(job->lease, last_heard_);
  }
  return std::nullopt;
}

void Conversation::on_order(const v1::CheckOrder& order) {
  Result<domain::MonitorSpec> spec = wire::from_proto(order.spec(), "");
  if (spec)
    runner_.run_order(order.order(), std::make_shared<const Plan>(std::move(*spec)));
  else
    runner_.refuse_order(order.order(), "the worker is too old for this check's settings");
}

// Given back, the job would come again at once and for ever: it fails instead.
void Conversation::cannot_run(const domain::Lease& lease, Monotonic now) {
  domain::LeasedResult failed;
  failed.lease = lease;
  failed.result.started_at = server_.at(now);
  failed.result.outcome = domain::Outcome::kFailed;
  failed.result.measurement.reason = domain::Reason::kWorker;
  failed.result.measurement.message = "the worker is too old for this monitor's settings";
  spool_.add(std::move(failed));
}

std::optional<std::string> Conversation::on_acks(const v1::ResultAcks& acks) {
  std::vector<domain::Acceptance> acceptances;
  for (const int number : acks.acceptances()) {
    const auto acceptance = wire::from_proto(static_cast<v1::Acceptance>(number));
    if (!acceptance) return "an acknowledgement without a verdict";
    acceptances.push_back(*acceptance);
  }
  if (!spool_.acknowledge(acks.batch(), acceptances))
    return "an acknowledgement of another size than its batch";
  return std::nullopt;
}

std::optional<std::string> Conversation::on_renewal(const v1::LeaseRenewalAck& ack) {
  const auto duration = wire::from_proto(ack.lease_duration());
  if (!duration || *duration <= Microseconds{0}) return "a renewal without a duration";
  std::vector<domain::Lease> extended;
  for (const v1::Lease& proto : ack.leases()) {
    const Result<domain::Lease> lease = wire::from_proto(proto);
    if (!lease) return "a renewal without a lease";
    extended.push_back(*lease);
  }
  // While two are open nobody can tell which one this answers: then only what it
  // names is known.
  runner_.renewed(renewals_open_ == 1 ? renewal_ : extended, extended, *duration);
  renewals_open_ = std::max(0, renewals_open_ - 1);
  renewal_.clear();
  return std::nullopt;
}

std::vector<v1::ConnectRequest> Conversation::speak(Monotonic now) {
  std::vector<v1::ConnectRequest> out;
  if (!registered_) return out;
  for (const domain::Lease& lease : runner_.take_spoiled()) returns_.push_back(lease);
  if (!returns_.empty()) {
    v1::ConnectRequest message;
    for (const domain::Lease& lease : returns_)
      *message.mutable_job_return()->add_leases() = wire::to_proto(lease);
    returns_.clear();
    out.push_back(std::move(message));
  }
  say_results(out);
  say_reports(out);
  say_renewal(out, now);
  if (certificate_request_) {
    v1::ConnectRequest message;
    message.mutable_certificate_request()->set_certificate_request_pem(*certificate_request_);
    certificate_request_.reset();
    out.push_back(std::move(message));
  }
  if (now - ping_at_ >= kPing) {
    ping_at_ = now;
    v1::ConnectRequest message;
    message.mutable_ping()->set_nonce(++ping_);
    message.mutable_ping()->set_in_flight(static_cast<std::uint32_t>(runner_.load()));
    out.push_back(std::move(message));
  }
  say_capacity(out, now);
  return out;
}

void Conversation::say_results(std::vector<v1::ConnectRequest>& out) {
  while (spool_.batches_under_way() < kWindow) {
    const auto batch = spool_.next_batch(kMostResults);
    if (!batch) return;
    out.push_back(as_message(*batch));
  }
}

void Conversation::say_reports(std::vector<v1::ConnectRequest>& out) {
  for (const Runner::Report& report : runner_.take_reports()) {
    v1::ConnectRequest message;
    v1::CheckReport& proto = *message.mutable_check_report();
    proto.set_order(report.order);
    *proto.mutable_result() = wire::to_proto(report.result);
    if (!report.evidence.empty()) *proto.mutable_evidence() = wire::read_evidence(report.evidence);
    out.push_back(std::move(message));
  }
}

void Conversation::say_renewal(std::vector<v1::ConnectRequest>& out, Monotonic now) {
  if (!renewal_.empty() && now - renewal_at_ < kRenewalAnswer) return;
  renewal_ = runner_.aging();
  renewal_at_ = now;
  if (renewal_.empty()) return;
  ++renewals_open_;
  v1::ConnectRequest message;
  for (const domain::Lease& lease : renewal_)
    *message.mutable_renewal()->add_leases() = wire::to_proto(lease);
  out.push_back(std::move(message));
}

// Jobs that would find a place now, and room for their results.
std::uint64_t Conversation::capacity() const {
  if (!asking_ || told_to_leave_) return 0;
  const std::size_t places = std::min(runner_.concurrency(), spool_.room());
  return places - std::min(places, runner_.load());
}

void Conversation::say_capacity(std::vector<v1::ConnectRequest>& out, Monotonic now) {
  const std::uint64_t wanted = capacity();
  const std::uint64_t since = received_ - received_then_;
  const std::uint64_t open = announced_ - std::min(announced_, since);
  if (wanted == open) return;
  // A few more places are not worth a message each; fewer, or the first ones, are.
  const bool few_more = wanted > open && open > 0 && wanted - open < runner_.concurrency() / 20 + 1;
  if (few_more && now - announced_at_ < kCapacityPause) return;
  announced_ = wanted;
  received_then_ = received_;
  announced_at_ = now;
  v1::ConnectRequest message;
  message.mutable_job_request()->set_capacity(static_cast<std::uint32_t>(wanted));
  message.mutable_job_request()->set_received(received_);
  out.push_back(std::move(message));
}

void Conversation::stop_asking() {
  asking_ = false;
  const std::vector<domain::Lease> waiting = runner_.take_waiting();
  returns_.insert(returns_.end(), waiting.begin(), waiting.end());
}

std::optional<v1::Certificate> Conversation::take_certificate() { return std::exchange(certificate_, {}); }

}  // namespace openseer::worker
