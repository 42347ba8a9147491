#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/refusal.h"

namespace openseer::pg {
class Pool;
}

// Users, and the workspaces they belong to.
namespace openseer::store {

namespace asio = boost::asio;

struct User {
  std::int64_t id = 0;
  std::string email;
  bool instance_owner = false;
  Instant created_at;
};

// What a member may do; each role includes the ones before it. Stored.
enum class Role : std::int16_t { kNone = 0, kViewer = 1, kEditor = 2, kAdmin = 3, kOwner = 4 };

struct Membership {
  std::int64_t workspace_id = 0;
  std::string workspace_name;
  Role role = Role::kNone;
};

struct Credentials {
  User user;
  std::string password_hash;  // PHC string
};

// Creates a user with a workspace of their own. The first account owns the
// instance; later ones need sign-up to be open (PermissionDenied otherwise).
// AlreadyExists when the e-mail is taken, in whatever case.
asio::awaitable<Result<User>> create_account(pg::Pool& pool, std::string email, std::string password_hash);

asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::string email);
asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::int64_t user_id);

// One transaction: the new password, and the end of all sessions but `keep_session`.
asio::awaitable<void> change_password(pg::Pool& pool, std::int64_t user_id, std::string password_hash,
                                      std::int64_t keep_session);

// By workspace id, at most 1000.
asio::awaitable<std::vector<Membership>> list_memberships(pg::Pool& pool, std::int64_t user_id);

}  // namespace openseer::store
