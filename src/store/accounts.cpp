#include "store/accounts.h"

#include "pg/pool.h"
#include "store/instance.h"
#include "store/invitations.h"
#include "store/sessions.h"
#include "store/user_columns.h"

namespace openseer::store {
namespace {

// The row's lock lets sign-ups in one after the other: only so can each see
// whether it is the first.
const pg::Statement kLockInstance{
    "accounts_lock_instance",
    "SELECT sign_up, NOT EXISTS (SELECT FROM app.users) FROM app.instance FOR UPDATE"};

const pg::Statement kCreateUser{"accounts_create_user", R"(
INSERT INTO app.users AS u (email, password_hash, display_name, instance_owner) VALUES ($1, $2, $3, $4)
RETURNING )" USER_COLUMNS};

const pg::Statement kCreateWorkspace{"accounts_create_workspace", R"(
WITH workspace AS (INSERT INTO app.workspaces (name) VALUES ('Personal') RETURNING id)
INSERT INTO app.workspace_members (workspace_id, user_id, role) SELECT id, $1, 4 FROM workspace)"};

#define CREDENTIALS "SELECT u.password_hash, " USER_COLUMNS " FROM app.users u"
const pg::Statement kByEmail{"accounts_by_email", CREDENTIALS " WHERE lower(u.email) = lower($1)"};
const pg::Statement kById{"accounts_by_id", CREDENTIALS " WHERE u.id = $1"};

const pg::Statement kSetPassword{"accounts_set_password",
                                 "UPDATE app.users SET password_hash = $2 WHERE id = $1"};
const pg::Statement kSetEmail{"accounts_set_email",
                              "UPDATE app.users u SET email = $2 WHERE id = $1 RETURNING " USER_COLUMNS};
const pg::Statement kSetName{
    "accounts_set_name", "UPDATE app.users u SET display_name = $2 WHERE id = $1 RETURNING " USER_COLUMNS};
const pg::Statement kDropResets{"accounts_drop_resets", "DELETE FROM app.password_resets WHERE user_id = $1"};

const pg::Statement kMemberships{"accounts_memberships", R"(
SELECT w.id, w.name, m.role FROM app.workspace_members m JOIN app.workspaces w ON w.id = m.workspace_id
WHERE m.user_id = $1 ORDER BY w.id LIMIT 1000)"};

const pg::Statement kListUsers{"accounts_list", "SELECT " USER_COLUMNS R"(
FROM app.users u WHERE lower(u.email) > lower($1) ORDER BY lower(u.email) LIMIT $2)"};

std::optional<Credentials> read_credentials(const pg::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return Credentials{read_user(rows[0], 1), rows[0].get<std::string>(0)};
}

AuditEvent event_of(std::string action, const User& user) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(user.id);
  event.object_name = user.email;
  event.account_id = user.id;
  return event;
}

asio::awaitable<Result<User>> insert_account(pg::Transaction& tx, const NewAccount& account, Actor by) {
  const pg::Rows instance = co_await tx.query(kLockInstance, {});
  const auto policy = static_cast<SignUp>(instance[0].get<std::int16_t>(0));
  const bool first = instance[0].get<bool>(1);
  const bool invited = policy == SignUp::kInvitation && !account.invitation_hash.empty();
  if (!first && policy != SignUp::kOpen && !invited) co_return sign_up_refused(policy);

  const pg::Rows created = co_await tx.query(
      kCreateUser, pg::bind(account.email, account.password_hash, account.display_name, first));
  const User user = read_user(created[0]);
  by.user_id = user.id;
  by.name = user.email;
  co_await tx.query(kCreateWorkspace, pg::bind(user.id));
  co_await write_audit(tx, by, event_of("user.sign_up", user));
  if (!account.invitation_hash.empty()) {
    const Result<Membership> joined = co_await use_invitation(tx, account.invitation_hash, user, by);
    if (!joined) co_return joined.error();
  }
  co_return user;
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kNone:
      return "";
    case Role::kViewer:
      return "viewer";
    case Role::kEditor:
      return "editor";
    case Role::kAdmin:
      return "admin";
    case Role::kOwner:
      return "owner";
  }
  return "";
}

