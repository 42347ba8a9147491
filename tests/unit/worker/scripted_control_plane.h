#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <grpcpp/server.h>

#include "http/server.h"
#include "openseer/v1/worker_stream_service.grpc.pb.h"
#include "pki/authority.h"

namespace openseer::worker {

// One stream as the control plane sees it, blocking. The script that gets it
// ends the stream by returning.
class ScriptedStream {
 public:
  using Wire = grpc::ServerReaderWriter<v1::ConnectResponse, v1::ConnectRequest>;
  ScriptedStream(Wire* wire, grpc::ServerContext* context, int number)
      : number(number), wire_(wire), context_(context) {}

  // The next message of a kind; others are passed over. Nothing at the end.
  std::optional<v1::ConnectRequest> next(v1::ConnectRequest::MessageCase kind);
  // Reads the registration and answers it.
  void register_worker();
  // One job, with its specification, leased for `lease`.
  void send_job(std::int64_t job, const std::string& url, Seconds timeout = Seconds{5},
                Seconds lease = Seconds{15});
  void acknowledge(const v1::ConnectRequest& results);
  void send(const v1::ConnectResponse& message) { wire_->Write(message); }
  std::string certificate_pem() const;

  const int number;  // of this stream: 1, 2, ...

 private:
  Wire* wire_;
  grpc::ServerContext* context_;
};

// A control plane that follows a script: real TLS, real HTTP, real gRPC.
// Serves the enrolment of worker 7 and its streams on ports of 127.0.0.1.
class ScriptedControlPlane final : public v1::WorkerStreamService::Service {
 public:
  using Script = std::function<grpc::Status(ScriptedStream&)>;

  explicit ScriptedControlPlane(Script script);
  ~ScriptedControlPlane() override;

  std::string server_url() const { return "https://localhost:" + std::to_string(http_port_); }
  std::string stream_address() const { return "localhost:" + std::to_string(stream_port_); }
  std::string token() const { return "s3cret." + authority_.fingerprint(); }
  const pki::CertificateAuthority& authority() const { return authority_; }
  // The lifetime of the certificate that enrolment gives; before the worker runs.
  Seconds lifetime = std::chrono::hours{24 * 30};

 private:
  grpc::Status Connect(grpc::ServerContext* context, ScriptedStream::Wire* wire) override;
  boost::asio::awaitable<http::Response> serve(http::Exchange& exchange);
  http::Response answer(const http::Request& request) const;

  Script script_;
  pki::CertificateAuthority authority_;
  std::mutex mutex_;
  int streams_ = 0;
  boost::asio::io_context loop_;
  std::optional<http::Server> http_;
  std::uint16_t http_port_ = 0;
  int stream_port_ = 0;
  std::unique_ptr<grpc::Server> grpc_;
  std::thread thread_;
};

}  // namespace openseer::worker
