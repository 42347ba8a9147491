// What a session asks of the database, each as a task of its own.
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "base/metrics.h"
#include "control/ingest/committer.h"
#include "control/lease/spec_cache.h"
#include "control/stream/session.h"
#include "pg/error.h"
#include "pki/authority.h"
#include "store/jobs.h"
#include "store/workers.h"
#include "wire/lease.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kFirstRetry{100};
constexpr Milliseconds kLastRetry{2'000};

metrics::Counter& counter(const char* name, const char* help, metrics::Labels labels = {}) {
  return metrics::process().counter(name, help, std::move(labels));
}

metrics::Counter& jobs_sent() {
  static auto& jobs = counter("openseer_jobs_sent_total", "Leased jobs sent to workers.");
  return jobs;
}
metrics::Counter& jobs_returned() {
  static auto& jobs = counter("openseer_jobs_returned_total", "Leases given back unrun.");
  return jobs;
}
metrics::Counter& results(domain::Acceptance acceptance) {
  constexpr const char* kName = "openseer_results_total";
  constexpr const char* kHelp = "Results that workers reported, by acceptance.";
  static auto& accepted = counter(kName, kHelp, {{"acceptance", "accepted"}});
  static auto& fenced = counter(kName, kHelp, {{"acceptance", "fenced"}});
  return acceptance == domain::Acceptance::kAccepted ? accepted : fenced;
}
metrics::Counter& leases_renewed() {
  static auto& leases = counter("openseer_leases_renewed_total", "Leases extended for long checks.");
  return leases;
}

void append_leases(const v1::JobBatch& batch, std::vector<domain::Lease>& leases) {
  for (const v1::Job& job : batch.jobs()) leases.push_back(*wire::from_proto(job.lease()));
}

}  // namespace

asio::awaitable<void> Session::register_worker(std::string version, google::protobuf::Timestamp worker_time) {
  const Monotonic heard = steady_clock::now();
  const auto worker = co_await store::find_worker(context_.pool, worker_id_);
  if (!worker || worker->revoked_at) {
    end(grpc::StatusCode::PERMISSION_DENIED, worker ? "this worker has been revoked" : "unknown worker");
    co_return;
  }
  co_await store::set_worker_version(context_.pool, worker_id_, version);
  const Monotonic asked = steady_clock::now();
  const Instant now = co_await store::database_time(context_.pool);
  context_.clock.observe(now, asked, steady_clock::now());
  if (!open_ || half_closed_) co_return;

  compare_clock(worker_time, heard);
  registered_ = true;
  owner_.registered(*this);
  v1::ConnectResponse answer;
  v1::Registered& message = *answer.mutable_registered();
  message.set_worker_id(std::to_string(worker_id_));
  message.set_region(worker->region);
  *message.mutable_server_time() = wire::to_proto(context_.clock.at_least(steady_clock::now()));
  stream_->send(std::move(answer));
  log::info(
      "worker connected",
      {{"worker", worker_id_}, {"name", worker->name}, {"region", worker->region}, {"version", version}});
  if (draining_) {
    drain();
    co_return;
  }
  subscription_ = context_.dispatcher.subscribe(
      worker_id_, worker->region_id,
      [this](std::vector<domain::LeasedJob> jobs) { on_delivered(std::move(jobs)); });
  if (context_.checks != nullptr) context_.checks->join(*this, worker->region_id);
}

asio::awaitable<void> Session::send_jobs() {
  // Out of the dispatcher's pass first: it must not be entered again from here.
  co_await asio::post(executor_, asio::use_awaitable);
  while (!delivered_.empty()) {
    const std::vector<domain::LeasedJob> jobs = std::exchange(delivered_, {});
    std::vector<domain::Lease> unsent;
    try {
      const SpecCache::Specs specs = co_await context_.specs.get(batcher_.uncarried(jobs));
      std::vector<v1::JobBatch> batches = batcher_.batches(jobs, specs, context_.dispatcher.lease_duration(),
                                                           context_.clock.at_least(steady_clock::now()));
      std::size_t sent = 0;
      for (const v1::JobBatch& batch : batches) sent += static_cast<std::size_t>(batch.jobs_size());
      demand_.withdraw(jobs.size() - sent);
      send_batches(std::move(batches), unsent);
    } catch (const pg::Error& error) {
      log::warning("cannot read specifications; giving the jobs back", {{"error", error.what()}});
      for (const domain::LeasedJob& job : jobs) unsent.push_back(job.lease);
    }
    demand_.withdraw(unsent.size());
    if (!unsent.empty()) spawn(give_back(std::move(unsent)));
    // What was withdrawn is demand again.
    offer_demand();
  }
  sending_ = false;
}

