#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "store/sessions.h"

// API tokens: a program's right to act in one workspace. Only the SHA-256 of the
// secret is stored. They go with their creator's membership.
namespace openseer::store {

struct ApiToken {
  std::int64_t id = 0;
  std::string name;
  Role role = Role::kNone;
  std::string prefix;
  std::string creator_email;
  Instant created_at;
  std::optional<Instant> expires_at;
  std::optional<Instant> last_used_at;
};

struct NewApiToken {
  std::int64_t workspace_id = 0;
  std::int64_t user_id = 0;
  std::string name;
  Role role = Role::kNone;
  std::string token_hash;  // raw
  std::string prefix;
  std::optional<Microseconds> lifetime;
};
// Nothing when the user is no member any more, or their role is below the token's.
asio::awaitable<std::optional<ApiToken>> create_api_token(pg::Pool& pool, NewApiToken token, const Actor& by);

// Newest first, at most 1000; `user_id`: only that member's.
asio::awaitable<std::vector<ApiToken>> list_api_tokens(pg::Pool& pool, std::int64_t workspace_id,
                                                       std::optional<std::int64_t> user_id);
// False when there is no such token (of that member).
asio::awaitable<bool> revoke_api_token(pg::Pool& pool, std::int64_t workspace_id,
                                       std::optional<std::int64_t> user_id, std::int64_t id, const Actor& by);

// The token's creator, with the lower of the token's role and theirs; kNone in
// any other workspace than the token's. Nothing when it is unknown or too old.
// Notes that it was used, at most once a minute.
asio::awaitable<std::optional<Caller>> find_token_caller(pg::Pool& pool, std::string token_hash,
                                                         std::optional<std::int64_t> workspace_id);

}  // namespace openseer::store
