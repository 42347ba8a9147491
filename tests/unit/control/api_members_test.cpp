// Workspaces, members, invitations, and what the audit log says of it all.
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "openseer/v1/audit_service.pb.h"
#include "openseer/v1/invitation_service.pb.h"
#include "openseer/v1/workspace_service.pb.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ApiMembers : public ApiTest {
 protected:
  ApiMembers() {
    owner_.sign_up("owner@example.com");
    workspace_ = owner_.workspace();
    open_sign_up();
  }

  Browser member(const std::string& email, int role) {
    Browser browser(*this);
    browser.sign_up(email);
    if (role > 0) join(email, workspace_, role);
    return browser;
  }
  std::string id_of(const std::string& email) {
    return std::to_string(count("SELECT id FROM app.users WHERE email = '" + email + "'"));
  }
  std::string change_role(Browser& browser, const std::string& email, v1::Role role) {
    v1::ChangeMemberRoleRequest request;
    request.set_workspace_id(workspace_);
    request.set_user_id(id_of(email));
    request.set_role(role);
    return browser.call("WorkspaceService.ChangeMemberRole", request).code;
  }
  std::string remove(Browser& browser, const std::string& email) {
    v1::RemoveMemberRequest request;
    request.set_workspace_id(workspace_);
    request.set_user_id(id_of(email));
    return browser.call("WorkspaceService.RemoveMember", request).code;
  }
  std::string leave(Browser& browser) {
    v1::LeaveWorkspaceRequest request;
    request.set_workspace_id(workspace_);
    return browser.call("WorkspaceService.LeaveWorkspace", request).code;
  }
  Answer invite(Browser& browser, v1::Role role, const std::string& email = "") {
    v1::CreateInvitationRequest request;
    request.set_workspace_id(workspace_);
    request.set_role(role);
    request.set_email(email);
    return browser.call("InvitationService.CreateInvitation", request);
  }
  static std::string secret_of(const Answer& answer) {
    return answer.as<v1::CreateInvitationResponse>().secret();
  }
  static Answer accept(Browser& browser, const std::string& secret) {
    v1::AcceptInvitationRequest request;
    request.set_secret(secret);
    return browser.call("InvitationService.AcceptInvitation", request);
  }
  Answer sign_up_invited(const std::string& email, const std::string& secret) {
    v1::SignUpRequest request;
    request.set_email(email);
    request.set_password(kPassword);
    request.set_invitation_token(secret);
    Browser browser(*this);
    return browser.call("AuthService.SignUp", request);
  }
  v1::ListAuditEventsResponse events(const v1::AuditFilter& filter = {}, std::uint32_t size = 0,
                                     const std::string& page = "") {
    v1::ListAuditEventsRequest request;
    request.set_workspace_id(workspace_);
    *request.mutable_filter() = filter;
    request.set_page_size(size);
    request.set_page_token(page);
    return owner_.call("AuditService.ListAuditEvents", request).as<v1::ListAuditEventsResponse>();
  }

  Browser owner_{*this};
  std::string workspace_;
};

TEST_F(ApiMembers, AWorkspaceIsMadeRenamedAndDeletedByWhoMeansIt) {
  Browser ann = member("ann@example.com", 0);
  v1::CreateWorkspaceRequest create;
  EXPECT_THAT(ann.call("WorkspaceService.CreateWorkspace", create).fields, ElementsAre("name"));
  create.set_name(" Shop ");
  const auto made = ann.call("WorkspaceService.CreateWorkspace", create).as<v1::CreateWorkspaceResponse>();
  EXPECT_EQ(made.membership().workspace_name(), "Shop");
  EXPECT_EQ(made.membership().role(), v1::ROLE_OWNER);
  v1::RenameWorkspaceRequest rename;
  rename.set_workspace_id(made.membership().workspace_id());
  rename.set_name("Store");
  EXPECT_EQ(owner_.call("WorkspaceService.RenameWorkspace", rename).code, "not_found");
  EXPECT_EQ(ann.call("WorkspaceService.RenameWorkspace", rename).code, "ok");
  v1::DeleteWorkspaceRequest erase;
  erase.set_workspace_id(made.membership().workspace_id());
  erase.set_name("Shop");
  EXPECT_THAT(ann.call("WorkspaceService.DeleteWorkspace", erase).fields, ElementsAre("name"));
  erase.set_name("Store");
  EXPECT_EQ(ann.call("WorkspaceService.DeleteWorkspace", erase).code, "ok");
  EXPECT_EQ(ann.call("WorkspaceService.DeleteWorkspace", erase).code, "not_found");
}

