#include "store/password_resets.h"

#include "pg/pool.h"
#include "store/sessions.h"
#include "store/user_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kDrop{"password_resets_drop", "DELETE FROM app.password_resets WHERE user_id = $1"};
const pg::Statement kDropByEmail{"password_resets_drop_by_email", R"(
DELETE FROM app.password_resets WHERE user_id = (SELECT id FROM app.users WHERE lower(email) = lower($1)))"};
const pg::Statement kCreate{"password_resets_create", R"(
WITH made AS (
  INSERT INTO app.password_resets (token_hash, user_id, expires_at)
  SELECT $2, id, now() + $3::interval FROM app.users WHERE lower(email) = lower($1) RETURNING user_id
)
SELECT )" USER_COLUMNS " FROM made JOIN app.users u ON u.id = made.user_id"};
const pg::Statement kFind{"password_resets_find", "SELECT " USER_COLUMNS R"(
FROM app.password_resets r JOIN app.users u ON u.id = r.user_id
WHERE r.token_hash = $1 AND r.expires_at > now())"};
const pg::Statement kUse{"password_resets_use", R"(
DELETE FROM app.password_resets r USING app.users u
WHERE r.token_hash = $1 AND r.expires_at > now() AND u.id = r.user_id
RETURNING )" USER_COLUMNS};
const pg::Statement kSetPassword{"password_resets_set_password",
                                 "UPDATE app.users SET password_hash = $2 WHERE id = $1"};

AuditEvent event_of(std::string action, const User& user) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(user.id);
  event.object_name = user.email;
  event.account_id = user.id;
  return event;
}

}  // namespace

asio::awaitable<std::optional<User>> create_password_reset(pg::Pool& pool, std::string email,
                                                           std::string token_hash, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  co_await tx.query(kDropByEmail, pg::bind(email));
  const pg::Rows created =
      co_await tx.query(kCreate, pg::bind(email, pg::Bytes{token_hash}, kPasswordResetLifetime));
  std::optional<User> user;
  AuditEvent event{.action = "user.request_password_reset", .object_name = email};
  if (!created.empty()) {
    user = read_user(created[0]);
    event = event_of("user.request_password_reset", *user);
  }
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return user;
}

asio::awaitable<std::optional<User>> find_password_reset(pg::Pool& pool, std::string token_hash) {
  const pg::Rows rows = co_await pool.query(kFind, pg::bind(pg::Bytes{token_hash}));
  if (rows.empty()) co_return std::nullopt;
  co_return read_user(rows[0]);
}

asio::awaitable<bool> use_password_reset(pg::Pool& pool, std::string token_hash, std::string password_hash,
                                         Actor by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows used = co_await tx.query(kUse, pg::bind(pg::Bytes{token_hash}));
  if (used.empty()) {
    co_await tx.rollback();
    co_return false;
  }
  const User user = read_user(used[0]);
  co_await tx.query(kDrop, pg::bind(user.id));
  co_await tx.query(kSetPassword, pg::bind(user.id, password_hash));
  const KeptSession none;
  for (pg::Query& query : renew_sessions(user.id, none))
    co_await tx.query(*query.statement, std::move(query.params));
  by.user_id = user.id;
  by.name = user.email;
  co_await write_audit(tx, by, event_of("user.reset_password", user));
  co_await tx.commit();
  co_return true;
}

}  // namespace openseer::store
