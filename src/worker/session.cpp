#include "worker/session.h"

#include <condition_variable>
#include <deque>
#include <mutex>

#include <boost/asio/post.hpp>
#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/client_callback.h>

#include "base/clock.h"
#include "base/log.h"
#include "openseer/v1/worker_stream_service.grpc.pb.h"

namespace openseer::worker {
namespace {

constexpr int kMostBytesReceived = 16 * 1024 * 1024;
constexpr Seconds kLastWait{5};

void log_grpc(gpr_log_func_args* line) { log::debug("grpc", {{"message", line->message}}); }

// A connection that shares nothing with earlier ones: a new stream may reach
// another replica, with a renewed certificate.
std::shared_ptr<grpc::Channel> connect(const std::string& address, const Identity& identity) {
  gpr_set_log_function(log_grpc);
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  // Of several addresses a random one that answers.
  arguments.SetLoadBalancingPolicyName("round_robin");
  // Also gRPC's deadline for connecting.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetMaxReceiveMessageSize(kMostBytesReceived);
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = identity.ca_certificate_pem;
  ssl.pem_private_key = identity.private_key_pem;
  ssl.pem_cert_chain = identity.certificate_pem;
  return grpc::CreateCustomChannel("dns:///" + address, grpc::SslCredentials(ssl), arguments);
}

Ending ending_of(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return Ending::kClosed;
    case grpc::StatusCode::PERMISSION_DENIED:
      return Ending::kRevoked;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::UNIMPLEMENTED:
      return Ending::kRejected;
    default:
      return Ending::kLost;
  }
}

}  // namespace

// Owned by its session alone, never by a reaction: gRPC joins its own threads
// when the last channel goes, so that must not happen on one of them.
class Session::Call final : public grpc::ClientBidiReactor<v1::ConnectRequest, v1::ConnectResponse> {
 public:
  Call(boost::asio::any_io_executor executor, const std::string& address, const Identity& identity,
       Handlers handlers)
      : executor_(std::move(executor)),
        channel_(connect(address, identity)),
        stub_(v1::WorkerStreamService::NewStub(channel_)),
        handlers_(std::make_shared<Handlers>(std::move(handlers))) {}

  void start() {
    stub_->async()->Connect(&context_, this);
    AddHold();  // for writes, which start outside of reactions; until the reads end
    StartRead(&incoming_);
    StartCall();
  }

  void send(v1::ConnectRequest message) {
    const std::lock_guard lock(mutex_);
    if (over_ || closing_) return;
    outgoing_.push_back(std::move(message));
    advance();
  }

  void close() {
    const std::lock_guard lock(mutex_);
    if (closing_) return;
    closing_ = true;
    advance();
  }

  void cancel() { context_.TryCancel(); }

  // No handler is called from here on. True when gRPC is done with this object,
  // which it is soon after a cancellation.
  bool abandon() {
    std::unique_lock lock(mutex_);
    handlers_.reset();
    if (!done_) context_.TryCancel();
    return changed_.wait_for(lock, kLastWait, [this] { return done_; });
  }

 private:
  void advance() {
    if (writing_ || over_) return;
    if (!outgoing_.empty()) {
      writing_ = true;
      StartWrite(&outgoing_.front());
    } else if (closing_ && !writes_done_) {
      writes_done_ = true;
      StartWritesDone();
    }
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (!ok) {
      over_ = true;
      RemoveHold();
      return;
    }
    if (handlers_) {
      boost::asio::post(executor_,
                        [weak = std::weak_ptr(handlers_), message = std::move(incoming_)]() mutable {
                          if (const auto handlers = weak.lock()) handlers->message(std::move(message));
                        });
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    outgoing_.pop_front();
    // Without `ok` the read fails, too.
    if (ok) advance();
  }

  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    done_ = true;
    if (handlers_) {
      boost::asio::post(executor_, [weak = std::weak_ptr(handlers_), ending = ending_of(status),
                                    reason = status.error_message()] {
        if (const auto handlers = weak.lock()) handlers->ended(ending, reason);
      });
    }
    changed_.notify_all();
  }

  const boost::asio::any_io_executor executor_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::WorkerStreamService::Stub> stub_;
  grpc::ClientContext context_;
  // Recursive: gRPC may run a reaction inside the call that started the operation.
  std::recursive_mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<Handlers> handlers_;
  v1::ConnectResponse incoming_;
  std::deque<v1::ConnectRequest> outgoing_;
  bool writing_ = false;
  bool closing_ = false;
  bool writes_done_ = false;
  bool over_ = false;
  bool done_ = false;
};

Session::Session(boost::asio::any_io_executor executor, const std::string& address, const Identity& identity,
                 Handlers handlers)
    : call_(std::make_unique<Call>(std::move(executor), address, identity, std::move(handlers))) {
  call_->start();
}

Session::~Session() {
  // An object that gRPC still uses must outlive it: better leaked than freed.
  if (!call_->abandon()) static_cast<void>(call_.release());
}

void Session::send(v1::ConnectRequest message) { call_->send(std::move(message)); }
void Session::close() { call_->close(); }
void Session::cancel() { call_->cancel(); }

}  // namespace openseer::worker
