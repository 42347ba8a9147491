#include "store/audit.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

const pg::Statement kWrite{"audit_write", R"(
INSERT INTO app.audit_events (workspace_id, account_id, user_id, actor_name, api_token_name, action,
                              object_id, object_name, fields, before, after, address, user_agent)
VALUES ($1, $2, $3, $4, $5, $6, $7, left($8, 300), $9, $10, $11, left($12, 100), left($13, 500)))"};

#define EVENT_COLUMNS                                                                          \
  "id, at, workspace_id, account_id, user_id, actor_name, api_token_name, action, object_id, " \
  "object_name, fields, before, after, address, user_agent"
// Within what $1 names; the rest narrows it down.
#define NARROWED                                                                        \
  "AND ($2::bigint IS NULL OR id < $2)"                                                 \
  " AND (cardinality($3::text[]) = 0 OR action LIKE ANY ($3))"                          \
  " AND ($4::bigint IS NULL OR user_id = $4)"                                           \
  " AND ($5 = '' OR object_id = $5 OR strpos(lower(object_name), lower($5)) > 0)"       \
  " AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)" \
  " ORDER BY id DESC LIMIT $8"

const pg::Statement kListWorkspace{"audit_list_workspace", "SELECT " EVENT_COLUMNS R"(
FROM app.audit_events WHERE workspace_id = $1 )" NARROWED};
const pg::Statement kListAccount{"audit_list_account", "SELECT " EVENT_COLUMNS R"(
FROM app.audit_events WHERE account_id = $1 )" NARROWED};
// The first parameter is there so that all three are called alike.
const pg::Statement kListInstance{"audit_list_instance", "SELECT " EVENT_COLUMNS R"(
FROM app.audit_events WHERE workspace_id IS NULL AND $1::bigint IS NULL )" NARROWED};

const pg::Statement kDrop{"audit_drop", R"(
DELETE FROM app.audit_events WHERE id IN (
  SELECT id FROM app.audit_events WHERE at < now() - $1::interval ORDER BY at LIMIT $2))"};

// "monitor." as the pattern that takes what begins so; nothing else is special.
std::string pattern(const std::string& action) {
  std::string out;
  for (const char c : action) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  if (action.ends_with('.')) out += '%';
  return out;
}

StoredAuditEvent read_event(const pg::Row& row) {
  StoredAuditEvent stored;
  stored.id = row.get<std::int64_t>(0);
  stored.time = row.get<Instant>(1);
  stored.event.workspace_id = row.get<std::optional<std::int64_t>>(2);
  stored.event.account_id = row.get<std::optional<std::int64_t>>(3);
  stored.by.user_id = row.get<std::optional<std::int64_t>>(4);
  stored.by.name = row.get<std::string>(5);
  stored.by.api_token_name = row.get<std::string>(6);
  stored.event.action = row.get<std::string>(7);
  stored.event.object_id = row.get<std::string>(8);
  stored.event.object_name = row.get<std::string>(9);
  const auto fields = row.get<std::vector<std::string>>(10);
  const auto before = row.get<std::vector<std::string>>(11);
  const auto after = row.get<std::vector<std::string>>(12);
  for (std::size_t i = 0; i < fields.size(); ++i)
    stored.event.changes.push_back({fields[i], before.at(i), after.at(i)});
  stored.by.address = row.get<std::string>(13);
  stored.by.user_agent = row.get<std::string>(14);
  return stored;
}

const pg::Statement& statement_for(const AuditQuery& query) {
  if (query.workspace_id) return kListWorkspace;
  return query.account_id ? kListAccount : kListInstance;
}

}  // namespace

pg::Query audit(const Actor& by, const AuditEvent& event) {
  std::vector<std::string> fields;
  std::vector<std::string> before;
  std::vector<std::string> after;
  for (const FieldChange& change : event.changes) {
    fields.push_back(change.field);
    before.push_back(change.before);
    after.push_back(change.after);
  }
  return {&kWrite,
          pg::bind(event.workspace_id, event.account_id, by.user_id, by.name, by.api_token_name, event.action,
                   event.object_id, event.object_name, fields, before, after, by.address, by.user_agent)};
}

asio::awaitable<void> write_audit(pg::Transaction& tx, const Actor& by, AuditEvent event) {
  pg::Query query = audit(by, event);
  co_await tx.query(*query.statement, std::move(query.params));
}

asio::awaitable<void> write_audit(pg::Pool& pool, const Actor& by, AuditEvent event) {
  pg::Query query = audit(by, event);
  co_await pool.query(*query.statement, std::move(query.params));
}

asio::awaitable<std::vector<StoredAuditEvent>> list_audit(pg::Pool& pool, AuditQuery query,
                                                          std::size_t limit) {
  std::vector<std::string> patterns;
  for (const std::string& action : query.actions) patterns.push_back(pattern(action));
  const std::optional<std::int64_t> within = query.workspace_id ? query.workspace_id : query.account_id;
  const pg::Rows rows = co_await pool.query(
      statement_for(query), pg::bind(within, query.before_id, patterns, query.user_id, query.object,
                                     query.from, query.to, static_cast<std::int64_t>(limit)));
  std::vector<StoredAuditEvent> events;
  for (const pg::Row row : rows) events.push_back(read_event(row));
  co_return events;
}

asio::awaitable<std::int64_t> drop_audit(pg::Pool& pool, Seconds keep, std::size_t limit) {
  const pg::Rows rows = co_await pool.query(kDrop, pg::bind(keep, static_cast<std::int64_t>(limit)));
  co_return rows.affected();
}

}  // namespace openseer::store
