#include "control/api/workspace_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "openseer/v1/workspace_service.pb.h"
#include "store/workspaces.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

v1::Member to_proto(const store::Member& member) {
  v1::Member message;
  message.set_user_id(std::to_string(member.user.id));
  message.set_email(member.user.email);
  message.set_display_name(member.user.display_name);
  message.set_role(static_cast<v1::Role>(member.role));
  *message.mutable_joined_at() = wire::to_proto(member.joined_at);
  message.set_two_factor(member.user.two_factor);
  return message;
}

Refusal no_such_member() { return {Code::kNotFound, "there is no such member", {}}; }

}  // namespace

void WorkspaceService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.WorkspaceService.CreateWorkspace", this,
            &WorkspaceService::create_workspace);
  add_unary(router, "openseer.v1.WorkspaceService.RenameWorkspace", this,
            &WorkspaceService::rename_workspace);
  add_unary(router, "openseer.v1.WorkspaceService.DeleteWorkspace", this,
            &WorkspaceService::delete_workspace);
  add_unary(router, "openseer.v1.WorkspaceService.ListMembers", this, &WorkspaceService::list_members);
  add_unary(router, "openseer.v1.WorkspaceService.ChangeMemberRole", this,
            &WorkspaceService::change_member_role);
  add_unary(router, "openseer.v1.WorkspaceService.RemoveMember", this, &WorkspaceService::remove_member);
  add_unary(router, "openseer.v1.WorkspaceService.LeaveWorkspace", this, &WorkspaceService::leave_workspace);
}

asio::awaitable<Result<v1::CreateWorkspaceResponse>> WorkspaceService::create_workspace(
    http::Call& call, const v1::CreateWorkspaceRequest& request) {
  const Identity& identity = identity_of(call);
  const std::string name = trimmed(request.name());
  if (auto fault = name_fault(name)) co_return invalid({{"name", *fault}});
  const store::Membership membership =
      co_await store::create_workspace(pool_, name, identity.caller.user.id, identity.actor);
  v1::CreateWorkspaceResponse response;
  *response.mutable_membership() = control::to_proto(membership);
  co_return response;
}

asio::awaitable<Result<v1::RenameWorkspaceResponse>> WorkspaceService::rename_workspace(
    http::Call& call, const v1::RenameWorkspaceRequest& request) {
  const Identity& identity = identity_of(call);
  const std::string name = trimmed(request.name());
  if (auto fault = name_fault(name)) co_return invalid({{"name", *fault}});
  co_await store::rename_workspace(pool_, identity.workspace_id, name, identity.actor);
  co_return v1::RenameWorkspaceResponse();
}

asio::awaitable<Result<v1::DeleteWorkspaceResponse>> WorkspaceService::delete_workspace(
    http::Call& call, const v1::DeleteWorkspaceRequest& request) {
  const Identity& identity = identity_of(call);
  const Result<void> deleted =
      co_await store::delete_workspace(pool_, identity.workspace_id, request.name(), identity.actor);
  if (!deleted) co_return deleted.error();
  co_return v1::DeleteWorkspaceResponse();
}

asio::awaitable<Result<v1::ListMembersResponse>> WorkspaceService::list_members(
    http::Call& call, const v1::ListMembersRequest&) {
  const std::vector<store::Member> members =
      co_await store::list_members(pool_, identity_of(call).workspace_id);
  v1::ListMembersResponse response;
  for (const store::Member& member : members) *response.add_members() = to_proto(member);
  co_return response;
}

asio::awaitable<Result<v1::ChangeMemberRoleResponse>> WorkspaceService::change_member_role(
    http::Call& call, const v1::ChangeMemberRoleRequest& request) {
  const Identity& identity = identity_of(call);
  if (request.role() < v1::ROLE_VIEWER || request.role() > v1::ROLE_OWNER)
    co_return invalid({{"role", "must be viewer, editor, admin or owner"}});
  const std::optional<std::int64_t> user_id = wire::parse_id(request.user_id());
  if (!user_id) co_return no_such_member();
  const Result<store::Member> member = co_await store::change_role(pool_, identity.workspace_id, *user_id,
                                                                   static_cast<store::Role>(request.role()),
                                                                   identity.caller.role, identity.actor);
  if (!member) co_return member.error();
  v1::ChangeMemberRoleResponse response;
  *response.mutable_member() = to_proto(*member);
  co_return response;
}

asio::awaitable<Result<v1::RemoveMemberResponse>> WorkspaceService::remove_member(
    http::Call& call, const v1::RemoveMemberRequest& request) {
  const Identity& identity = identity_of(call);
  const std::optional<std::int64_t> user_id = wire::parse_id(request.user_id());
  if (!user_id) co_return no_such_member();
  const Result<void> removed = co_await store::remove_member(pool_, identity.workspace_id, *user_id,
                                                             identity.caller.role, identity.actor);
  if (!removed) co_return removed.error();
  co_return v1::RemoveMemberResponse();
}

asio::awaitable<Result<v1::LeaveWorkspaceResponse>> WorkspaceService::leave_workspace(
    http::Call& call, const v1::LeaveWorkspaceRequest&) {
  const Identity& identity = identity_of(call);
  const Result<void> left = co_await store::remove_member(
      pool_, identity.workspace_id, identity.caller.user.id, identity.caller.role, identity.actor);
  if (!left) co_return left.error();
  co_return v1::LeaveWorkspaceResponse();
}

}  // namespace openseer::control
