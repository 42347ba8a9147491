#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "store/accounts.h"
#include "store/audit.h"

// Workspaces and who belongs to them. A workspace always has an owner: changes
// of members take the workspace's row lock, so that two owners cannot both go.
namespace openseer::store {

struct Member {
  User user;
  Role role = Role::kNone;
  Instant joined_at;
};

// `user_id` becomes its owner.
asio::awaitable<Membership> create_workspace(pg::Pool& pool, std::string name, std::int64_t user_id,
                                             const Actor& by);
asio::awaitable<void> rename_workspace(pg::Pool& pool, std::int64_t id, std::string name, const Actor& by);
// With its monitors. InvalidArgument when `name` is not its name, NotFound when
// it is gone.
asio::awaitable<Result<void>> delete_workspace(pg::Pool& pool, std::int64_t id, std::string name,
                                               const Actor& by);

// By role, the highest first, then e-mail; at most 1000.
asio::awaitable<std::vector<Member>> list_members(pg::Pool& pool, std::int64_t workspace_id);

// Who changes a member, by the rights they have: `role` is that of the caller,
// who can neither give a higher one nor touch whoever has a higher one
// (PermissionDenied). NotFound for who is no member, FailedPrecondition for the
// last owner.
asio::awaitable<Result<Member>> change_role(pg::Pool& pool, std::int64_t workspace_id, std::int64_t user_id,
                                            Role role, Role callers_role, const Actor& by);
asio::awaitable<Result<void>> remove_member(pg::Pool& pool, std::int64_t workspace_id, std::int64_t user_id,
                                            Role callers_role, const Actor& by);

}  // namespace openseer::store
