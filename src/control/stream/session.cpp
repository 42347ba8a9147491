// The order of a stream: register, then anything. Requests that need the
// database run as tasks beside each other; while too many do, nothing more is
// read, so that a worker is held back by the stream's own flow control.
#include "control/stream/session.h"

#include <exception>
#include <limits>

#include <boost/asio/co_spawn.hpp>

#include "base/clock_offset.h"
#include "base/log.h"
#include "base/metrics.h"
#include "wire/lease.h"
#include "wire/result.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr std::size_t kMostTasks = 32;
constexpr int kMostResults = 5'000;
constexpr int kMostLeases = 20'000;
constexpr std::size_t kLongestVersion = 64;
constexpr Seconds kCertificatePause{60};
// A worker that runs something speaks when half of the lease has passed.
constexpr Milliseconds kSilence{700};

}  // namespace

Session::Session(asio::any_io_executor executor, SessionContext context, SessionOwner& owner,
                 std::shared_ptr<Stream> stream, std::int32_t worker_id, Instant certificate_expires_at)
    : executor_(std::move(executor)),
      context_(context),
      owner_(owner),
      stream_(std::move(stream)),
      worker_id_(worker_id),
      certificate_expires_at_(certificate_expires_at) {}

void Session::on_message(v1::ConnectRequest message) {
  reading_ = false;
  if (!open_) return;
  unheard_since_ = Monotonic::max();
  if (std::exchange(silent_, false)) offer_demand();
  dispatch(message);
  resume_reading();
}

void Session::dispatch(const v1::ConnectRequest& message) {
  using Request = v1::ConnectRequest;
  if (register_seen_ != (message.message_case() != Request::kRegister)) {
    violation(register_seen_ ? "a stream registers once" : "a stream begins with register");
    return;
  }
  switch (message.message_case()) {
    case Request::kRegister:
      on_register(message.register_());
      return;
    case Request::kJobRequest:
      on_job_request(message.job_request());
      return;
    case Request::kResults:
      on_results(message.results());
      return;
    case Request::kRenewal:
      on_renewal(message.renewal());
      return;
    case Request::kJobReturn:
      on_job_return(message.job_return());
      return;
    case Request::kPing:
      on_ping(message.ping());
      return;
    case Request::kCertificateRequest:
      on_certificate_request(message.certificate_request());
      return;
    case Request::kCheckReport:
      on_check_report(message.check_report());
      return;
    case Request::MESSAGE_NOT_SET:
      violation("an unknown message");
      return;
  }
}

void Session::on_register(const v1::Register& message) {
  register_seen_ = true;
  const bool printable = std::all_of(message.version().begin(), message.version().end(),
                                     [](char c) { return c >= ' ' && c <= '~'; });
  if (message.version().size() > kLongestVersion || !printable)
    violation("register.version: at most 64 printable characters");
  else
    spawn(register_worker(message.version(), message.worker_time()));
}

void Session::on_job_request(const v1::JobRequest& message) {
  if (message.received() > demand_.assigned()) {
    violation("job_request.received: more than were sent");
    return;
  }
  demand_.announce(message.capacity(), message.received());
  offer_demand();
}

void Session::on_results(const v1::ResultBatch& message) {
  if (message.results_size() > kMostResults) {
    violation("results: too many in one batch");
    return;
  }
  results_received_ += static_cast<std::uint64_t>(message.results_size());
  std::vector<domain::LeasedResult> results;
  results.reserve(static_cast<std::size_t>(message.results_size()));
  for (const v1::JobResult& proto : message.results()) {
    Result<domain::LeasedResult> result = wire::from_proto(proto);
    if (!result) {
      violation("results: " + result.error().message);
      return;
    }
    results.push_back(std::move(*result));
  }
  spawn(commit(message.batch(), std::move(results)));
}

