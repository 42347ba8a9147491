#include "store/workspaces.h"

#include "pg/pool.h"
#include "store/user_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kCreate{"workspaces_create",
                            "INSERT INTO app.workspaces (name) VALUES ($1) RETURNING id"};
const pg::Statement kAddOwner{"workspaces_add_owner", R"(
INSERT INTO app.workspace_members (workspace_id, user_id, role) VALUES ($1, $2, 4))"};
const pg::Statement kLock{"workspaces_lock", "SELECT name FROM app.workspaces WHERE id = $1 FOR UPDATE"};
const pg::Statement kRename{"workspaces_rename", "UPDATE app.workspaces SET name = $2 WHERE id = $1"};
const pg::Statement kDelete{"workspaces_delete", "DELETE FROM app.workspaces WHERE id = $1"};
// What goes with a workspace is locked in the order in which everybody locks it.
const pg::Statement kLockMonitors{"workspaces_lock_monitors",
                                  "SELECT FROM app.monitors WHERE workspace_id = $1 ORDER BY id FOR UPDATE"};
const pg::Statement kLockJobs{"workspaces_lock_jobs", R"(
SELECT FROM app.jobs WHERE id IN (
  SELECT j.job_id FROM app.monitors m JOIN app.monitor_regions j ON j.monitor_id = m.id WHERE m.workspace_id = $1)
ORDER BY id FOR UPDATE)"};
const pg::Statement kLockCurrent{"workspaces_lock_current", R"(
SELECT FROM app.monitor_current WHERE workspace_id = $1 ORDER BY monitor_id FOR UPDATE)"};
const pg::Statement kNotify{"workspaces_notify", "SELECT pg_notify('openseer_monitors', '*')"};

#define MEMBER_COLUMNS "m.role, m.joined_at, " USER_COLUMNS
const pg::Statement kMembers{"members_list", "SELECT " MEMBER_COLUMNS R"(
FROM app.workspace_members m JOIN app.users u ON u.id = m.user_id
WHERE m.workspace_id = $1 ORDER BY m.role DESC, lower(u.email) LIMIT 1000)"};
const pg::Statement kMember{"members_find", "SELECT " MEMBER_COLUMNS R"(
FROM app.workspace_members m JOIN app.users u ON u.id = m.user_id
WHERE m.workspace_id = $1 AND m.user_id = $2)"};
const pg::Statement kOwners{
    "members_count_owners",
    "SELECT count(*) FROM app.workspace_members WHERE workspace_id = $1 AND role = 4"};
const pg::Statement kSetRole{"members_set_role", R"(
UPDATE app.workspace_members SET role = $3 WHERE workspace_id = $1 AND user_id = $2)"};
const pg::Statement kRemove{"members_remove",
                            "DELETE FROM app.workspace_members WHERE workspace_id = $1 AND user_id = $2"};

Member read_member(const pg::Row& row) {
  return {read_user(row, 2), static_cast<Role>(row.get<std::int16_t>(0)), row.get<Instant>(1)};
}

AuditEvent workspace_event(std::string action, std::int64_t id, std::string name) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(id);
  event.object_name = std::move(name);
  event.workspace_id = id;
  return event;
}

AuditEvent member_event(std::string action, std::int64_t workspace_id, const Member& member) {
  AuditEvent event;
  event.action = std::move(action);
  event.object_id = std::to_string(member.user.id);
  event.object_name = member.user.email;
  event.workspace_id = workspace_id;
  return event;
}

// The member as they are now, under the workspace's lock, if the caller may
// touch them.
asio::awaitable<Result<Member>> lock_member(pg::Transaction& tx, std::int64_t workspace_id,
                                            std::int64_t user_id, Role callers_role) {
  co_await tx.query(kLock, pg::bind(workspace_id));
  const pg::Rows rows = co_await tx.query(kMember, pg::bind(workspace_id, user_id));
  if (rows.empty()) co_return Refusal{Code::kNotFound, "there is no such member", {}};
  Member member = read_member(rows[0]);
  if (member.role > callers_role) co_return Refusal{Code::kPermissionDenied, "their role is above yours", {}};
  co_return member;
}

// Whether the workspace has another owner than `member`.
asio::awaitable<Result<void>> check_owner_stays(pg::Transaction& tx, std::int64_t workspace_id,
                                                const Member& member) {
  if (member.role != Role::kOwner) co_return Result<void>();
  const pg::Rows owners = co_await tx.query(kOwners, pg::bind(workspace_id));
  if (owners[0].get<std::int64_t>(0) > 1) co_return Result<void>();
  co_return Refusal{
      Code::kFailedPrecondition, "a workspace needs an owner: make somebody else one first", {}};
}

}  // namespace

