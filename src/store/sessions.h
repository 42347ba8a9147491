#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "store/accounts.h"
#include "store/audit.h"

// Sessions: a browser's standing right to act as a user. Only the SHA-256 of
// its token is stored.
namespace openseer::store {

inline constexpr Seconds kSessionIdleTime{7 * 24 * 3600};
inline constexpr Seconds kSessionLifetime{30 * 24 * 3600};

struct NewSession {
  User user;
  std::string token_hash;  // raw
};
// From where `by` comes.
asio::awaitable<void> create_session(pg::Pool& pool, NewSession session, const Actor& by);

// Who calls, and their role in a workspace.
struct Caller {
  std::int64_t session_id = 0;  // 0: by an API token
  User user;
  Role role = Role::kNone;     // kNone: not a member, or no workspace asked for
  std::string api_token_name;  // empty: by a session
};
// Nothing when there is no such session or it has ended. Notes that the session
// was used, at most once a minute.
asio::awaitable<std::optional<Caller>> find_caller(pg::Pool& pool, std::string token_hash,
                                                   std::optional<std::int64_t> workspace_id);

// The same for a session that is known to be the caller's.
asio::awaitable<std::optional<Caller>> find_session_caller(pg::Pool& pool, std::int64_t session_id,
                                                           std::optional<std::int64_t> workspace_id);

asio::awaitable<void> end_session(pg::Pool& pool, std::string token_hash);

struct Session {
  std::int64_t id = 0;
  std::string user_agent;
  std::string address;
  Instant created_at;
  Instant last_seen_at;
  Instant expires_at;
};
// Those that still stand, the latest used first, at most 1000.
asio::awaitable<std::vector<Session>> list_sessions(pg::Pool& pool, std::int64_t user_id);
// False when the user has no such session.
asio::awaitable<bool> revoke_session(pg::Pool& pool, std::int64_t user_id, std::int64_t session_id,
                                     const Actor& by);
// How many have ended.
asio::awaitable<std::int64_t> revoke_other_sessions(pg::Pool& pool, std::int64_t user_id,
                                                    std::int64_t keep_session, const Actor& by);

// The one session that a change of the account leaves, under another token.
struct KeptSession {
  std::int64_t id = 0;  // 0: none is kept
  std::string new_token_hash;
};
// For the pipeline of a change after which only `kept` may act as the user: ends
// the other sessions and sign-ins under way, and the kept one's old token.
std::vector<pg::Query> renew_sessions(std::int64_t user_id, const KeptSession& kept);

}  // namespace openseer::store
