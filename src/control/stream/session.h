#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "base/remote_clock.h"
#include "control/lease/dispatcher.h"
#include "control/stream/check_desk.h"
#include "control/stream/job_batcher.h"
#include "control/stream/open_demand.h"
#include "control/stream/stream.h"
#include "domain/lease.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class CertificateAuthority;
}

namespace openseer::control {

class Committer;
class SpecCache;
class Session;

// What sessions work with, and the gateway that keeps them.
struct SessionContext {
  pg::Pool& pool;
  const pki::CertificateAuthority& authority;
  Dispatcher& dispatcher;
  Committer& committer;
  SpecCache& specs;
  RemoteClock& clock;  // the database's
  Seconds certificate_lifetime;
  CheckDesk* checks = nullptr;  // null: nobody orders any
};

class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  // `session`'s worker is known and not revoked.
  virtual void registered(Session& session) = 0;
  // The stream is closed and no task of the session runs any more.
  virtual void ended(Session& session) = 0;
};

// One worker's stream: registration, jobs out, results in. Every decision about
// the protocol is made here. Owned by the gateway; runs on the control plane's
// executor (one thread).
class Session final : public StreamListener, public CheckTaker, public std::enable_shared_from_this<Session> {
 public:
  // `certificate_expires_at`: of the certificate that opened the stream.
  Session(asio::any_io_executor executor, SessionContext context, SessionOwner& owner,
          std::shared_ptr<Stream> stream, std::int32_t worker_id, Instant certificate_expires_at);

  void on_message(v1::ConnectRequest message) override;
  void on_half_closed() override;
  void on_closed(std::vector<v1::ConnectResponse> unsent) override;

  // Sends the worker elsewhere; what it has running may still be reported here.
  void drain();
  // Closes the stream now.
  void end(grpc::StatusCode code, const std::string& reason);
  // Before the dispatcher goes away: nothing more is delivered.
  void abandon();
  // For when end() has not been heard for a while.
  void cancel() { stream_->cancel(); }
  // At most so many, before the worker is told to forget them.
  void remember_specs(std::size_t count) { batcher_.set_remembered(count); }

  std::int32_t worker_id() const override { return worker_id_; }
  bool take_order(std::int64_t order, v1::MonitorSpec spec) override;
  bool registered() const { return registered_; }
  bool open() const { return open_; }
  Instant certificate_expires_at() const { return certificate_expires_at_; }
  Monotonic ended_at() const { return ended_at_; }
  // The clock of the worker's machine minus the database's, in seconds.
  double clock_offset() const { return clock_offset_; }
  // Checks that the worker had when it last told, and results it sent so far.
  std::uint32_t in_flight() const { return in_flight_; }
  std::uint64_t results_received() const { return results_received_; }

 private:
  void dispatch(const v1::ConnectRequest& message);
  void on_register(const v1::Register& message);
  void on_job_request(const v1::JobRequest& message);
  void on_results(const v1::ResultBatch& message);
  void on_renewal(const v1::LeaseRenewal& message);
  void on_job_return(const v1::JobReturn& message);
  void on_ping(const v1::Ping& message);
  void on_check_report(const v1::CheckReport& message);
  void on_certificate_request(const v1::CertificateRequest& message);
  void on_delivered(std::vector<domain::LeasedJob> jobs);

  // What the dispatcher may give: nothing to a worker that fell silent.
  void offer_demand() { subscription_.set_demand(silent_ ? 0 : demand_.open()); }
  void compare_clock(const google::protobuf::Timestamp& worker_time, Monotonic heard);

  asio::awaitable<void> register_worker(std::string version, google::protobuf::Timestamp worker_time);
  asio::awaitable<void> send_jobs();
  asio::awaitable<void> commit(std::int64_t batch, std::vector<domain::LeasedResult> results);
  asio::awaitable<void> renew(std::vector<domain::Lease> leases);
  asio::awaitable<void> give_back(std::vector<domain::Lease> leases);
  asio::awaitable<void> renew_certificate(std::string request_pem);

  void spawn(asio::awaitable<void> task);
  void task_ended(const std::exception_ptr& failure);
  void violation(const std::string& what);
  void unsubscribe();
  void send_batches(std::vector<v1::JobBatch> batches, std::vector<domain::Lease>& unsent);
  void resume_reading();
  void finish_if_idle();

  const asio::any_io_executor executor_;
  SessionContext context_;
  SessionOwner& owner_;
  const std::shared_ptr<Stream> stream_;
  const std::int32_t worker_id_;
  const Instant certificate_expires_at_;

  Dispatcher::Subscription subscription_;
  OpenDemand demand_;
  JobBatcher batcher_;
  std::vector<domain::LeasedJob> delivered_;  // leased, not yet turned into messages
  std::size_t tasks_ = 0;
  std::uint32_t in_flight_ = 0;
  std::uint64_t results_received_ = 0;
  Monotonic ended_at_ = Monotonic::max();
  Monotonic last_certificate_ = Monotonic::min();
  double clock_offset_ = 0;
  // Since when the worker has been given jobs without saying a word.
  Monotonic unheard_since_ = Monotonic::max();
  bool silent_ = false;
  bool register_seen_ = false;
  bool registered_ = false;
  bool open_ = true;
  bool half_closed_ = false;
  bool closed_ = false;
  bool draining_ = false;
  bool reading_ = true;  // the stream starts with a read
  bool sending_ = false;
};

// The refusal as gRPC says it.
grpc::StatusCode grpc_code(Code code);

}  // namespace openseer::control
