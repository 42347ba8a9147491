#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/remote_clock.h"
#include "openseer/v1/worker_stream_service.pb.h"
#include "worker/runner.h"
#include "worker/spool.h"

namespace openseer::worker {

// The worker's side of one stream, as a state machine without I/O: messages in,
// messages out, and what they mean for the runner, the spool and the clock. A
// new one for each stream; owned by the worker's event loop.
class Conversation {
 public:
  // Begins now: `now` is when the opening is sent.
  Conversation(Runner& runner, Spool& spool, RemoteClock& server, Monotonic now);

  static v1::ConnectRequest opening(const std::string& version);
  // What the control plane said. A sentence when it broke the protocol: the
  // stream is then of no use.
  std::optional<std::string> receive(const v1::ConnectResponse& message, Monotonic now);
  // What is to be said now. Called a few tens of milliseconds after something
  // changed, and twice a second.
  std::vector<v1::ConnectRequest> speak(Monotonic now);

  // No more jobs are asked for: the stream is about to be closed for another one.
  void leave() { told_to_leave_ = true; }
  // No more jobs from here on; those that have not started go back.
  void stop_asking();
  void request_certificate(std::string request_pem) { certificate_request_ = std::move(request_pem); }
  // The answer, once.
  std::optional<v1::Certificate> take_certificate();

  bool registered() const { return registered_; }
  const std::string& region() const { return region_; }
  // The replica is going away: settle, then connect elsewhere.
  bool told_to_leave() const { return told_to_leave_; }
  // Nothing is under way that the control plane still has to answer.
  bool settled() const { return spool_.batches_under_way() == 0 && returns_.empty(); }
  Monotonic last_heard() const { return last_heard_; }

 private:
  std::optional<std::string> on_jobs(const v1::JobBatch& batch);
  std::optional<std::string> on_specs(const v1::JobBatch& batch);
  std::optional<std::string> on_acks(const v1::ResultAcks& acks);
  std::optional<std::string> on_renewal(const v1::LeaseRenewalAck& ack);
  void cannot_run(const domain::Lease& lease, Monotonic now);
  void on_order(const v1::CheckOrder& order);
  void say_reports(std::vector<v1::ConnectRequest>& out);
  void say_results(std::vector<v1::ConnectRequest>& out);
  void say_renewal(std::vector<v1::ConnectRequest>& out, Monotonic now);
  void say_capacity(std::vector<v1::ConnectRequest>& out, Monotonic now);
  std::uint64_t capacity() const;

  struct KnownSpec {
    std::int64_t version = 0;
    Runner::Spec spec;  // null: this worker does not understand it
  };

  Runner& runner_;
  Spool& spool_;
  RemoteClock& server_;
  std::unordered_map<std::int64_t, KnownSpec> specs_;
  std::vector<domain::Lease> returns_;
  std::vector<domain::Lease> renewal_;  // asked and not answered
  Monotonic renewal_at_;
  int renewals_open_ = 0;
  std::optional<std::string> certificate_request_;
  std::optional<v1::Certificate> certificate_;
  Monotonic opened_;
  Monotonic last_heard_;
  Monotonic ping_at_;
  std::int64_t ping_ = 0;
  // The open demand as the control plane knows it.
  std::uint64_t received_ = 0;
  std::uint64_t announced_ = 0;
  std::uint64_t received_then_ = 0;
  Monotonic announced_at_;
  std::string region_;
  bool registered_ = false;
  bool told_to_leave_ = false;
  bool asking_ = true;
};

}  // namespace openseer::worker
