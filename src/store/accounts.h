#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
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
struct Actor;
struct KeptSession;

struct User {
  std::int64_t id = 0;
  std::string email;
  bool instance_owner = false;
  Instant created_at;
  std::string display_name;
  bool two_factor = false;
};

// What a member may do; each role includes the ones before it. Stored.
enum class Role : std::int16_t { kNone = 0, kViewer = 1, kEditor = 2, kAdmin = 3, kOwner = 4 };

// "viewer" ..., for the audit log.
std::string_view name_of(Role role);

struct Membership {
  std::int64_t workspace_id = 0;
  std::string workspace_name;
  Role role = Role::kNone;
};

struct Credentials {
  User user;
  std::string password_hash;  // PHC string
};

struct NewAccount {
  std::string email;
  std::string password_hash;  // PHC string
  std::string display_name;
  std::string invitation_hash;  // SHA-256, raw; empty: without one
};
// Creates a user with a workspace of their own, and uses the invitation. The
// first account owns the instance; later ones need what the instance's sign-up
// setting asks for (PermissionDenied). AlreadyExists when the e-mail is taken, in
// whatever case; NotFound when the invitation is not good. `by` needs no user.
asio::awaitable<Result<User>> create_account(pg::Pool& pool, NewAccount account, const Actor& by);

asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::string email);
asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::int64_t user_id);

// One transaction: the new password, the end of all sessions but `kept`, and of
// whatever links to reset it were sent.
asio::awaitable<void> change_password(pg::Pool& pool, const User& user, std::string password_hash,
                                      KeptSession kept, const Actor& by);

// As above, for the e-mail. AlreadyExists when it is taken.
asio::awaitable<Result<User>> change_email(pg::Pool& pool, const User& user, std::string email,
                                           KeptSession kept, const Actor& by);

asio::awaitable<User> set_display_name(pg::Pool& pool, const User& user, std::string name, const Actor& by);

// By workspace id, at most 1000.
asio::awaitable<std::vector<Membership>> list_memberships(pg::Pool& pool, std::int64_t user_id);

// All accounts by e-mail, a page at a time, for the operator's command line.
asio::awaitable<std::vector<User>> list_users(pg::Pool& pool, std::string after_email, std::size_t limit);

}  // namespace openseer::store
