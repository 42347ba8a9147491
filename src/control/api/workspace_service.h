#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class ChangeMemberRoleRequest;
class ChangeMemberRoleResponse;
class CreateWorkspaceRequest;
class CreateWorkspaceResponse;
class DeleteWorkspaceRequest;
class DeleteWorkspaceResponse;
class LeaveWorkspaceRequest;
class LeaveWorkspaceResponse;
class ListMembersRequest;
class ListMembersResponse;
class RemoveMemberRequest;
class RemoveMemberResponse;
class RenameWorkspaceRequest;
class RenameWorkspaceResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// Workspaces and their members (proto/openseer/v1/workspace_service.proto).
class WorkspaceService {
 public:
  explicit WorkspaceService(pg::Pool& pool) : pool_(pool) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::CreateWorkspaceResponse>> create_workspace(
      http::Call& call, const v1::CreateWorkspaceRequest& request);
  asio::awaitable<Result<v1::RenameWorkspaceResponse>> rename_workspace(
      http::Call& call, const v1::RenameWorkspaceRequest& request);
  asio::awaitable<Result<v1::DeleteWorkspaceResponse>> delete_workspace(
      http::Call& call, const v1::DeleteWorkspaceRequest& request);
  asio::awaitable<Result<v1::ListMembersResponse>> list_members(http::Call& call,
                                                                const v1::ListMembersRequest& request);
  asio::awaitable<Result<v1::ChangeMemberRoleResponse>> change_member_role(
      http::Call& call, const v1::ChangeMemberRoleRequest& request);
  asio::awaitable<Result<v1::RemoveMemberResponse>> remove_member(http::Call& call,
                                                                  const v1::RemoveMemberRequest& request);
  asio::awaitable<Result<v1::LeaveWorkspaceResponse>> leave_workspace(
      http::Call& call, const v1::LeaveWorkspaceRequest& request);

  pg::Pool& pool_;
};

}  // namespace openseer::control
