#include "store/sessions.h"

#include "pg/pool.h"
#include "store/user_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kCreate{"sessions_create", R"(
INSERT INTO app.sessions (token_hash, user_id, expires_at, user_agent, address)
VALUES ($1, $2, now() + $3::interval, left($4, 500), left($5, 100)))"};

#define FIND_CALLER(condition)                                                        \
  "WITH found AS ("                                                                   \
  " SELECT s.id, s.user_id, s.last_seen_at FROM app.sessions s"                       \
  " WHERE " condition                                                                 \
  " AND s.expires_at > now() AND s.last_seen_at > now() - $3::interval"               \
  "), used AS ("                                                                      \
  " UPDATE app.sessions SET last_seen_at = now()"                                     \
  " WHERE id = (SELECT id FROM found WHERE last_seen_at < now() - interval '1 min'))" \
  " SELECT s.id, coalesce(m.role, 0::smallint), " USER_COLUMNS                        \
  " FROM found s JOIN app.users u ON u.id = s.user_id"                                \
  " LEFT JOIN app.workspace_members m ON m.user_id = u.id AND m.workspace_id = $2"
const pg::Statement kFindCaller{"sessions_find_caller", FIND_CALLER("s.token_hash = $1")};
const pg::Statement kFindAgain{"sessions_find_caller_again", FIND_CALLER("s.id = $1")};

const pg::Statement kEnd{"sessions_end", "DELETE FROM app.sessions WHERE token_hash = $1"};

const pg::Statement kList{"sessions_list", R"(
SELECT id, user_agent, address, created_at, last_seen_at, expires_at FROM app.sessions
WHERE user_id = $1 AND expires_at > now() AND last_seen_at > now() - $2::interval
ORDER BY last_seen_at DESC, id DESC LIMIT 1000)"};

const pg::Statement kRevoke{"sessions_revoke",
                            "DELETE FROM app.sessions WHERE user_id = $1 AND id = $2 RETURNING address"};
const pg::Statement kRevokeOthers{"sessions_revoke_others",
                                  "DELETE FROM app.sessions WHERE user_id = $1 AND id <> $2"};
const pg::Statement kEndPending{"sessions_end_pending",
                                "DELETE FROM app.pending_sign_ins WHERE user_id = $1"};
const pg::Statement kRotate{"sessions_rotate",
                            "UPDATE app.sessions SET token_hash = $3 WHERE user_id = $1 AND id = $2"};

std::optional<Caller> read_caller(const pg::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  Caller caller;
  caller.session_id = rows[0].get<std::int64_t>(0);
  caller.role = static_cast<Role>(rows[0].get<std::int16_t>(1));
  caller.user = read_user(rows[0], 2);
  return caller;
}

}  // namespace

asio::awaitable<void> create_session(pg::Pool& pool, NewSession session, const Actor& by) {
  AuditEvent event{.action = "user.sign_in", .object_id = std::to_string(session.user.id)};
  event.object_name = session.user.email;
  event.account_id = session.user.id;
  std::vector<pg::Query> queries;
  queries.push_back({&kCreate, pg::bind(pg::Bytes{session.token_hash}, session.user.id, kSessionLifetime,
                                        by.user_agent, by.address)});
  queries.push_back(audit(by, event));
  co_await pool.pipeline(std::move(queries));
}

asio::awaitable<std::optional<Caller>> find_caller(pg::Pool& pool, std::string token_hash,
                                                   std::optional<std::int64_t> workspace_id) {
  const pg::Rows rows =
      co_await pool.query(kFindCaller, pg::bind(pg::Bytes{token_hash}, workspace_id, kSessionIdleTime));
  co_return read_caller(rows);
}

asio::awaitable<std::optional<Caller>> find_session_caller(pg::Pool& pool, std::int64_t session_id,
                                                           std::optional<std::int64_t> workspace_id) {
  const pg::Rows rows = co_await pool.query(kFindAgain, pg::bind(session_id, workspace_id, kSessionIdleTime));
  co_return read_caller(rows);
}

asio::awaitable<void> end_session(pg::Pool& pool, std::string token_hash) {
  co_await pool.query(kEnd, pg::bind(pg::Bytes{token_hash}));
}

asio::awaitable<std::vector<Session>> list_sessions(pg::Pool& pool, std::int64_t user_id) {
  const pg::Rows rows = co_await pool.query(kList, pg::bind(user_id, kSessionIdleTime));
  std::vector<Session> sessions;
  for (const pg::Row row : rows) {
    sessions.push_back({row.get<std::int64_t>(0), row.get<std::string>(1), row.get<std::string>(2),
                        row.get<Instant>(3), row.get<Instant>(4), row.get<Instant>(5)});
  }
  co_return sessions;
}

asio::awaitable<bool> revoke_session(pg::Pool& pool, std::int64_t user_id, std::int64_t session_id,
                                     const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows ended = co_await tx.query(kRevoke, pg::bind(user_id, session_id));
  if (!ended.empty()) {
    co_await write_audit(tx, by,
                         {.action = "session.revoke",
                          .object_id = std::to_string(session_id),
                          .object_name = ended[0].get<std::string>(0),
                          .account_id = user_id});
  }
  co_await tx.commit();
  co_return !ended.empty();
}

asio::awaitable<std::int64_t> revoke_other_sessions(pg::Pool& pool, std::int64_t user_id,
                                                    std::int64_t keep_session, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows ended = co_await tx.query(kRevokeOthers, pg::bind(user_id, keep_session));
  if (ended.affected() > 0) {
    co_await write_audit(tx, by,
                         {.action = "session.revoke_others",
                          .changes = {{"sessions", "", std::to_string(ended.affected())}},
                          .account_id = user_id});
  }
  co_await tx.commit();
  co_return ended.affected();
}

std::vector<pg::Query> renew_sessions(std::int64_t user_id, const KeptSession& kept) {
  std::vector<pg::Query> queries;
  queries.push_back({&kRevokeOthers, pg::bind(user_id, kept.id)});
  queries.push_back({&kEndPending, pg::bind(user_id)});
  if (kept.id != 0) queries.push_back({&kRotate, pg::bind(user_id, kept.id, pg::Bytes{kept.new_token_hash})});
  return queries;
}

}  // namespace openseer::store
