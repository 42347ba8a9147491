#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "pg/connection.h"

namespace openseer::pg {
class Pool;
class Transaction;
}  // namespace openseer::pg

// The audit log: who changed what, when and from where. An event is written in
// the transaction of the change that it tells of.
namespace openseer::store {

namespace asio = boost::asio;

// Who acts, and from where.
struct Actor {
  std::optional<std::int64_t> user_id;
  std::string name;            // the user's e-mail, or the command ("openseer user reset-password")
  std::string api_token_name;  // empty: not by a token
  std::string address;
  std::string user_agent;
};

// What changed; values only where they are no secret and say something.
struct FieldChange {
  std::string field;
  std::string before;
  std::string after;
  bool operator==(const FieldChange&) const = default;
};

struct AuditEvent {
  std::string action;  // "monitor.create": object and verb
  std::string object_id;
  std::string object_name;
  std::vector<FieldChange> changes;
  std::optional<std::int64_t> workspace_id;  // nothing: it concerns none
  std::optional<std::int64_t> account_id;    // whose account it concerns
};

// The statement that writes it: for a pipeline or a transaction with the change.
pg::Query audit(const Actor& by, const AuditEvent& event);
asio::awaitable<void> write_audit(pg::Transaction& tx, const Actor& by, AuditEvent event);
// On its own, where the change is not one transaction.
asio::awaitable<void> write_audit(pg::Pool& pool, const Actor& by, AuditEvent event);

struct StoredAuditEvent {
  std::int64_t id = 0;
  Instant time;
  Actor by;
  AuditEvent event;
};

// What is looked for. Everything that is given must hold.
struct AuditQuery {
  // Exactly one of these: a workspace's events, an account's own, or those of
  // no workspace.
  std::optional<std::int64_t> workspace_id;
  std::optional<std::int64_t> account_id;

  std::vector<std::string> actions;  // any of; "monitor." takes all of a kind
  std::optional<std::int64_t> user_id;
  std::string object;  // an id, or a part of a name
  std::optional<Instant> from;
  std::optional<Instant> to;
  std::optional<std::int64_t> before_id;  // the page before ended there
};
// Newest first.
asio::awaitable<std::vector<StoredAuditEvent>> list_audit(pg::Pool& pool, AuditQuery query,
                                                          std::size_t limit);

// Removes events older than `keep`, at most `limit`; how many.
asio::awaitable<std::int64_t> drop_audit(pg::Pool& pool, Seconds keep, std::size_t limit);

}  // namespace openseer::store