void Session::send_batches(std::vector<v1::JobBatch> batches, std::vector<domain::Lease>& unsent) {
  for (v1::JobBatch& batch : batches) {
    const auto size = static_cast<std::uint64_t>(batch.jobs_size());
    v1::ConnectResponse message;
    *message.mutable_jobs() = std::move(batch);
    if (open_ && stream_->send(std::move(message)))
      jobs_sent().add(size);
    else  // NOLINTNEXTLINE(bugprone-use-after-move): a closing stream leaves the message as it was.
      append_leases(message.jobs(), unsent);
  }
}

// Acknowledges after the commit and only then. While the database is away the
// batch is kept here and tried again, as long as the stream lives.
asio::awaitable<void> Session::commit(std::int64_t batch, std::vector<domain::LeasedResult> batch_results) {
  std::vector<domain::Acceptance> acceptances;
  asio::steady_timer timer(executor_);
  for (Milliseconds pause = kFirstRetry;; pause = std::min(pause * 2, kLastRetry)) {
    bool committed = false;
    try {
      acceptances = co_await context_.committer.commit(worker_id_, batch_results);
      committed = true;
    } catch (const pg::Unavailable& error) {
      log::warning("cannot commit results now", {{"worker", worker_id_}, {"error", error.what()}});
    }
    if (committed) break;
    if (!open_) co_return;
    timer.expires_after(pause);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (!open_) co_return;
  }
  v1::ConnectResponse answer;
  answer.mutable_acks()->set_batch(batch);
  for (const domain::Acceptance acceptance : acceptances) {
    answer.mutable_acks()->add_acceptances(wire::to_proto(acceptance));
    results(acceptance).add();
  }
  stream_->send(std::move(answer));
}

asio::awaitable<void> Session::renew(std::vector<domain::Lease> leases) {
  const Milliseconds duration = context_.dispatcher.lease_duration();
  std::vector<domain::Lease> renewed;
  try {
    renewed = co_await store::renew_leases(context_.pool, worker_id_, std::move(leases), duration);
  } catch (const pg::Unavailable& error) {
    // Unanswered; the worker asks again.
    log::warning("cannot renew leases now", {{"worker", worker_id_}, {"error", error.what()}});
    co_return;
  }
  leases_renewed().add(renewed.size());
  v1::ConnectResponse answer;
  v1::LeaseRenewalAck& ack = *answer.mutable_renewal_ack();
  for (const domain::Lease& lease : renewed) *ack.add_leases() = wire::to_proto(lease);
  *ack.mutable_lease_duration() = wire::to_proto(Microseconds{duration});
  stream_->send(std::move(answer));
}

asio::awaitable<void> Session::give_back(std::vector<domain::Lease> leases) {
  if (leases.empty()) co_return;
  const std::size_t count = leases.size();
  try {
    co_await store::return_leases(context_.pool, worker_id_, std::move(leases));
    jobs_returned().add(count);
    context_.dispatcher.wake();
  } catch (const pg::Unavailable& error) {
    // Harmless: the leases expire.
    log::warning("cannot give jobs back now", {{"worker", worker_id_}, {"error", error.what()}});
  }
}

// For the peer's own id only, which the live certificate proved.
asio::awaitable<void> Session::renew_certificate(std::string request_pem) {
  const auto worker = co_await store::find_worker(context_.pool, worker_id_);
  if (!worker || worker->revoked_at) {
    end(grpc::StatusCode::PERMISSION_DENIED, "this worker has been revoked");
    co_return;
  }
  const auto issued =
      context_.authority.issue_worker({worker_id_}, request_pem, context_.certificate_lifetime);
  if (!issued) {
    end(grpc_code(issued.error().code), issued.error().message);
    co_return;
  }
  co_await store::set_certificate_expiry(context_.pool, worker_id_, issued->not_after);
  v1::ConnectResponse answer;
  answer.mutable_certificate()->set_certificate_pem(issued->certificate_pem);
  answer.mutable_certificate()->set_ca_certificate_pem(context_.authority.certificate_pem());
  if (stream_->send(std::move(answer))) log::info("worker certificate renewed", {{"worker", worker_id_}});
}

}  // namespace openseer::control
