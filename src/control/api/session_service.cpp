#include "control/api/session_service.h"

#include "control/api/authoriser.h"
#include "control/api/device.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "openseer/v1/session_service.pb.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

v1::Session to_proto(const store::Session& session, std::int64_t current) {
  v1::Session message;
  message.set_id(std::to_string(session.id));
  message.set_current(session.id == current);
  message.set_device(device_of(session.user_agent));
  message.set_user_agent(session.user_agent);
  message.set_address(session.address);
  *message.mutable_created_at() = wire::to_proto(session.created_at);
  *message.mutable_last_seen_at() = wire::to_proto(session.last_seen_at);
  *message.mutable_expires_at() = wire::to_proto(session.expires_at);
  return message;
}

}  // namespace

void SessionService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.SessionService.ListSessions", this, &SessionService::list_sessions);
  add_unary(router, "openseer.v1.SessionService.RevokeSession", this, &SessionService::revoke_session);
  add_unary(router, "openseer.v1.SessionService.RevokeOtherSessions", this,
            &SessionService::revoke_other_sessions);
}

asio::awaitable<Result<v1::ListSessionsResponse>> SessionService::list_sessions(
    http::Call& call, const v1::ListSessionsRequest&) {
  const store::Caller& caller = identity_of(call).caller;
  const std::vector<store::Session> sessions = co_await store::list_sessions(pool_, caller.user.id);
  v1::ListSessionsResponse response;
  for (const store::Session& session : sessions)
    *response.add_sessions() = to_proto(session, caller.session_id);
  co_return response;
}

asio::awaitable<Result<v1::RevokeSessionResponse>> SessionService::revoke_session(
    http::Call& call, const v1::RevokeSessionRequest& request) {
  const Identity& identity = identity_of(call);
  const std::optional<std::int64_t> id = wire::parse_id(request.session_id());
  const bool revoked =
      id && co_await store::revoke_session(pool_, identity.caller.user.id, *id, identity.actor);
  if (!revoked) co_return Refusal{Code::kNotFound, "there is no such session", {}};
  if (*id == identity.caller.session_id) clear_cookie(call, options_, Cookie::kSession);
  co_return v1::RevokeSessionResponse();
}

asio::awaitable<Result<v1::RevokeOtherSessionsResponse>> SessionService::revoke_other_sessions(
    http::Call& call, const v1::RevokeOtherSessionsRequest&) {
  const Identity& identity = identity_of(call);
  const std::int64_t revoked = co_await store::revoke_other_sessions(
      pool_, identity.caller.user.id, identity.caller.session_id, identity.actor);
  v1::RevokeOtherSessionsResponse response;
  response.set_revoked(static_cast<std::uint32_t>(revoked));
  co_return response;
}

}  // namespace openseer::control
