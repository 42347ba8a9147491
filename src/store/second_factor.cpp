#include "store/second_factor.h"

#include "pg/pool.h"
#include "pki/secret_box.h"
#include "store/user_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kFind{"second_factor_find", R"(
SELECT secret_sealed, enabled_at, (SELECT count(*) FROM app.recovery_codes c WHERE c.user_id = f.user_id), now()
FROM app.second_factors f WHERE user_id = $1)"};

const pg::Statement kBegin{"second_factor_begin", R"(
INSERT INTO app.second_factors AS f (user_id, secret_sealed) VALUES ($1, $2)
ON CONFLICT (user_id) DO UPDATE SET secret_sealed = excluded.secret_sealed, last_step = 0
WHERE f.enabled_at IS NULL)"};

const pg::Statement kEnable{"second_factor_enable", R"(
UPDATE app.second_factors SET enabled_at = now() WHERE user_id = $1 AND enabled_at IS NULL)"};
const pg::Statement kDisable{"second_factor_disable",
                             "DELETE FROM app.second_factors WHERE user_id = $1 AND enabled_at IS NOT NULL"};

const pg::Statement kUseStep{
    "second_factor_use_step",
    "UPDATE app.second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2"};

const pg::Statement kCodes{
    "recovery_codes_list",
    "SELECT id, code_hash FROM app.recovery_codes WHERE user_id = $1 ORDER BY id LIMIT 10"};
const pg::Statement kDropCodes{"recovery_codes_drop", "DELETE FROM app.recovery_codes WHERE user_id = $1"};
const pg::Statement kAddCodes{"recovery_codes_add", R"(
INSERT INTO app.recovery_codes (user_id, code_hash) SELECT $1, unnest($2::text[]))"};
const pg::Statement kUseCode{"recovery_codes_use",
                             "DELETE FROM app.recovery_codes WHERE user_id = $1 AND id = $2"};
const pg::Statement kCountCodes{"recovery_codes_count",
                                "SELECT count(*) FROM app.recovery_codes WHERE user_id = $1"};

const pg::Statement kBeginPending{"pending_begin", R"(
INSERT INTO app.pending_sign_ins (token_hash, user_id, expires_at) VALUES ($1, $2, now() + $3::interval))"};
const pg::Statement kAttemptPending{"pending_attempt", R"(
UPDATE app.pending_sign_ins p SET attempts_left = attempts_left - 1 FROM app.users u
WHERE p.token_hash = $1 AND p.expires_at > now() AND p.attempts_left > 0 AND u.id = p.user_id
RETURNING )" USER_COLUMNS};
const pg::Statement kEndPending{"pending_end", "DELETE FROM app.pending_sign_ins WHERE token_hash = $1"};

// Bound to the account: a sealed secret is worth nothing in another's row.
std::string context_of(std::int64_t user_id) { return "totp-secret:" + std::to_string(user_id); }

AuditEvent event_of(std::string action, std::int64_t user_id) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(user_id);
  event.account_id = user_id;
  return event;
}

}  // namespace

asio::awaitable<std::optional<SecondFactor>> find_second_factor(pg::Pool& pool, const pki::SecretBox& secrets,
                                                                std::int64_t user_id) {
  const pg::Rows rows = co_await pool.query(kFind, pg::bind(user_id));
  if (rows.empty()) co_return std::nullopt;
  SecondFactor factor;
  factor.secret = secrets.open(rows[0].get<pg::Bytes>(0).data, context_of(user_id));
  factor.enabled_at = rows[0].get<std::optional<Instant>>(1);
  factor.recovery_codes_left = rows[0].get<std::int64_t>(2);
  factor.now = rows[0].get<Instant>(3);
  co_return factor;
}

asio::awaitable<bool> begin_second_factor(pg::Pool& pool, const pki::SecretBox& secrets, std::int64_t user_id,
                                          std::string secret) {
  const pg::Bytes sealed{secrets.seal(secret, context_of(user_id))};
  const pg::Rows rows = co_await pool.query(kBegin, pg::bind(user_id, sealed));
  co_return rows.affected() == 1;
}

