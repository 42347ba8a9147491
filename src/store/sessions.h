#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "store/accounts.h"

// Sessions: a browser's standing right to act as a user. Only the SHA-256 of
// its token is stored.
namespace openseer::store {

inline constexpr Seconds kSessionIdleTime{7 * 24 * 3600};
inline constexpr Seconds kSessionLifetime{30 * 24 * 3600};

struct NewSession {
  std::int64_t user_id = 0;
  std::string token_hash;  // raw
  std::string user_agent;
  std::string address;
};
asio::awaitable<void> create_session(pg::Pool& pool, NewSession session);

// Whose session it is, and their role in a workspace.
struct Caller {
  std::int64_t session_id = 0;
  User user;
  Role role = Role::kNone;  // kNone: not a member, or no workspace asked for
};
// Nothing when there is no such session or it has ended. Notes that the session
// was used, at most once a minute.
asio::awaitable<std::optional<Caller>> find_caller(pg::Pool& pool, std::string token_hash,
                                                   std::optional<std::int64_t> workspace_id);

asio::awaitable<void> end_session(pg::Pool& pool, std::string token_hash);

}  // namespace openseer::store
