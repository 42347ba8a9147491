#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "control/stream/stream.h"
#include "openseer/v1/worker_stream_service.grpc.pb.h"
#include "pki/authority.h"

namespace openseer::control {

// What a peer's certificate proved.
struct Peer {
  pki::WorkerIdentity identity;
  Instant certificate_expires_at;
};

// Takes calls on gRPC's threads: reads who is calling from the certificate that
// TLS verified, and refuses anyone who is not a worker.
class GatewayService final : public v1::WorkerStreamService::CallbackService {
 public:
  // Makes the listener of a new call; runs on a gRPC thread.
  using Accept = std::function<void(std::shared_ptr<Stream>, Peer)>;

  GatewayService(asio::any_io_executor executor, Accept accept)
      : executor_(std::move(executor)), accept_(std::move(accept)) {}

  // New calls are refused with Unavailable.
  void close() { closed_ = true; }

 private:
  grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse>* Connect(
      grpc::CallbackServerContext* context) override;

  asio::any_io_executor executor_;
  Accept accept_;
  std::atomic<bool> closed_ = false;
};

}  // namespace openseer::control
