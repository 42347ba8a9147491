#include "integration/sql.h"

#include <stdexcept>

#include <libpq-fe.h>

namespace openseer::test {

void Sql::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

void Sql::connect() {
  const bool url = conninfo_.find("://") != std::string::npos;
  connection_.reset(PQconnectdb((url ? conninfo_ : conninfo_ + " connect_timeout=10").c_str()));
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

std::string Sql::text(const std::string& sql) {
  if (!connection_) connect();
  using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;
  Result result(PQexec(connection_.get(), sql.c_str()), PQclear);
  if (PQstatus(connection_.get()) != CONNECTION_OK) {  // the server was restarted
    connect();
    result.reset(PQexec(connection_.get(), sql.c_str()));
  }
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection_.get()));
  return PQntuples(result.get()) == 0 ? "" : PQgetvalue(result.get(), 0, 0);
}

void Sql::execute(const std::string& sql) { text(sql); }

std::int64_t Sql::number(const std::string& sql) {
  const std::string value = text(sql);
  return value.empty() ? 0 : std::stoll(value);
}

namespace {

// A worker starts a check at its slot by its reckoning of the database's time, which may
// be ahead by part of a round trip: the slot that comes next may have its result.
constexpr auto kAccounts = R"(
WITH slots AS MATERIALIZED (
  SELECT e.job_id, s.slot FROM app.job_epochs e
  CROSS JOIN (SELECT now() + interval '1 s') t (until)
  CROSS JOIN LATERAL (
    SELECT e.first_slot AS slot
    UNION SELECT generate_series(date_bin(e.every, e.first_slot, e.origin) + e.every, t.until, e.every)) s
  WHERE s.slot <= t.until AND s.slot < coalesce(e.until, 'infinity')
), accounts AS (
  SELECT s.job_id, s.slot,
    (SELECT count(*) FROM ts.results_raw r WHERE r.slot = s.slot AND r.job_id = s.job_id) AS results,
    (SELECT count(*) FROM ts.gaps g
     WHERE g.job_id = s.job_id AND g.first_slot <= s.slot AND s.slot < g.until) AS gaps,
    (coalesce(j.gap_from, j.scheduled_at) <= s.slot)::int AS open
  FROM slots s JOIN app.jobs j ON j.id = s.job_id
), stray AS (
  SELECT r.job_id, r.slot, 'a result that no slot asked for' AS what FROM ts.results_raw r
  WHERE NOT EXISTS (SELECT FROM slots s WHERE s.slot = r.slot AND s.job_id = r.job_id)
  UNION ALL SELECT g.job_id, g.first_slot, 'a gap that begins between slots' FROM ts.gaps g
  WHERE NOT EXISTS (SELECT FROM slots s WHERE s.slot = g.first_slot AND s.job_id = g.job_id)
)
SELECT string_agg(line, E'\n') FROM (
  SELECT format('job %s slot %s: %s results, %s gaps, %s open', job_id, slot, results, gaps, open) AS line
  FROM accounts WHERE results + gaps + open <> 1
  UNION ALL SELECT format('job %s slot %s: %s', job_id, slot, what) FROM stray
  ORDER BY line LIMIT 20) errors)";

}  // namespace

std::string ledger_errors(Sql& sql) { return sql.text(kAccounts); }

}  // namespace openseer::test
