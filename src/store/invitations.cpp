#include "store/invitations.h"

#include "domain/text.h"
#include "pg/pool.h"

namespace openseer::store {
namespace {

#define INVITATION_COLUMNS \
  "i.id, i.workspace_id, w.name, i.role, i.email, u.email, i.created_at, i.expires_at"
// Good: in time, and by somebody who may still give that role.
#define GOOD_INVITATIONS                                                                          \
  " FROM app.invitations i JOIN app.workspaces w ON w.id = i.workspace_id"                        \
  " JOIN app.users u ON u.id = i.inviter_id"                                                      \
  " JOIN app.workspace_members m ON m.workspace_id = i.workspace_id AND m.user_id = i.inviter_id" \
  " AND m.role >= 3 AND m.role >= i.role"                                                         \
  " WHERE i.expires_at > now()"

const pg::Statement kCreate{"invitations_create", R"(
WITH i AS (
  INSERT INTO app.invitations (workspace_id, inviter_id, role, email, secret_hash, expires_at)
  SELECT m.workspace_id, m.user_id, $3, $4, $5, now() + $6::interval FROM app.workspace_members m
  WHERE m.workspace_id = $1 AND m.user_id = $2 AND m.role >= 3 AND m.role >= $3
  RETURNING *
)
SELECT )" INVITATION_COLUMNS R"(
FROM i JOIN app.workspaces w ON w.id = i.workspace_id JOIN app.users u ON u.id = i.inviter_id)"};

const pg::Statement kList{"invitations_list", "SELECT " INVITATION_COLUMNS GOOD_INVITATIONS
                                              " AND i.workspace_id = $1 ORDER BY i.id DESC LIMIT 1000"};
const pg::Statement kFind{"invitations_find",
                          "SELECT " INVITATION_COLUMNS GOOD_INVITATIONS " AND i.secret_hash = $1"};
const pg::Statement kLock{"invitations_lock", "SELECT " INVITATION_COLUMNS GOOD_INVITATIONS
                                              " AND i.secret_hash = $1 FOR UPDATE OF i"};
const pg::Statement kRevoke{
    "invitations_revoke", "DELETE FROM app.invitations WHERE workspace_id = $1 AND id = $2 RETURNING email"};
const pg::Statement kUse{"invitations_use", "DELETE FROM app.invitations WHERE id = $1"};
const pg::Statement kJoin{"invitations_join", R"(
INSERT INTO app.workspace_members AS m (workspace_id, user_id, role) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = greatest(m.role, excluded.role)
RETURNING role)"};

Invitation read_invitation(const pg::Row& row) {
  return {row.get<std::int64_t>(0), row.get<std::int64_t>(1),
          row.get<std::string>(2),  static_cast<Role>(row.get<std::int16_t>(3)),
          row.get<std::string>(4),  row.get<std::string>(5),
          row.get<Instant>(6),      row.get<Instant>(7)};
}

AuditEvent event_of(std::string action, std::int64_t workspace_id, std::int64_t id, std::string email) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(id);
  event.object_name = std::move(email);
  event.workspace_id = workspace_id;
  return event;
}

}  // namespace

asio::awaitable<std::optional<Invitation>> create_invitation(pg::Pool& pool, NewInvitation invitation,
                                                             const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows =
      co_await tx.query(kCreate, pg::bind(invitation.workspace_id, invitation.inviter_id,
                                          static_cast<std::int16_t>(invitation.role), invitation.email,
                                          pg::Bytes{invitation.secret_hash}, invitation.lifetime));
  if (rows.empty()) {
    co_await tx.rollback();
    co_return std::nullopt;
  }
  Invitation created = read_invitation(rows[0]);
  AuditEvent event = event_of("invitation.create", created.workspace_id, created.id, created.email);
  event.changes.push_back({"role", "", std::string(name_of(created.role))});
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return created;
}

asio::awaitable<std::vector<Invitation>> list_invitations(pg::Pool& pool, std::int64_t workspace_id) {
  const pg::Rows rows = co_await pool.query(kList, pg::bind(workspace_id));
  std::vector<Invitation> invitations;
  for (const pg::Row row : rows) invitations.push_back(read_invitation(row));
  co_return invitations;
}

asio::awaitable<bool> revoke_invitation(pg::Pool& pool, std::int64_t workspace_id, std::int64_t id,
                                        const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kRevoke, pg::bind(workspace_id, id));
  if (!rows.empty()) {
    const auto email = rows[0].get<std::string>(0);
    co_await write_audit(tx, by, event_of("invitation.revoke", workspace_id, id, email));
  }
  co_await tx.commit();
  co_return !rows.empty();
}

asio::awaitable<std::optional<Invitation>> find_invitation(pg::Pool& pool, std::string secret_hash) {
  const pg::Rows rows = co_await pool.query(kFind, pg::bind(pg::Bytes{secret_hash}));
  if (rows.empty()) co_return std::nullopt;
  co_return read_invitation(rows[0]);
}

asio::awaitable<Result<Membership>> accept_invitation(pg::Pool& pool, std::string secret_hash, User user,
                                                      const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  Result<Membership> membership = co_await use_invitation(tx, std::move(secret_hash), std::move(user), by);
  if (membership) {
    co_await tx.commit();
  } else {
    co_await tx.rollback();
  }
  co_return membership;
}

asio::awaitable<Result<Membership>> use_invitation(pg::Transaction& tx, std::string secret_hash, User user,
                                                   const Actor& by) {
  const pg::Rows found = co_await tx.query(kLock, pg::bind(pg::Bytes{secret_hash}));
  if (found.empty())
    co_return Refusal{Code::kNotFound, "the invitation is unknown, used, revoked or too old", {}};
  const Invitation invitation = read_invitation(found[0]);
  if (!invitation.email.empty() && domain::lower(invitation.email) != domain::lower(user.email))
    co_return Refusal{Code::kPermissionDenied, "the invitation is for another e-mail", {}};
  co_await tx.query(kUse, pg::bind(invitation.id));
  const pg::Rows joined = co_await tx.query(
      kJoin, pg::bind(invitation.workspace_id, user.id, static_cast<std::int16_t>(invitation.role)));
  const auto role = static_cast<Role>(joined[0].get<std::int16_t>(0));
  AuditEvent event = event_of("member.join", invitation.workspace_id, user.id, user.email);
  event.changes.push_back({"role", "", std::string(name_of(role))});
  event.changes.push_back({"invited_by", "", invitation.inviter_email});
  co_await write_audit(tx, by, std::move(event));
  co_return Membership{invitation.workspace_id, invitation.workspace_name, role};
}

}  // namespace openseer::store
