#include "unit/worker/scripted_control_plane.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include "openseer/v1/worker_service.pb.h"
#include "wire/lease.h"
#include "wire/monitor.h"
#include "wire/time.h"

namespace openseer::worker {
namespace {

constexpr std::int32_t kWorker = 7;
constexpr Seconds kDay = std::chrono::hours{24};

pki::CertificateAuthority new_authority() {
  pki::KeyAndCertificate made = pki::CertificateAuthority::create();
  return {std::move(made.private_key_pem), std::move(made.certificate_pem)};
}

Instant now() { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

}  // namespace

std::optional<v1::ConnectRequest> ScriptedStream::next(v1::ConnectRequest::MessageCase kind) {
  v1::ConnectRequest message;
  while (wire_->Read(&message)) {
    if (message.message_case() == kind) return message;
  }
  return std::nullopt;
}

void ScriptedStream::register_worker() {
  next(v1::ConnectRequest::kRegister);
  v1::ConnectResponse answer;
  answer.mutable_registered()->set_worker_id(std::to_string(kWorker));
  answer.mutable_registered()->set_region("here");
  *answer.mutable_registered()->mutable_server_time() = wire::to_proto(now());
  send(answer);
}

void ScriptedStream::send_job(std::int64_t job, const std::string& url, Seconds timeout, Seconds lease) {
  domain::MonitorSpec spec;
  spec.url = url;
  spec.timeout = timeout;
  v1::ConnectResponse message;
  *message.mutable_jobs()->add_jobs() = wire::to_proto(domain::LeasedJob{{job, 1, now()}, job, 1}, lease);
  v1::JobSpec& proto = *message.mutable_jobs()->add_specs();
  proto.set_monitor_id(std::to_string(job));
  proto.set_spec_version(1);
  *proto.mutable_spec() = wire::to_proto(spec, wire::Secrets::kIncluded);
  send(message);
}

void ScriptedStream::acknowledge(const v1::ConnectRequest& results) {
  v1::ConnectResponse message;
  message.mutable_acks()->set_batch(results.results().batch());
  for (int i = 0; i < results.results().results_size(); ++i)
    message.mutable_acks()->add_acceptances(v1::ACCEPTANCE_ACCEPTED);
  send(message);
}

std::string ScriptedStream::certificate_pem() const {
  const auto values = context_->auth_context()->FindPropertyValues("x509_pem_cert");
  return values.empty() ? std::string() : std::string(values[0].data(), values[0].size());
}

ScriptedControlPlane::ScriptedControlPlane(Script script)
    : script_(std::move(script)), authority_(new_authority()) {
  const pki::KeyAndCertificate server = authority_.issue_server({"localhost", "127.0.0.1"}, kDay);
  http_.emplace(loop_.get_executor(), [this](http::Exchange& exchange) { return serve(exchange); });
  http_port_ =
      http_->listen("127.0.0.1", 0, http::TlsIdentity{server.certificate_pem, server.private_key_pem});
  thread_ = std::thread([this] { loop_.run(); });

  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_root_certs = authority_.certificate_pem();
  ssl.pem_key_cert_pairs.push_back({server.private_key_pem, server.certificate_pem});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(ssl), &stream_port_);
  builder.RegisterService(this);
  grpc_ = builder.BuildAndStart();
}

ScriptedControlPlane::~ScriptedControlPlane() {
  grpc_->Shutdown(std::chrono::system_clock::now());
  loop_.stop();
  thread_.join();
}

grpc::Status ScriptedControlPlane::Connect(grpc::ServerContext* context, ScriptedStream::Wire* wire) {
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++streams_;
  }
  ScriptedStream stream(wire, context, number);
  return script_(stream);
}

boost::asio::awaitable<http::Response> ScriptedControlPlane::serve(http::Exchange& exchange) {
  co_return answer(exchange.request);
}

http::Response ScriptedControlPlane::answer(const http::Request& request) const {
  http::Response response;
  v1::EnrollRequest enroll;
  if (request.path == "/ca.pem") {
    response.body = authority_.certificate_pem();
  } else if (request.path != "/openseer.v1.EnrollmentService/Enroll" ||
             !google::protobuf::util::JsonStringToMessage(request.body, &enroll).ok() ||
             enroll.token() != "s3cret") {
    response.status = 401;
    response.body = R"({"code":"unauthenticated","message":"the token has expired"})";
  } else {
    v1::EnrollResponse enrolled;
    enrolled.set_worker_id(std::to_string(kWorker));
    enrolled.set_region("here");
    enrolled.set_certificate_pem(
        authority_.issue_worker({kWorker}, enroll.certificate_request_pem(), lifetime)->certificate_pem);
    enrolled.set_ca_certificate_pem(authority_.certificate_pem());
    if (!google::protobuf::util::MessageToJsonString(enrolled, &response.body).ok()) response.status = 500;
  }
  return response;
}

}  // namespace openseer::worker