void Session::on_renewal(const v1::LeaseRenewal& message) {
  std::vector<domain::Lease> leases;
  for (const v1::Lease& proto : message.leases()) {
    const Result<domain::Lease> lease = wire::from_proto(proto);
    if (!lease || message.leases_size() > kMostLeases) {
      violation("renewal: " + (lease ? "too many leases" : lease.error().message));
      return;
    }
    leases.push_back(*lease);
  }
  spawn(renew(std::move(leases)));
}

void Session::on_job_return(const v1::JobReturn& message) {
  std::vector<domain::Lease> leases;
  for (const v1::Lease& proto : message.leases()) {
    const Result<domain::Lease> lease = wire::from_proto(proto);
    if (!lease || message.leases_size() > kMostLeases) {
      violation("job_return: " + (lease ? "too many leases" : lease.error().message));
      return;
    }
    leases.push_back(*lease);
  }
  spawn(give_back(std::move(leases)));
}

void Session::on_ping(const v1::Ping& message) {
  if (!registered_) return;
  compare_clock(message.worker_time(), std::chrono::steady_clock::now());
  in_flight_ = std::min<std::uint32_t>(message.in_flight(), std::numeric_limits<std::int32_t>::max());
  v1::ConnectResponse answer;
  answer.mutable_pong()->set_nonce(message.nonce());
  *answer.mutable_pong()->mutable_server_time() =
      wire::to_proto(context_.clock.at_least(std::chrono::steady_clock::now()));
  stream_->send(std::move(answer));
}

// An older worker does not tell.
void Session::compare_clock(const google::protobuf::Timestamp& worker_time, Monotonic heard) {
  const std::optional<Instant> there = wire::from_proto(worker_time);
  if (!there || worker_time.seconds() == 0) return;
  const double before =
      std::exchange(clock_offset_, std::chrono::duration<double>(*there - context_.clock.at(heard)).count());
  if (is_off(clock_offset_) && !is_off(before))
    log::warning("a worker's clock is off", {{"worker", worker_id_}, {"seconds", clock_offset_}});
}

void Session::on_certificate_request(const v1::CertificateRequest& message) {
  const Monotonic now = std::chrono::steady_clock::now();
  if (last_certificate_ != Monotonic::min() && now - last_certificate_ < kCertificatePause) {
    end(grpc::StatusCode::RESOURCE_EXHAUSTED, "one certificate a minute");
    return;
  }
  last_certificate_ = now;
  spawn(renew_certificate(message.certificate_request_pem()));
}

// Called by the dispatcher in the middle of its pass: only takes note.
void Session::on_delivered(std::vector<domain::LeasedJob> jobs) {
  const Monotonic now = std::chrono::steady_clock::now();
  unheard_since_ = std::min(unheard_since_, now);
  if (now - unheard_since_ > context_.dispatcher.lease_duration() / 2 + kSilence) {
    // Stopped, or behind a dead wire: a lease would only pass unused.
    if (!std::exchange(silent_, true))
      log::warning("worker is silent; it gets no more jobs", {{"worker", worker_id_}});
    offer_demand();
    std::vector<domain::Lease> leases;
    for (const domain::LeasedJob& job : jobs) leases.push_back(job.lease);
    spawn(give_back(std::move(leases)));
    return;
  }
  demand_.assign(jobs.size());
  delivered_.insert(delivered_.end(), jobs.begin(), jobs.end());
  if (sending_) return;
  sending_ = true;
  spawn(send_jobs());
}

bool Session::take_order(std::int64_t order, v1::MonitorSpec spec) {
  v1::ConnectResponse message;
  message.mutable_check_order()->set_order(order);
  *message.mutable_check_order()->mutable_spec() = std::move(spec);
  return open_ && stream_->send(std::move(message));
}

void Session::on_check_report(const v1::CheckReport& message) {
  const Result<domain::CheckResult> result = wire::from_proto(message.result());
  if (!result)
    violation("check_report: " + result.error().message);
  else if (context_.checks != nullptr)
    context_.checks->report(*this, message);
}

