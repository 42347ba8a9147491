#include "store/sessions.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kCreate{"sessions_create", R"(
INSERT INTO app.sessions (token_hash, user_id, expires_at, user_agent, address)
VALUES ($1, $2, now() + $3::interval, left($4, 500), left($5, 100)))"};

const pg::Statement kFindCaller{"sessions_find_caller", R"(
WITH found AS (
  SELECT s.id, s.user_id, s.last_seen_at FROM app.sessions s
  WHERE s.token_hash = $1 AND s.expires_at > now() AND s.last_seen_at > now() - $3::interval
), used AS (
  UPDATE app.sessions SET last_seen_at = now()
  WHERE id = (SELECT id FROM found WHERE last_seen_at < now() - interval '1 min')
)
SELECT f.id, u.id, u.email, u.instance_owner, u.created_at, coalesce(m.role, 0::smallint)
FROM found f JOIN app.users u ON u.id = f.user_id
LEFT JOIN app.workspace_members m ON m.user_id = u.id AND m.workspace_id = $2)"};

const pg::Statement kEnd{"sessions_end", "DELETE FROM app.sessions WHERE token_hash = $1"};

}  // namespace

asio::awaitable<void> create_session(pg::Pool& pool, NewSession session) {
  co_await pool.query(kCreate, pg::bind(pg::Bytes{session.token_hash}, session.user_id, kSessionLifetime,
                                        session.user_agent, session.address));
}

asio::awaitable<std::optional<Caller>> find_caller(pg::Pool& pool, std::string token_hash,
                                                   std::optional<std::int64_t> workspace_id) {
  const pg::Rows rows =
      co_await pool.query(kFindCaller, pg::bind(pg::Bytes{token_hash}, workspace_id, kSessionIdleTime));
  if (rows.empty()) co_return std::nullopt;
  const pg::Row row = rows[0];
  Caller caller;
  caller.session_id = row.get<std::int64_t>(0);
  caller.user = {row.get<std::int64_t>(1), row.get<std::string>(2), row.get<bool>(3), row.get<Instant>(4)};
  caller.role = static_cast<Role>(row.get<std::int16_t>(5));
  co_return caller;
}

asio::awaitable<void> end_session(pg::Pool& pool, std::string token_hash) {
  co_await pool.query(kEnd, pg::bind(pg::Bytes{token_hash}));
}

}  // namespace openseer::store