asio::awaitable<Membership> create_workspace(pg::Pool& pool, std::string name, std::int64_t user_id,
                                             const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kCreate, pg::bind(name));
  const auto id = rows[0].get<std::int64_t>(0);
  co_await tx.query(kAddOwner, pg::bind(id, user_id));
  co_await write_audit(tx, by, workspace_event("workspace.create", id, name));
  co_await tx.commit();
  co_return Membership{id, name, Role::kOwner};
}

asio::awaitable<void> rename_workspace(pg::Pool& pool, std::int64_t id, std::string name, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kLock, pg::bind(id));
  if (!rows.empty()) {
    co_await tx.query(kRename, pg::bind(id, name));
    AuditEvent event = workspace_event("workspace.rename", id, name);
    event.changes.push_back({"name", rows[0].get<std::string>(0), name});
    co_await write_audit(tx, by, std::move(event));
  }
  co_await tx.commit();
}

asio::awaitable<Result<void>> delete_workspace(pg::Pool& pool, std::int64_t id, std::string name,
                                               const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const pg::Rows rows = co_await tx.query(kLock, pg::bind(id));
  const bool right = !rows.empty() && rows[0].get<std::string>(0) == name;
  if (!right) {
    co_await tx.rollback();
    if (rows.empty()) co_return Refusal{Code::kNotFound, "there is no such workspace", {}};
    co_return invalid({{"name", "is not the workspace's name"}});
  }
  for (const pg::Statement* lock : {&kLockMonitors, &kLockJobs, &kLockCurrent})
    co_await tx.query(*lock, pg::bind(id));
  co_await tx.query(kDelete, pg::bind(id));
  co_await tx.query(kNotify, {});
  AuditEvent event = workspace_event("workspace.delete", id, name);
  event.workspace_id.reset();  // nobody could read it there
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return Result<void>();
}

asio::awaitable<std::vector<Member>> list_members(pg::Pool& pool, std::int64_t workspace_id) {
  const pg::Rows rows = co_await pool.query(kMembers, pg::bind(workspace_id));
  std::vector<Member> members;
  for (const pg::Row row : rows) members.push_back(read_member(row));
  co_return members;
}

asio::awaitable<Result<Member>> change_role(pg::Pool& pool, std::int64_t workspace_id, std::int64_t user_id,
                                            Role role, Role callers_role, const Actor& by) {
  if (role > callers_role)
    co_return Refusal{Code::kPermissionDenied, "you cannot give a role above yours", {}};
  pg::Transaction tx = co_await pool.begin();
  Result<Member> member = co_await lock_member(tx, workspace_id, user_id, callers_role);
  Result<void> stays;
  if (member && role != Role::kOwner) stays = co_await check_owner_stays(tx, workspace_id, *member);
  if (!member || !stays) {
    co_await tx.rollback();
    co_return member ? stays.error() : member.error();
  }
  if (role != member->role) {
    co_await tx.query(kSetRole, pg::bind(workspace_id, user_id, static_cast<std::int16_t>(role)));
    AuditEvent event = member_event("member.change_role", workspace_id, *member);
    event.changes.push_back({"role", std::string(name_of(member->role)), std::string(name_of(role))});
    co_await write_audit(tx, by, std::move(event));
    member->role = role;
  }
  co_await tx.commit();
  co_return member;
}

asio::awaitable<Result<void>> remove_member(pg::Pool& pool, std::int64_t workspace_id, std::int64_t user_id,
                                            Role callers_role, const Actor& by) {
  pg::Transaction tx = co_await pool.begin();
  const Result<Member> member = co_await lock_member(tx, workspace_id, user_id, callers_role);
  Result<void> stays;
  if (member) stays = co_await check_owner_stays(tx, workspace_id, *member);
  if (!member || !stays) {
    co_await tx.rollback();
    co_return member ? stays.error() : member.error();
  }
  co_await tx.query(kRemove, pg::bind(workspace_id, user_id));
  AuditEvent event =
      member_event(by.user_id == user_id ? "member.leave" : "member.remove", workspace_id, *member);
  event.changes.push_back({"role", std::string(name_of(member->role)), ""});
  co_await write_audit(tx, by, std::move(event));
  co_await tx.commit();
  co_return Result<void>();
}

}  // namespace openseer::store
