#include "store/workers.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kListRegions{"regions_list", R"(
SELECT r.id, r.name,
       (SELECT count(*) FROM app.workers w
        WHERE (w.region_id = r.id OR r.id = 1) AND w.revoked_at IS NULL
          AND w.last_seen_at > now() - interval '30 s'),
       coalesce(f.in_flight, 0)::bigint, coalesce(f.checks_per_second, 0)::float8
FROM app.regions r
LEFT JOIN LATERAL (
  SELECT sum(w.in_flight) AS in_flight, sum(w.checks_per_second) AS checks_per_second FROM app.workers w
  WHERE (w.region_id = r.id OR r.id = 1) AND w.revoked_at IS NULL AND w.last_seen_at > now() - interval '30 s'
) f ON true
ORDER BY r.id <> 1, r.name LIMIT 10000)"};

#define IS_ONLINE "w.revoked_at IS NULL AND coalesce(w.last_seen_at > now() - interval '30 s', false)"
#define WORKER_COLUMNS                                                       \
  "w.id, w.name, r.name, w.region_id, w.version, " IS_ONLINE                 \
  ", w.enrolled_at, w.last_seen_at, w.certificate_expires_at, w.revoked_at," \
  " CASE WHEN " IS_ONLINE                                                    \
  " THEN w.in_flight ELSE 0 END,"                                            \
  " CASE WHEN " IS_ONLINE " THEN w.checks_per_second ELSE 0 END"

const pg::Statement kListWorkers{"workers_list", "SELECT " WORKER_COLUMNS R"(
FROM app.workers w JOIN app.regions r ON r.id = w.region_id
ORDER BY r.name, w.name, w.id LIMIT 10000)"};

const pg::Statement kFindWorker{"workers_find", "SELECT " WORKER_COLUMNS R"(
FROM app.workers w JOIN app.regions r ON r.id = w.region_id WHERE w.id = $1)"};

const pg::Statement kRevokeWorker{"workers_revoke", R"(
UPDATE app.workers SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING name)"};
const pg::Statement kNotifyWorkers{"workers_notify", "SELECT pg_notify('openseer_workers', '')"};

#define TOKEN_COLUMNS "t.id, r.name, t.uses_left, t.created_at, t.expires_at"

const pg::Statement kCreateToken{"tokens_create", R"(
WITH existing AS (
  INSERT INTO app.regions (name) VALUES ($1)
  -- A no-op update, so that an existing region is returned, too.
  ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id, name
), t AS (
  INSERT INTO app.enrollment_tokens (token_hash, region_id, uses_left, expires_at)
  SELECT $2, id, $3, now() + $4::interval FROM existing RETURNING *
)
SELECT )" TOKEN_COLUMNS " FROM t JOIN existing r ON r.id = t.region_id"};

const pg::Statement kListTokens{"tokens_list", "SELECT " TOKEN_COLUMNS R"(
FROM app.enrollment_tokens t JOIN app.regions r ON r.id = t.region_id
WHERE t.revoked_at IS NULL AND t.expires_at > now() AND t.uses_left > 0
ORDER BY t.id DESC LIMIT 1000)"};

const pg::Statement kRevokeToken{"tokens_revoke", R"(
UPDATE app.enrollment_tokens t SET revoked_at = coalesce(revoked_at, now())
FROM app.regions r WHERE t.id = $1 AND r.id = t.region_id RETURNING r.name)"};

const pg::Statement kEnroll{"workers_enroll", R"(
WITH token AS (
  UPDATE app.enrollment_tokens SET uses_left = uses_left - 1
  WHERE token_hash = $1 AND uses_left > 0 AND expires_at > now() AND revoked_at IS NULL
  RETURNING region_id
), w AS (
  INSERT INTO app.workers (name, region_id, certificate_expires_at)
  SELECT $2, region_id, $3 FROM token RETURNING *
)
SELECT )" WORKER_COLUMNS " FROM w JOIN app.regions r ON r.id = w.region_id"};

// In id order, so that two replicas never wait for each other in a circle.
const pg::Statement kTouch{"workers_touch", R"(
UPDATE app.workers w SET last_seen_at = now(), in_flight = f.in_flight, checks_per_second = f.rate
FROM unnest($1::integer[], $2::integer[], $3::float8[]) AS f (id, in_flight, rate)
WHERE w.id = f.id AND w.id IN (SELECT id FROM app.workers WHERE id = ANY ($1) ORDER BY id FOR UPDATE))"};

const pg::Statement kSetVersion{"workers_set_version", R"(
UPDATE app.workers SET version = $2, last_seen_at = now() WHERE id = $1)"};

const pg::Statement kSetExpiry{"workers_set_expiry", R"(
UPDATE app.workers SET certificate_expires_at = $2 WHERE id = $1)"};

const pg::Statement kRevokedAmong{"workers_revoked_among", R"(
SELECT id FROM app.workers WHERE id = ANY ($1) AND revoked_at IS NOT NULL)"};

