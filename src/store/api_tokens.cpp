#include "store/api_tokens.h"

#include "pg/pool.h"
#include "store/user_columns.h"

namespace openseer::store {
namespace {

#define TOKEN_COLUMNS "t.id, t.name, t.role, t.prefix, u.email, t.created_at, t.expires_at, t.last_used_at"

const pg::Statement kCreate{"api_tokens_create", R"(
WITH t AS (
  INSERT INTO app.api_tokens (workspace_id, user_id, name, role, token_hash, prefix, expires_at)
  SELECT m.workspace_id, m.user_id, $3, $4, $5, $6, now() + $7::interval FROM app.workspace_members m
  WHERE m.workspace_id = $1 AND m.user_id = $2 AND m.role >= $4
  RETURNING *
)
SELECT )" TOKEN_COLUMNS " FROM t JOIN app.users u ON u.id = t.user_id"};

const pg::Statement kList{"api_tokens_list", "SELECT " TOKEN_COLUMNS R"(
FROM app.api_tokens t JOIN app.users u ON u.id = t.user_id
WHERE t.workspace_id = $1 AND ($2::bigint IS NULL OR t.user_id = $2)
ORDER BY t.id DESC LIMIT 1000)"};

const pg::Statement kRevoke{"api_tokens_revoke", R"(
DELETE FROM app.api_tokens WHERE workspace_id = $1 AND ($2::bigint IS NULL OR user_id = $2) AND id = $3
RETURNING name)"};

const pg::Statement kFindCaller{"api_tokens_find_caller", R"(
WITH found AS (
  SELECT * FROM app.api_tokens WHERE token_hash = $1 AND (expires_at IS NULL OR expires_at > now())
), used AS (
  UPDATE app.api_tokens SET last_used_at = now()
  WHERE id = (SELECT id FROM found WHERE last_used_at IS NULL OR last_used_at < now() - interval '1 min')
)
SELECT t.name, CASE WHEN t.workspace_id = $2 THEN least(t.role, m.role) ELSE 0::smallint END, )" USER_COLUMNS
                                                          R"(
FROM found t JOIN app.users u ON u.id = t.user_id
JOIN app.workspace_members m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id)"};

ApiToken read_token(const pg::Row& row) {
  return {row.get<std::int64_t>(0),
          row.get<std::string>(1),
          static_cast<Role>(row.get<std::int16_t>(2)),
          row.get<std::string>(3),
          row.get<std::string>(4),
          row.get<Instant>(5),
          row.get<std::optional<Instant>>(6),
          row.get<std::optional<Instant>>(7)};
}

}  // namespace

asio::awaitable<std::optional<ApiToken>> create_api_token(pg::Pool& pool, NewApiToken token,
                                                          const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(
      kCreate, pg::bind(token.workspace_id, token.user_id, token.name, static_cast<std::int16_t>(token.role),
                        pg::Bytes{token.token_hash}, token.prefix, token.lifetime));
  if (rows.empty()) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  ApiToken created = read_token(rows[0]);
  AuditEvent event{.action = "api_token.create", .object_id = std::to_string(created.id)};
  event.object_name = created.name;
  event.changes.push_back({"role", "", std::string(name_of(created.role))});
  event.workspace_id = token.workspace_id;
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return created;
}

asio::awaitable<std::vector<ApiToken>> list_api_tokens(pg::Pool& pool, std::int64_t workspace_id,
                                                       std::optional<std::int64_t> user_id) {
  const pg::Rows rows = co_await pool.query(kList, pg::bind(workspace_id, user_id));
  std::vector<ApiToken> tokens;
  for (const pg::Row row : rows) tokens.push_back(read_token(row));
  co_return tokens;
}

asio::awaitable<bool> revoke_api_token(pg::Pool& pool, std::int64_t workspace_id,
                                       std::optional<std::int64_t> user_id, std::int64_t id,
                                       const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kRevoke, pg::bind(workspace_id, user_id, id));
  if (!rows.empty()) {
    AuditEvent event{.action = "api_token.revoke", .object_id = std::to_string(id)};
    event.object_name = rows[0].get<std::string>(0);
    event.workspace_id = workspace_id;
    co_await write_audit(tx, by, std::move(event));
  }
  co_await tx.commit();
  co_return !rows.empty();
}

asio::awaitable<std::optional<Caller>> find_token_caller(pg::Pool& pool, std::string token_hash,
                                                         std::optional<std::int64_t> workspace_id) {
  const pg::Rows rows = co_await pool.query(kFindCaller, pg::bind(pg::Bytes{token_hash}, workspace_id));
  if (rows.empty()) co_return std::nullopt;
  Caller caller;
  caller.api_token_name = rows[0].get<std::string>(0);
  caller.role = static_cast<Role>(rows[0].get<std::int16_t>(1));
  caller.user = read_user(rows[0], 2);
  co_return caller;
}

}  // namespace openseer::store