asio::awaitable<bool> enable_second_factor(pg::Pool& pool, std::int64_t user_id,
                                           std::vector<std::string> recovery_code_hashes, KeptSession kept,
                                           const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows enabled = co_await tx.query(kEnable, pg::bind(user_id));
  if (enabled.affected() == 0) {
    co_await tx.rollback();
    co_return false;
  }
  co_await tx.query(kDropCodes, pg::bind(user_id));
  co_await tx.query(kAddCodes, pg::bind(user_id, recovery_code_hashes));
  for (pg::Query& query : renew_sessions(user_id, kept))
    co_await tx.query(*query.statement, std::move(query.params));
  co_await write_audit(tx, by, event_of("second_factor.enable", user_id));
  co_await tx.commit();
  co_return true;
}

asio::awaitable<bool> disable_second_factor(pg::Pool& pool, std::int64_t user_id, KeptSession kept,
                                            const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows disabled = co_await tx.query(kDisable, pg::bind(user_id));
  if (disabled.affected() == 0) {
    co_await tx.rollback();
    co_return false;
  }
  for (pg::Query& query : renew_sessions(user_id, kept))
    co_await tx.query(*query.statement, std::move(query.params));
  co_await write_audit(tx, by, event_of("second_factor.disable", user_id));
  co_await tx.commit();
  co_return true;
}

asio::awaitable<bool> use_time_step(pg::Pool& pool, std::int64_t user_id, std::int64_t step) {
  const pg::Rows rows = co_await pool.query(kUseStep, pg::bind(user_id, step));
  co_return rows.affected() == 1;
}

asio::awaitable<std::vector<RecoveryCode>> list_recovery_codes(pg::Pool& pool, std::int64_t user_id) {
  const pg::Rows rows = co_await pool.query(kCodes, pg::bind(user_id));
  std::vector<RecoveryCode> codes;
  for (const pg::Row row : rows) codes.push_back({row.get<std::int64_t>(0), row.get<std::string>(1)});
  co_return codes;
}

asio::awaitable<std::optional<std::int64_t>> use_recovery_code(pg::Pool& pool, std::int64_t user_id,
                                                               std::int64_t id, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows used = co_await tx.query(kUseCode, pg::bind(user_id, id));
  if (used.affected() == 0) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  const pg::Rows left = co_await tx.query(kCountCodes, pg::bind(user_id));
  const auto count = left[0].get<std::int64_t>(0);
  AuditEvent event = event_of("second_factor.use_recovery_code", user_id);
  event.changes.push_back({"recovery_codes_left", std::to_string(count + 1), std::to_string(count)});
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return count;
}

asio::awaitable<void> replace_recovery_codes(pg::Pool& pool, std::int64_t user_id,
                                             std::vector<std::string> hashes, const Actor& by) {
  std::vector<pg::Query> queries;
  queries.push_back({&kDropCodes, pg::bind(user_id)});
  queries.push_back({&kAddCodes, pg::bind(user_id, hashes)});
  queries.push_back(audit(by, event_of("second_factor.replace_recovery_codes", user_id)));
  co_await pool.pipeline(std::move(queries));
}

asio::awaitable<void> begin_pending_sign_in(pg::Pool& pool, std::string token_hash, std::int64_t user_id) {
  co_await pool.query(kBeginPending, pg::bind(pg::Bytes{token_hash}, user_id, kPendingSignIn));
}

asio::awaitable<std::optional<User>> attempt_pending_sign_in(pg::Pool& pool, std::string token_hash) {
  const pg::Rows rows = co_await pool.query(kAttemptPending, pg::bind(pg::Bytes{token_hash}));
  if (rows.empty()) co_return std::nullopt;
  co_return read_user(rows[0]);
}

asio::awaitable<bool> end_pending_sign_in(pg::Pool& pool, std::string token_hash) {
  const pg::Rows rows = co_await pool.query(kEndPending, pg::bind(pg::Bytes{token_hash}));
  co_return rows.affected() == 1;
}

}  // namespace openseer::store
