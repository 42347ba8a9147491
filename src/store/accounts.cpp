#include "store/accounts.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

// The row's lock lets sign-ups in one after the other: only so can each see
// whether it is the first.
const pg::Statement kLockInstance{"accounts_lock_instance",
                                  "SELECT sign_up_open FROM app.instance FOR UPDATE"};

const pg::Statement kCreateUser{"accounts_create_user", R"(
INSERT INTO app.users (email, password_hash, instance_owner)
SELECT $1, $2, NOT EXISTS (SELECT FROM app.users)
WHERE $3 OR NOT EXISTS (SELECT FROM app.users)
RETURNING id, email, instance_owner, created_at)"};

const pg::Statement kCreateWorkspace{"accounts_create_workspace", R"(
WITH workspace AS (INSERT INTO app.workspaces (name) VALUES ('Personal') RETURNING id)
INSERT INTO app.workspace_members (workspace_id, user_id, role) SELECT id, $1, 4 FROM workspace)"};

#define CREDENTIALS "SELECT id, email, instance_owner, created_at, password_hash FROM app.users"
const pg::Statement kByEmail{"accounts_by_email", CREDENTIALS " WHERE lower(email) = lower($1)"};
const pg::Statement kById{"accounts_by_id", CREDENTIALS " WHERE id = $1"};

const pg::Statement kSetPassword{"accounts_set_password",
                                 "UPDATE app.users SET password_hash = $2 WHERE id = $1"};
const pg::Statement kEndOtherSessions{"accounts_end_other_sessions",
                                      "DELETE FROM app.sessions WHERE user_id = $1 AND id <> $2"};

const pg::Statement kMemberships{"accounts_memberships", R"(
SELECT w.id, w.name, m.role FROM app.workspace_members m JOIN app.workspaces w ON w.id = m.workspace_id
WHERE m.user_id = $1 ORDER BY w.id LIMIT 1000)"};

User read_user(const pg::Row& row) {
  return {row.get<std::int64_t>(0), row.get<std::string>(1), row.get<bool>(2), row.get<Instant>(3)};
}

std::optional<Credentials> read_credentials(const pg::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return Credentials{read_user(rows[0]), rows[0].get<std::string>(4)};
}

// Nothing when sign-up is closed.
asio::awaitable<std::optional<User>> insert_account(pg::Pool& pool, std::string email,
                                                    std::string password_hash) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows instance = co_await tx.query(kLockInstance, {});
  const bool open = instance[0].get<bool>(0);
  const pg::Rows created = co_await tx.query(kCreateUser, pg::bind(email, password_hash, open));
  if (created.empty()) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  User user = read_user(created[0]);
  co_await tx.query(kCreateWorkspace, pg::bind(user.id));
  co_await tx.commit();
  co_return user;
}

}  // namespace

asio::awaitable<Result<User>> create_account(pg::Pool& pool, std::string email, std::string password_hash) {
  try {
    std::optional<User> user = co_await insert_account(pool, std::move(email), std::move(password_hash));
    if (user) co_return std::move(*user);
  } catch (const pg::Error& error) {
    if (!error.unique_violation()) throw;
    co_return Refusal{Code::kAlreadyExists, "an account with this e-mail exists", {}};
  }
  co_return Refusal{Code::kPermissionDenied, "sign-up is closed on this instance", {}};
}

asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::string email) {
  const pg::Rows rows = co_await pool.query(kByEmail, pg::bind(email));
  co_return read_credentials(rows);
}

asio::awaitable<std::optional<Credentials>> find_credentials(pg::Pool& pool, std::int64_t user_id) {
  const pg::Rows rows = co_await pool.query(kById, pg::bind(user_id));
  co_return read_credentials(rows);
}

asio::awaitable<void> change_password(pg::Pool& pool, std::int64_t user_id, std::string password_hash,
                                      std::int64_t keep_session) {
  std::vector<pg::Query> queries;
  queries.push_back({&kSetPassword, pg::bind(user_id, password_hash)});
  queries.push_back({&kEndOtherSessions, pg::bind(user_id, keep_session)});
  co_await pool.pipeline(std::move(queries));
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

}  // namespace openseer::store
