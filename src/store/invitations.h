#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "store/accounts.h"
#include "store/audit.h"

// Invitations to a workspace: good once, for a while, and only as long as whoever
// invited may still give that role. Only the SHA-256 of the secret is stored.
namespace openseer::store {

struct Invitation {
  std::int64_t id = 0;
  std::int64_t workspace_id = 0;
  std::string workspace_name;
  Role role = Role::kNone;
  std::string email;  // empty: for any account
  std::string inviter_email;
  Instant created_at;
  Instant expires_at;
};

struct NewInvitation {
  std::int64_t workspace_id = 0;
  std::int64_t inviter_id = 0;
  Role role = Role::kNone;
  std::string email;
  std::string secret_hash;  // raw
  Seconds lifetime{};
};
// Nothing when the inviter may not (any more).
asio::awaitable<std::optional<Invitation>> create_invitation(pg::Pool& pool, NewInvitation invitation,
                                                             const Actor& by);
// Those that are good, newest first, at most 1000.
asio::awaitable<std::vector<Invitation>> list_invitations(pg::Pool& pool, std::int64_t workspace_id);
asio::awaitable<bool> revoke_invitation(pg::Pool& pool, std::int64_t workspace_id, std::int64_t id,
                                        const Actor& by);

// Nothing when it is not good.
asio::awaitable<std::optional<Invitation>> find_invitation(pg::Pool& pool, std::string secret_hash);

// Makes `user` a member; a higher role than the invitation's stays. NotFound when
// it is not good, PermissionDenied when it is for another e-mail.
asio::awaitable<Result<Membership>> accept_invitation(pg::Pool& pool, std::string secret_hash, User user,
                                                      const Actor& by);
// The same within a transaction.
asio::awaitable<Result<Membership>> use_invitation(pg::Transaction& tx, std::string secret_hash, User user,
                                                   const Actor& by);

}  // namespace openseer::store
