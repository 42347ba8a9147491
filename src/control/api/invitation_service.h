#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class AcceptInvitationRequest;
class AcceptInvitationResponse;
class CreateInvitationRequest;
class CreateInvitationResponse;
class ListInvitationsRequest;
class ListInvitationsResponse;
class LookUpInvitationRequest;
class LookUpInvitationResponse;
class RevokeInvitationRequest;
class RevokeInvitationResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class Mailer;
struct ApiOptions;

// Invitations to workspaces (proto/openseer/v1/invitation_service.proto).
class InvitationService {
 public:
  InvitationService(pg::Pool& pool, Mailer& mailer, const ApiOptions& options)
      : pool_(pool), mailer_(mailer), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::CreateInvitationResponse>> create_invitation(
      http::Call& call, const v1::CreateInvitationRequest& request);
  asio::awaitable<Result<v1::ListInvitationsResponse>> list_invitations(
      http::Call& call, const v1::ListInvitationsRequest& request);
  asio::awaitable<Result<v1::RevokeInvitationResponse>> revoke_invitation(
      http::Call& call, const v1::RevokeInvitationRequest& request);
  asio::awaitable<Result<v1::LookUpInvitationResponse>> look_up_invitation(
      http::Call& call, const v1::LookUpInvitationRequest& request);
  asio::awaitable<Result<v1::AcceptInvitationResponse>> accept_invitation(
      http::Call& call, const v1::AcceptInvitationRequest& request);

  pg::Pool& pool_;
  Mailer& mailer_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