User read_user(const pg::Row& row, int first) {
  User user;
  user.id = row.get<std::int64_t>(first);
  user.email = row.get<std::string>(first + 1);
  user.instance_owner = row.get<bool>(first + 2);
  user.created_at = row.get<Instant>(first + 3);
  user.display_name = row.get<std::string>(first + 4);
  user.two_factor = row.get<bool>(first + 5);
  return user;
}

asio::awaitable<Result<User>> create_account(pg::Pool& pool, NewAccount account, const Actor& by) {
  try {
    pg::Transaction tx = co_await pool.begin();
    Result<User> user = co_await insert_account(tx, account, by);
    if (user) {
      co_await tx.commit();
    } else {
      co_await tx.rollback();
    }
    co_return user;
  } catch (const pg::Error& error) {
    if (!error.unique_violation()) throw;
  }
  co_return Refusal{Code::kAlreadyExists, "an account with this e-mail exists", {}};
}

asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::string email) {
  const pg::Rows rows = co_await pool.query(kByEmail, pg::bind(email));
  co_return read_credentials(rows);
}

asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::int64_t user_id) {
  const pg::Rows rows = co_await pool.query(kById, pg::bind(user_id));
  co_return read_credentials(rows);
}

asio::awaitable<void> change_password(pg::Pool& pool, const User& user, std::string password_hash,
                                      KeptSession kept, const Actor& by) {
  std::vector<pg::Query> queries = renew_sessions(user.id, kept);
  queries.push_back({&kSetPassword, pg::bind(user.id, password_hash)});
  queries.push_back({&kDropResets, pg::bind(user.id)});
  queries.push_back(audit(by, event_of("user.change_password", user)));
  co_await pool.pipeline(std::move(queries));
}

asio::awaitable<Result<User>> change_email(pg::Pool& pool, const User& user, std::string email,
                                           KeptSession kept, const Actor& by) {
  AuditEvent event = event_of("user.change_email", user);
  event.changes.push_back({"email", user.email, email});
  std::vector<pg::Query> queries;
  queries.push_back({&kSetEmail, pg::bind(user.id, email)});
  queries.push_back({&kDropResets, pg::bind(user.id)});
  queries.push_back(audit(by, event));
  for (pg::Query& query : renew_sessions(user.id, kept)) queries.push_back(std::move(query));
  try {
    const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
    co_return read_user(results.front()[0]);
  } catch (const pg::Error& error) {
    if (!error.unique_violation()) throw;
  }
  co_return Refusal{Code::kAlreadyExists, "an account with this e-mail exists", {}};
}

asio::awaitable<User> set_display_name(pg::Pool& pool, const User& user, std::string name, const Actor& by) {
  AuditEvent event = event_of("user.update_profile", user);
  event.changes.push_back({"display_name", user.display_name, name});
  std::vector<pg::Query> queries;
  queries.push_back({&kSetName, pg::bind(user.id, name)});
  queries.push_back(audit(by, event));
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
  co_return read_user(results.front()[0]);
}

asio::awaitable<std::vector<Membership>> list_memberships(pg::Pool& pool, std::int64_t user_id) {
  const pg::Rows rows = co_await pool.query(kMemberships, pg::bind(user_id));
  std::vector<Membership> memberships;
  for (const pg::Row row : rows) {
    memberships.push_back(
        {row.get<std::int64_t>(0), row.get<std::string>(1), static_cast<Role>(row.get<std::int16_t>(2))});
  }
  co_return memberships;
}

asio::awaitable<std::vector<User>> list_users(pg::Pool& pool, std::string after_email, std::size_t limit) {
  const pg::Rows rows =
      co_await pool.query(kListUsers, pg::bind(after_email, static_cast<std::int64_t>(limit)));
  std::vector<User> users;
  for (const pg::Row row : rows) users.push_back(read_user(row));
  co_return users;
}

}  // namespace openseer::store