Worker read_worker(const pg::Row& row) {
  return {row.get<std::int32_t>(0),  row.get<std::string>(1),
          row.get<std::string>(2),   row.get<std::int16_t>(3),
          row.get<std::string>(4),   row.get<bool>(5),
          row.get<Instant>(6),       row.get<std::optional<Instant>>(7),
          row.get<Instant>(8),       row.get<std::optional<Instant>>(9),
          row.get<std::int32_t>(10), row.get<double>(11)};
}

EnrollmentToken read_token(const pg::Row& row) {
  return {row.get<std::int64_t>(0), row.get<std::string>(1), row.get<std::int32_t>(2), row.get<Instant>(3),
          row.get<Instant>(4)};
}

AuditEvent event_of(std::string action, std::int64_t id, std::string name) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(id);
  event.object_name = std::move(name);
  return event;
}

}  // namespace

asio::awaitable<std::vector<Region>> list_regions(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kListRegions);
  std::vector<Region> regions;
  for (const pg::Row row : rows) {
    regions.push_back({row.get<std::int16_t>(0), row.get<std::string>(1), row.get<std::int64_t>(2),
                       row.get<std::int64_t>(3), row.get<double>(4)});
  }
  co_return regions;
}

asio::awaitable<std::vector<Worker>> list_workers(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kListWorkers);
  std::vector<Worker> workers;
  for (const pg::Row row : rows) workers.push_back(read_worker(row));
  co_return workers;
}

asio::awaitable<std::optional<Worker>> find_worker(pg::Pool& pool, std::int32_t id) {
  const pg::Rows rows = co_await pool.query(kFindWorker, pg::bind(id));
  if (rows.empty()) co_return std::nullopt;
  co_return read_worker(rows[0]);
}

asio::awaitable<bool> revoke_worker(pg::Pool& pool, std::int32_t id, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kRevokeWorker, pg::bind(id));
  if (!rows.empty()) {
    co_await tx.query(kNotifyWorkers, {});
    co_await write_audit(tx, by, event_of("worker.revoke", id, rows[0].get<std::string>(0)));
  }
  co_await tx.commit();
  co_return !rows.empty();
}

asio::awaitable<EnrollmentToken> create_token(pg::Pool& pool, std::string region, std::string token_hash,
                                              std::int32_t uses, Seconds lifetime, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows =
      co_await tx.query(kCreateToken, pg::bind(region, pg::Bytes{std::move(token_hash)}, uses, lifetime));
  EnrollmentToken token = read_token(rows[0]);
  AuditEvent event = event_of("enrollment_token.create", token.id, token.region);
  event.changes.push_back({"uses", "", std::to_string(uses)});
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return token;
}

asio::awaitable<std::vector<EnrollmentToken>> list_tokens(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kListTokens);
  std::vector<EnrollmentToken> tokens;
  for (const pg::Row row : rows) tokens.push_back(read_token(row));
  co_return tokens;
}

asio::awaitable<bool> revoke_token(pg::Pool& pool, std::int64_t id, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kRevokeToken, pg::bind(id));
  if (!rows.empty())
    co_await write_audit(tx, by, event_of("enrollment_token.revoke", id, rows[0].get<std::string>(0)));
  co_await tx.commit();
  co_return !rows.empty();
}

asio::awaitable<std::optional<Worker>> enroll(pg::Pool& pool, std::string token_hash, std::string name,
                                              Instant certificate_expires_at, Actor by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows =
      co_await tx.query(kEnroll, pg::bind(pg::Bytes{std::move(token_hash)}, name, certificate_expires_at));
  if (rows.empty()) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  Worker worker = read_worker(rows[0]);
  by.name = "worker " + worker.name;
  AuditEvent event = event_of("worker.enroll", worker.id, worker.name);
  event.changes.push_back({"region", "", worker.region});
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return worker;
}

asio::awaitable<void> touch_workers(pg::Pool& pool, std::vector<WorkerFigures> figures) {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> in_flight;
  std::vector<double> rates;
  for (const WorkerFigures& worker : figures) {
    ids.push_back(worker.id);
    in_flight.push_back(worker.in_flight);
    rates.push_back(worker.checks_per_second);
  }
  co_await pool.query(kTouch, pg::bind(ids, in_flight, rates));
}

asio::awaitable<void> set_worker_version(pg::Pool& pool, std::int32_t id, std::string version) {
  co_await pool.query(kSetVersion, pg::bind(id, version));
}

asio::awaitable<void> set_certificate_expiry(pg::Pool& pool, std::int32_t id, Instant expires_at) {
  co_await pool.query(kSetExpiry, pg::bind(id, expires_at));
}

asio::awaitable<std::vector<std::int32_t>> revoked_among(pg::Pool& pool, std::vector<std::int32_t> ids) {
  const pg::Rows rows = co_await pool.query(kRevokedAmong, pg::bind(ids));
  std::vector<std::int32_t> revoked;
  for (const pg::Row row : rows) revoked.push_back(row.get<std::int32_t>(0));
  co_return revoked;
}

}  // namespace openseer::store