TEST_F(ApiMembers, ADeletedWorkspaceTakesItsMonitorsWithIt) {
  v1::CreateMonitorRequest create;
  create.set_workspace_id(workspace_);
  create.mutable_spec()->set_url("http://example.com");
  ASSERT_EQ(owner_.call("MonitorService.CreateMonitor", create).code, "ok");
  v1::DeleteWorkspaceRequest erase;
  erase.set_workspace_id(workspace_);
  erase.set_name("Personal");
  EXPECT_EQ(owner_.call("WorkspaceService.DeleteWorkspace", erase).code, "ok");
  EXPECT_EQ(count("SELECT (SELECT count(*) FROM app.monitors) + (SELECT count(*) FROM app.jobs)"), 0);
}

TEST_F(ApiMembers, NobodyRaisesARoleAboveTheirOwn) {
  Browser admin = member("admin@example.com", v1::ROLE_ADMIN);
  member("viewer@example.com", v1::ROLE_VIEWER);
  EXPECT_EQ(change_role(admin, "viewer@example.com", v1::ROLE_OWNER), "permission_denied");
  EXPECT_EQ(change_role(admin, "admin@example.com", v1::ROLE_OWNER), "permission_denied");
  EXPECT_EQ(change_role(admin, "owner@example.com", v1::ROLE_VIEWER), "permission_denied");
  EXPECT_EQ(remove(admin, "owner@example.com"), "permission_denied");
  EXPECT_EQ(invite(admin, v1::ROLE_OWNER).code, "permission_denied");
  EXPECT_EQ(change_role(admin, "viewer@example.com", v1::ROLE_ADMIN), "ok");
  EXPECT_EQ(change_role(owner_, "viewer@example.com", v1::ROLE_OWNER), "ok");
}

// Mass assignment: what a request has no field for cannot be set by it.
TEST_F(ApiMembers, ARoleCannotBeAssignedInPassing) {
  http::Request request = browser_request("AuthService.SignUp", v1::SignUpRequest(), false);
  request.headers.set("Content-Type", "application/json");
  for (const char* extra :
       {R"("instanceOwner":true)", R"("role":"ROLE_OWNER")", R"("user":{"instanceOwner":true})"}) {
    request.body = std::string(R"({"email":"eve@example.com","password":"a long password",)") + extra + "}";
    EXPECT_EQ(send(request).code, "invalid_argument") << extra;
  }
  EXPECT_EQ(count("SELECT count(*) FROM app.users"), 1);
  Browser viewer = member("viewer@example.com", v1::ROLE_VIEWER);
  request = browser_request("UserService.UpdateProfile", v1::UpdateProfileRequest(), false);
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Cookie", viewer.cookie);
  request.body = R"({"displayName":"Eve","instanceOwner":true})";
  EXPECT_EQ(send(request).code, "invalid_argument");
  // Unknown fields of binary messages are skipped, as proto has it; they set nothing.
  request.headers.set("Content-Type", "application/proto");
  request.body = std::string(
      "\x0a\x03"
      "Eve\x20\x01\x22\x02\x20\x01",
      11);
  EXPECT_EQ(send(request).code, "ok");
  EXPECT_EQ(count("SELECT count(*) FROM app.users WHERE instance_owner"), 1);
  EXPECT_EQ(count("SELECT role::bigint FROM app.workspace_members WHERE workspace_id = " + workspace_ +
                  " AND user_id = " + id_of("viewer@example.com")),
            v1::ROLE_VIEWER);
}

TEST_F(ApiMembers, AWorkspaceKeepsAnOwner) {
  EXPECT_EQ(change_role(owner_, "owner@example.com", v1::ROLE_ADMIN), "failed_precondition");
  EXPECT_EQ(leave(owner_), "failed_precondition");
  EXPECT_EQ(remove(owner_, "owner@example.com"), "failed_precondition");
  Browser second = member("second@example.com", v1::ROLE_OWNER);
  EXPECT_EQ(leave(owner_), "ok");
  EXPECT_EQ(leave(second), "failed_precondition");
  EXPECT_EQ(leave(owner_), "not_found");
}

TEST_F(ApiMembers, TwoOwnersCannotBothLeaveAtOnce) {
  Browser second = member("second@example.com", v1::ROLE_OWNER);
  v1::LeaveWorkspaceRequest request;
  request.set_workspace_id(workspace_);
  int done = 0;
  std::vector<std::unique_ptr<http::Exchange>> exchanges;
  for (const Browser* browser : {&owner_, &second}) {
    auto exchange = std::make_unique<http::Exchange>();
    exchange->request = browser_request("WorkspaceService.LeaveWorkspace", request, false);
    exchange->request.headers.set("Cookie", browser->cookie);
    asio::co_spawn(loop_.context(), api_->router().answer(*exchange, ""),
                   [&done](std::exception_ptr, const http::Response&) { ++done; });
    exchanges.push_back(std::move(exchange));
  }
  ASSERT_TRUE(loop_.run_until([&] { return done == 2; }));
  EXPECT_EQ(
      count("SELECT count(*) FROM app.workspace_members WHERE role = 4 AND workspace_id = " + workspace_), 1);
}

