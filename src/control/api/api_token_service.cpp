#include "control/api/api_token_service.h"

#include "control/api/authoriser.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "openseer/v1/api_token_service.pb.h"
#include "pki/secret_box.h"
#include "store/api_tokens.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr Microseconds kShortestLifetime = std::chrono::hours{1};
constexpr Microseconds kLongestLifetime = std::chrono::hours{24} * 366 * 5;

v1::ApiToken to_proto(const store::ApiToken& token) {
  v1::ApiToken message;
  message.set_id(std::to_string(token.id));
  message.set_name(token.name);
  message.set_role(static_cast<v1::Role>(token.role));
  message.set_prefix(token.prefix);
  message.set_creator_email(token.creator_email);
  *message.mutable_created_at() = wire::to_proto(token.created_at);
  if (token.expires_at) *message.mutable_expires_at() = wire::to_proto(*token.expires_at);
  if (token.last_used_at) *message.mutable_last_used_at() = wire::to_proto(*token.last_used_at);
  return message;
}

Result<store::NewApiToken> terms_of(const v1::CreateApiTokenRequest& request) {
  store::NewApiToken token;
  std::vector<FieldViolation> violations;
  token.name = trimmed(request.name());
  if (auto fault = name_fault(token.name)) violations.push_back({"name", *fault});
  if (request.role() < v1::ROLE_VIEWER || request.role() > v1::ROLE_ADMIN)
    violations.push_back({"role", "must be viewer, editor or admin"});
  token.role = static_cast<store::Role>(request.role());
  if (request.has_lifetime()) {
    const std::optional<Microseconds> lifetime = wire::from_proto(request.lifetime());
    if (!lifetime || *lifetime < kShortestLifetime || *lifetime > kLongestLifetime) {
      violations.push_back({"lifetime", "must be 1 hour to 5 years"});
    } else {
      token.lifetime = *lifetime;
    }
  }
  if (!violations.empty()) return invalid(std::move(violations));
  return token;
}

// Whose tokens the caller may see and end: nothing means everybody's.
std::optional<std::int64_t> within_reach(const store::Caller& caller) {
  if (caller.role >= store::Role::kAdmin) return std::nullopt;
  return caller.user.id;
}

}  // namespace

void ApiTokenService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.ApiTokenService.CreateApiToken", this, &ApiTokenService::create_api_token);
  add_unary(router, "openseer.v1.ApiTokenService.ListApiTokens", this, &ApiTokenService::list_api_tokens);
  add_unary(router, "openseer.v1.ApiTokenService.RevokeApiToken", this, &ApiTokenService::revoke_api_token);
}

asio::awaitable<Result<v1::CreateApiTokenResponse>> ApiTokenService::create_api_token(
    http::Call& call, const v1::CreateApiTokenRequest& request) {
  const Identity& identity = identity_of(call);
  Result<store::NewApiToken> token = terms_of(request);
  if (!token) co_return token.error();
  const std::string secret = std::string(kApiTokenStart) + new_token();
  token->workspace_id = identity.workspace_id;
  token->user_id = identity.caller.user.id;
  token->token_hash = pki::sha256(secret);
  token->prefix = secret.substr(0, kApiTokenPrefix);
  const std::optional<store::ApiToken> created =
      co_await store::create_api_token(pool_, std::move(*token), identity.actor);
  if (!created) co_return Refusal{Code::kPermissionDenied, "a token cannot have a role above yours", {}};
  v1::CreateApiTokenResponse response;
  *response.mutable_token() = to_proto(*created);
  response.set_secret(secret);
  co_return response;
}

asio::awaitable<Result<v1::ListApiTokensResponse>> ApiTokenService::list_api_tokens(
    http::Call& call, const v1::ListApiTokensRequest&) {
  const Identity& identity = identity_of(call);
  const std::vector<store::ApiToken> tokens =
      co_await store::list_api_tokens(pool_, identity.workspace_id, within_reach(identity.caller));
  v1::ListApiTokensResponse response;
  for (const store::ApiToken& token : tokens) *response.add_tokens() = to_proto(token);
  co_return response;
}

asio::awaitable<Result<v1::RevokeApiTokenResponse>> ApiTokenService::revoke_api_token(
    http::Call& call, const v1::RevokeApiTokenRequest& request) {
  const Identity& identity = identity_of(call);
  const std::optional<std::int64_t> id = wire::parse_id(request.token_id());
  const bool revoked =
      id && co_await store::revoke_api_token(pool_, identity.workspace_id, within_reach(identity.caller), *id,
                                             identity.actor);
  if (!revoked) co_return Refusal{Code::kNotFound, "there is no such token", {}};
  co_return v1::RevokeApiTokenResponse();
}

}  // namespace openseer::control