void Session::drain() {
  draining_ = true;
  if (!registered_ || !open_) return;
  unsubscribe();
  v1::ConnectResponse message;
  message.mutable_drain();
  stream_->send(std::move(message));
}

void Session::abandon() {
  subscription_ = {};
  if (context_.checks != nullptr) context_.checks->leave(*this);
}

void Session::end(grpc::StatusCode code, const std::string& reason) {
  if (!open_) return;
  open_ = false;
  ended_at_ = std::chrono::steady_clock::now();
  unsubscribe();
  stream_->finish(grpc::Status(code, reason), Stream::Queued::kDiscard);
}

void Session::on_half_closed() {
  reading_ = false;
  half_closed_ = true;
  unsubscribe();
  finish_if_idle();
}

void Session::on_closed(std::vector<v1::ConnectResponse> unsent) {
  closed_ = true;
  open_ = false;
  unsubscribe();
  std::vector<domain::Lease> leases;
  for (const v1::ConnectResponse& message : unsent) {
    for (const v1::Job& job : message.jobs().jobs()) leases.push_back(*wire::from_proto(job.lease()));
  }
  if (!leases.empty()) spawn(give_back(std::move(leases)));
  if (registered_) log::info("worker disconnected", {{"worker", worker_id_}});
  if (tasks_ == 0) owner_.ended(*this);
}

void Session::unsubscribe() {
  if (context_.checks != nullptr) context_.checks->leave(*this);
  subscription_ = {};
  if (delivered_.empty()) return;
  std::vector<domain::Lease> leases;
  for (const domain::LeasedJob& job : delivered_) leases.push_back(job.lease);
  delivered_.clear();
  spawn(give_back(std::move(leases)));
}

void Session::violation(const std::string& what) {
  log::warning("worker broke the protocol", {{"worker", worker_id_}, {"reason", what}});
  end(grpc::StatusCode::INVALID_ARGUMENT, what);
}

void Session::resume_reading() {
  // Until it is registered, the first message is the only one.
  if (reading_ || half_closed_ || !open_ || !registered_ || tasks_ >= kMostTasks) return;
  reading_ = true;
  stream_->read_next();
}

void Session::finish_if_idle() {
  if (!half_closed_ || tasks_ != 0 || closed_) return;
  open_ = false;
  if (ended_at_ == Monotonic::max()) ended_at_ = std::chrono::steady_clock::now();
  stream_->finish(grpc::Status::OK, Stream::Queued::kSend);
}

void Session::spawn(asio::awaitable<void> task) {
  ++tasks_;
  asio::co_spawn(executor_, std::move(task), [self = shared_from_this()](const std::exception_ptr& failure) {
    self->task_ended(failure);
  });
}

// The border of the stream: whatever a task could not handle ends this stream only.
void Session::task_ended(const std::exception_ptr& failure) {
  --tasks_;
  if (failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log::warning("worker stream failed", {{"worker", worker_id_}, {"error", error.what()}});
      end(grpc::StatusCode::UNAVAILABLE, "the control plane cannot serve now");
    }
  }
  resume_reading();
  finish_if_idle();
  if (closed_ && tasks_ == 0) owner_.ended(*this);
}

grpc::StatusCode grpc_code(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Code::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case Code::kAlreadyExists:
      return grpc::StatusCode::ALREADY_EXISTS;
    case Code::kPermissionDenied:
      return grpc::StatusCode::PERMISSION_DENIED;
    case Code::kUnauthenticated:
      return grpc::StatusCode::UNAUTHENTICATED;
    case Code::kResourceExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Code::kFailedPrecondition:
      return grpc::StatusCode::FAILED_PRECONDITION;
    case Code::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case Code::kDeadlineExceeded:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case Code::kCanceled:
      return grpc::StatusCode::CANCELLED;
    case Code::kUnimplemented:
      return grpc::StatusCode::UNIMPLEMENTED;
    case Code::kInternal:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace openseer::control
