#include "control/stream/gateway_service.h"

#include <grpcpp/security/auth_context.h>

#include "base/metrics.h"

namespace openseer::control {
namespace {

// A call that ends at once.
class Refused final : public grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse> {
 public:
  Refused(grpc::StatusCode code, const char* reason) {
    static auto& refused = metrics::process().counter("openseer_worker_streams_refused_total",
                                                      "Worker streams refused at once.");
    refused.add();
    Finish(grpc::Status(code, reason));
  }

 private:
  void OnDone() override { delete this; }
};

std::optional<Peer> peer_of(const grpc::CallbackServerContext& context) {
  const auto auth = context.auth_context();
  if (!auth || !auth->IsPeerAuthenticated()) return std::nullopt;
  const std::vector<grpc::string_ref> certificates = auth->FindPropertyValues("x509_pem_cert");
  if (certificates.size() != 1) return std::nullopt;
  const std::string_view pem(certificates[0].data(), certificates[0].size());
  const auto identity = pki::worker_identity(pem);
  const auto expires_at = pki::not_after(pem);
  if (!identity || !expires_at) return std::nullopt;
  return Peer{*identity, *expires_at};
}

}  // namespace

grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse>* GatewayService::Connect(
    grpc::CallbackServerContext* context) {
  if (closed_) return new Refused(grpc::StatusCode::UNAVAILABLE, "this replica is going away");
  const std::optional<Peer> peer = peer_of(*context);
  if (!peer) return new Refused(grpc::StatusCode::PERMISSION_DENIED, "not a worker's certificate");
  auto stream = std::make_shared<Stream>(executor_, context);
  accept_(stream, *peer);
  return stream.get();  // owns itself until OnDone
}

}  // namespace openseer::control
