#include "control/api/invitation_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/mailer.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "openseer/v1/invitation_service.pb.h"
#include "pki/secret_box.h"
#include "store/invitations.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr Microseconds kShortestLifetime = std::chrono::hours{1};
constexpr Microseconds kLongestLifetime = std::chrono::hours{24} * 30;
constexpr Microseconds kDefaultLifetime = std::chrono::hours{24} * 7;

v1::Invitation to_proto(const store::Invitation& invitation) {
  v1::Invitation message;
  message.set_id(std::to_string(invitation.id));
  message.set_role(static_cast<v1::Role>(invitation.role));
  message.set_email(invitation.email);
  message.set_inviter_email(invitation.inviter_email);
  *message.mutable_created_at() = wire::to_proto(invitation.created_at);
  *message.mutable_expires_at() = wire::to_proto(invitation.expires_at);
  return message;
}

Result<store::NewInvitation> terms_of(const v1::CreateInvitationRequest& request) {
  store::NewInvitation invitation;
  std::vector<FieldViolation> violations;
  if (request.role() < v1::ROLE_VIEWER || request.role() > v1::ROLE_OWNER)
    violations.push_back({"role", "must be viewer, editor, admin or owner"});
  invitation.role = static_cast<store::Role>(request.role());
  invitation.email = trimmed(request.email());
  if (!invitation.email.empty()) {
    if (auto fault = email_fault(invitation.email)) violations.push_back({"email", *fault});
  }
  std::optional<Microseconds> lifetime = kDefaultLifetime;
  if (request.has_lifetime()) lifetime = wire::from_proto(request.lifetime());
  if (!lifetime || *lifetime < kShortestLifetime || *lifetime > kLongestLifetime)
    violations.push_back({"lifetime", "must be 1 hour to 30 days"});
  if (!violations.empty()) return invalid(std::move(violations));
  invitation.lifetime = std::chrono::duration_cast<Seconds>(*lifetime);
  return invitation;
}

std::string invitation_text(const std::string& public_url, const store::Invitation& invitation,
                            const std::string& secret) {
  return invitation.inviter_email + " invites you to the workspace \"" + invitation.workspace_name +
         "\" on OpenSeer, as " + std::string(store::name_of(invitation.role)) +
         ". Open this link to join:\n\n" + public_url + "/invitation#" + secret +
         "\n\nIt works once. If you expected no invitation, ignore this e-mail.\n";
}

Refusal not_good() { return {Code::kNotFound, "the invitation is unknown, used, revoked or too old", {}}; }

}  // namespace

void InvitationService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.InvitationService.CreateInvitation", this,
            &InvitationService::create_invitation);
  add_unary(router, "openseer.v1.InvitationService.ListInvitations", this,
            &InvitationService::list_invitations);
  add_unary(router, "openseer.v1.InvitationService.RevokeInvitation", this,
            &InvitationService::revoke_invitation);
  add_unary(router, "openseer.v1.InvitationService.LookUpInvitation", this,
            &InvitationService::look_up_invitation);
  add_unary(router, "openseer.v1.InvitationService.AcceptInvitation", this,
            &InvitationService::accept_invitation);
}

asio::awaitable<Result<v1::CreateInvitationResponse>> InvitationService::create_invitation(
    http::Call& call, const v1::CreateInvitationRequest& request) {
  const Identity& identity = identity_of(call);
  Result<store::NewInvitation> terms = terms_of(request);
  if (!terms) co_return terms.error();
  const Refusal too_high{Code::kPermissionDenied, "you cannot invite to a role above yours", {}};
  // The caller's role: of a token, that may be lower than its creator's.
  if (terms->role > identity.caller.role) co_return too_high;
  const std::string secret = new_token();
  terms->workspace_id = identity.workspace_id;
  terms->inviter_id = identity.caller.user.id;
  terms->secret_hash = pki::sha256(secret);
  const std::optional<store::Invitation> created =
      co_await store::create_invitation(pool_, std::move(*terms), identity.actor);
  if (!created) co_return too_high;
  v1::CreateInvitationResponse response;
  *response.mutable_invitation() = to_proto(*created);
  response.set_secret(secret);
  if (!created->email.empty() && mailer_.configured()) {
    mailer_.send(created->email, "Join " + created->workspace_name + " on OpenSeer",
                 invitation_text(options_.public_url, *created, secret));
    response.set_mailed(true);
  }
  co_return response;
}

asio::awaitable<Result<v1::ListInvitationsResponse>> InvitationService::list_invitations(
    http::Call& call, const v1::ListInvitationsRequest&) {
  const std::vector<store::Invitation> invitations =
      co_await store::list_invitations(pool_, identity_of(call).workspace_id);
  v1::ListInvitationsResponse response;
  for (const store::Invitation& invitation : invitations) *response.add_invitations() = to_proto(invitation);
  co_return response;
}

asio::awaitable<Result<v1::RevokeInvitationResponse>> InvitationService::revoke_invitation(
    http::Call& call, const v1::RevokeInvitationRequest& request) {
  const Identity& identity = identity_of(call);
  const std::optional<std::int64_t> id = wire::parse_id(request.invitation_id());
  const bool revoked =
      id && co_await store::revoke_invitation(pool_, identity.workspace_id, *id, identity.actor);
  if (!revoked) co_return Refusal{Code::kNotFound, "there is no such invitation", {}};
  co_return v1::RevokeInvitationResponse();
}

asio::awaitable<Result<v1::LookUpInvitationResponse>> InvitationService::look_up_invitation(
    http::Call&, const v1::LookUpInvitationRequest& request) {
  const std::optional<store::Invitation> invitation =
      co_await store::find_invitation(pool_, pki::sha256(request.secret()));
  if (!invitation) co_return not_good();
  v1::LookUpInvitationResponse response;
  response.set_workspace_name(invitation->workspace_name);
  response.set_role(static_cast<v1::Role>(invitation->role));
  response.set_email(invitation->email);
  response.set_inviter_email(invitation->inviter_email);
  *response.mutable_expires_at() = wire::to_proto(invitation->expires_at);
  co_return response;
}

asio::awaitable<Result<v1::AcceptInvitationResponse>> InvitationService::accept_invitation(
    http::Call& call, const v1::AcceptInvitationRequest& request) {
  const Identity& identity = identity_of(call);
  const Result<store::Membership> membership = co_await store::accept_invitation(
      pool_, pki::sha256(request.secret()), identity.caller.user, identity.actor);
  if (!membership) co_return membership.error();
  v1::AcceptInvitationResponse response;
  *response.mutable_membership() = control::to_proto(*membership);
  co_return response;
}

}  // namespace openseer::control
