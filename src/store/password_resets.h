#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "store/accounts.h"
#include "store/audit.h"

// Links that set a new password, once. Only the SHA-256 of their token is stored.
namespace openseer::store {

inline constexpr Seconds kPasswordResetLifetime{3600};

// In place of the user's earlier ones; nothing when no account has this e-mail,
// which costs as much and is in the audit log, too.
asio::awaitable<std::optional<User>> create_password_reset(pg::Pool& pool, std::string email,
                                                           std::string token_hash, const Actor& by);

// Whose it is; nothing when it is unknown, used or too old.
asio::awaitable<std::optional<User>> find_password_reset(pg::Pool& pool, std::string token_hash);

// One transaction: uses it up, sets the password, ends all sessions. False when
// it is not good (any more).
asio::awaitable<bool> use_password_reset(pg::Pool& pool, std::string token_hash, std::string password_hash,
                                         Actor by);

}  // namespace openseer::store