TEST_F(ApiMembers, MembersAreListedByRole) {
  member("b@example.com", v1::ROLE_VIEWER);
  member("a@example.com", v1::ROLE_VIEWER);
  v1::ListMembersRequest request;
  request.set_workspace_id(workspace_);
  const auto list = owner_.call("WorkspaceService.ListMembers", request).as<v1::ListMembersResponse>();
  ASSERT_THAT(list.members(), SizeIs(3));
  EXPECT_EQ(list.members(0).role(), v1::ROLE_OWNER);
  EXPECT_EQ(list.members(1).email(), "a@example.com");
}

TEST_F(ApiMembers, AnInvitationLetsOnePersonInOnce) {
  const std::string secret = secret_of(invite(owner_, v1::ROLE_EDITOR));
  EXPECT_EQ(count("SELECT count(*) FROM app.invitations WHERE secret_hash = sha256('" + secret + "')"), 1);
  Browser nobody(*this);
  v1::LookUpInvitationRequest look;
  look.set_secret(secret);
  const auto seen =
      nobody.call("InvitationService.LookUpInvitation", look).as<v1::LookUpInvitationResponse>();
  EXPECT_EQ(seen.workspace_name(), "Personal");
  EXPECT_EQ(seen.inviter_email(), "owner@example.com");
  Browser ann = member("ann@example.com", 0);
  const auto joined = accept(ann, secret).as<v1::AcceptInvitationResponse>();
  EXPECT_EQ(joined.membership().workspace_id(), workspace_);
  EXPECT_EQ(joined.membership().role(), v1::ROLE_EDITOR);
  Browser bob = member("bob@example.com", 0);
  EXPECT_EQ(accept(bob, secret).code, "not_found");
  EXPECT_EQ(nobody.call("InvitationService.LookUpInvitation", look).code, "not_found");
}

TEST_F(ApiMembers, AnInvitationForAnEmailIsForNobodyElse) {
  const std::string secret = secret_of(invite(owner_, v1::ROLE_VIEWER, "Ann@Example.com"));
  Browser bob = member("bob@example.com", 0);
  EXPECT_EQ(accept(bob, secret).code, "permission_denied");
  EXPECT_EQ(sign_up_invited("eve@example.com", secret).code, "permission_denied");
  EXPECT_EQ(count("SELECT count(*) FROM app.users WHERE email = 'eve@example.com'"), 0) << "saved in part";
  Browser ann = member("ann@example.com", 0);
  EXPECT_EQ(accept(ann, secret).code, "ok");
}

TEST_F(ApiMembers, AnInvitationEndsWithTimeRevocationAndTheInvitersRights) {
  Browser ann = member("ann@example.com", 0);
  Browser admin = member("admin@example.com", v1::ROLE_ADMIN);
  const Answer revoked = invite(owner_, v1::ROLE_VIEWER);
  v1::RevokeInvitationRequest revoke;
  revoke.set_workspace_id(workspace_);
  revoke.set_invitation_id(revoked.as<v1::CreateInvitationResponse>().invitation().id());
  EXPECT_EQ(owner_.call("InvitationService.RevokeInvitation", revoke).code, "ok");
  EXPECT_EQ(accept(ann, secret_of(revoked)).code, "not_found");
  const std::string by_admin = secret_of(invite(admin, v1::ROLE_ADMIN));
  EXPECT_EQ(change_role(owner_, "admin@example.com", v1::ROLE_EDITOR), "ok");
  EXPECT_EQ(accept(ann, by_admin).code, "not_found");
  const std::string old = secret_of(invite(owner_, v1::ROLE_VIEWER));
  sql("UPDATE app.invitations SET expires_at = now()");
  EXPECT_EQ(accept(ann, old).code, "not_found");
}

TEST_F(ApiMembers, AnInvitationDoesNotLowerARole) {
  Browser admin = member("admin@example.com", v1::ROLE_ADMIN);
  const std::string secret = secret_of(invite(owner_, v1::ROLE_VIEWER));
  EXPECT_EQ(accept(admin, secret).as<v1::AcceptInvitationResponse>().membership().role(), v1::ROLE_ADMIN);
}

TEST_F(ApiMembers, SignUpByInvitationNeedsOne) {
  sql("UPDATE app.instance SET sign_up = 2");
  EXPECT_EQ(sign_up_invited("eve@example.com", "").code, "permission_denied");
  EXPECT_EQ(sign_up_invited("eve@example.com", "nonsense").code, "not_found");
  const std::string secret = secret_of(invite(owner_, v1::ROLE_EDITOR));
  const auto response = sign_up_invited("ann@example.com", secret).as<v1::SignUpResponse>();
  EXPECT_THAT(response.memberships(), SizeIs(2));
  EXPECT_EQ(sign_up_invited("bob@example.com", secret).code, "not_found");
  sql("UPDATE app.instance SET sign_up = 1");
  const std::string closed = secret_of(invite(owner_, v1::ROLE_EDITOR));
  EXPECT_EQ(sign_up_invited("bob@example.com", closed).code, "permission_denied");
}

TEST_F(ApiMembers, TheAuditLogSaysWhoDidWhatAndFromWhere) {
  member("ann@example.com", v1::ROLE_VIEWER);
  owner_.address = "203.0.113.7";
  ASSERT_EQ(change_role(owner_, "ann@example.com", v1::ROLE_EDITOR), "ok");
  const auto list = events();
  ASSERT_THAT(list.events(), SizeIs(1));
  const v1::AuditEvent& event = list.events(0);
  EXPECT_EQ(event.actor().name(), "owner@example.com");
  EXPECT_EQ(event.action(), "member.change_role");
  EXPECT_EQ(event.object_name(), "ann@example.com");
  ASSERT_THAT(event.changes(), SizeIs(1));
  EXPECT_EQ(event.changes(0).before(), "viewer");
  EXPECT_EQ(event.changes(0).after(), "editor");
  EXPECT_EQ(event.address(), "203.0.113.7");
}

TEST_F(ApiMembers, TheAuditLogNamesTheTokenThatDidIt) {
  member("ann@example.com", v1::ROLE_VIEWER);
  const std::string secret = token(owner_, workspace_, v1::ROLE_ADMIN);
  v1::RemoveMemberRequest request;
  request.set_workspace_id(workspace_);
  request.set_user_id(id_of("ann@example.com"));
  ASSERT_EQ(program(secret, "WorkspaceService.RemoveMember", request).code, "ok");
  const v1::AuditEvent event = events().events(0);
  EXPECT_EQ(event.action(), "member.remove");
  EXPECT_EQ(event.actor().name(), "owner@example.com");
  EXPECT_EQ(event.actor().api_token_name(), "deploy");
}

TEST_F(ApiMembers, TheAuditLogIsPagedAndFiltered) {
  for (const char* email : {"a@example.com", "b@example.com", "c@example.com"}) {
    member(email, v1::ROLE_VIEWER);
    change_role(owner_, email, v1::ROLE_EDITOR);
  }
  invite(owner_, v1::ROLE_VIEWER);
  const auto first = events({}, 3);
  ASSERT_THAT(first.events(), SizeIs(3));
  EXPECT_EQ(first.events(0).action(), "invitation.create");
  const auto second = events({}, 3, first.next_page_token());
  ASSERT_THAT(second.events(), SizeIs(1));
  EXPECT_THAT(second.next_page_token(), IsEmpty());
  v1::AuditFilter filter;
  filter.add_actions("member.");
  filter.set_object("B@example");
  ASSERT_THAT(events(filter).events(), SizeIs(1));
  filter.set_user_id(id_of("a@example.com"));
  EXPECT_THAT(events(filter).events(), IsEmpty());
  v1::AuditFilter exact;
  exact.add_actions("member.change");
  EXPECT_THAT(events(exact).events(), IsEmpty()) << "without the dot it is the whole name";
  exact.set_actions(0, "%");
  EXPECT_THAT(events(exact).events(), IsEmpty());
}

TEST_F(ApiMembers, WhatConcernsAnAccountIsForItsUserAndTheInstancesOwner) {
  Browser ann = member("ann@example.com", v1::ROLE_ADMIN);
  const auto own = ann.call("AuditService.ListAccountEvents", v1::ListAccountEventsRequest())
                       .as<v1::ListAccountEventsResponse>();
  ASSERT_THAT(own.events(), SizeIs(2));
  EXPECT_EQ(own.events(0).action(), "user.sign_in");
  EXPECT_EQ(own.events(1).action(), "user.sign_up");
  EXPECT_THAT(events().events(), IsEmpty()) << "no business of the workspace";
  EXPECT_THAT(owner_.call("AuditService.ListInstanceEvents", v1::ListInstanceEventsRequest())
                  .as<v1::ListInstanceEventsResponse>()
                  .events(),
              SizeIs(4));
}

TEST_F(ApiMembers, ARefusedChangeLeavesNoTrace) {
  Browser viewer = member("viewer@example.com", v1::ROLE_VIEWER);
  change_role(viewer, "viewer@example.com", v1::ROLE_OWNER);
  change_role(owner_, "owner@example.com", v1::ROLE_VIEWER);
  leave(owner_);
  EXPECT_THAT(events().events(), IsEmpty());
}

}  // namespace
}  // namespace openseer::control
