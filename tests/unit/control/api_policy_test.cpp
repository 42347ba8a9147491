// Every RPC of the proto files, as nobody, as another tenant, with each role and
// with an API token of each role: what is tried is generated from the descriptors,
// so a new RPC cannot be missed.

#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/api/authoriser.h"
#include "openseer/v1/access.pb.h"
#include "openseer/v1/files.h"
#include "openseer/v1/workspace_service.pb.h"

namespace openseer::control {
namespace {

using google::protobuf::MethodDescriptor;
using testing::AnyOf;

std::vector<const MethodDescriptor*> all_methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const char* name : v1::kFiles) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name;
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

v1::Access access_of(const MethodDescriptor& method) { return method.options().GetExtension(v1::access); }
bool session_only(const MethodDescriptor& method) { return method.options().GetExtension(v1::session_only); }

// The lowest role that may call; 0: the RPC is not about a workspace.
int role_of(v1::Access access) {
  if (access == v1::ACCESS_VIEWER) return v1::ROLE_VIEWER;
  if (access == v1::ACCESS_EDITOR) return v1::ROLE_EDITOR;
  if (access == v1::ACCESS_ADMIN) return v1::ROLE_ADMIN;
  return access == v1::ACCESS_OWNER ? v1::ROLE_OWNER : 0;
}

// The caller was let in; what the RPC said of an empty request is its own matter.
testing::Matcher<std::string> is_let_in() {
  return AnyOf("ok", "invalid_argument", "not_found", "failed_precondition");
}

class ApiPolicy : public ApiTest {
 protected:
  ApiPolicy() {
    owner_.sign_up("owner@example.com");
    workspace_ = owner_.workspace();
    open_sign_up();
  }

  // Empty but for the workspace.
  static std::unique_ptr<google::protobuf::Message> request_for(const MethodDescriptor& method,
                                                                const std::string& workspace) {
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
    if (const auto* field = method.input_type()->FindFieldByName("workspace_id"))
      request->GetReflection()->SetString(request.get(), field, workspace);
    return request;
  }

  // `change`: of the request before it is sent.
  std::string try_method(const MethodDescriptor& method, const std::string& workspace,
                         const std::function<void(http::Request&)>& change) {
    const auto request = request_for(method, workspace);
    const std::string name = method.service()->name() + "." + method.name();
    http::Request http_request = browser_request(name, *request, method.server_streaming());
    change(http_request);
    if (!method.server_streaming()) return send(std::move(http_request)).code;
    OpenStream stream(loop_, api_->router(), std::move(http_request));
    return stream.end();
  }
  std::string try_method(const MethodDescriptor& method, const Browser& browser,
                         const std::string& workspace) {
    return try_method(method, workspace,
                      [&](http::Request& request) { request.headers.set("Cookie", browser.cookie); });
  }
  std::string try_token(const MethodDescriptor& method, const std::string& token,
                        const std::string& workspace) {
    return try_method(method, workspace, [&](http::Request& request) {
      request.headers.set("Authorization", "Bearer " + token);
      request.headers.set("Cookie", owner_.cookie);  // must not count
    });
  }

  // A member of the workspace, or of its own alone. RPCs that end a session or a
  // membership must not get in the way of the next one.
  Browser person(const std::string& email, int role) {
    Browser browser(*this);
    if (browser.sign_in(email, kPassword).code != "ok") browser.sign_up(email);
    if (role > 0) {
      sql("INSERT INTO app.workspace_members (workspace_id, user_id, role) SELECT " + workspace_ + ", id, " +
          std::to_string(role) + " FROM app.users WHERE email = '" + email +
          "' ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role");
    }
    return browser;
  }
  static bool ends_something(const MethodDescriptor& method) {
    return method.name() == "SignOut" || method.name() == "LeaveWorkspace";
  }

  Browser owner_{*this};
  std::string workspace_;
};

TEST_F(ApiPolicy, NobodyMayOnlyCallWhatIsPublic) {
  for (const MethodDescriptor* method : all_methods()) {
    SCOPED_TRACE(method->full_name());
    const Browser nobody(*this);
    const std::string code = try_method(*method, nobody, workspace_);
    if (access_of(*method) == v1::ACCESS_WORKER) {
      EXPECT_EQ(code, "unimplemented");
    } else if (access_of(*method) != v1::ACCESS_PUBLIC) {
      EXPECT_EQ(code, "unauthenticated");
    } else {
      EXPECT_NE(code, "permission_denied");
    }
  }
}

TEST_F(ApiPolicy, AnotherTenantFindsNothing) {
  Browser other = person("other@example.com", 0);
  for (const MethodDescriptor* method : all_methods()) {
    SCOPED_TRACE(method->full_name());
    const std::string code = try_method(*method, other, workspace_);
    if (ends_something(*method)) other = person("other@example.com", 0);
    const v1::Access access = access_of(*method);
    if (role_of(access) > 0) {
      EXPECT_EQ(code, "not_found");
      for (const char* none : {"", "0", "-1", "999999", "1 OR true", "99999999999999999999"}) {
        EXPECT_EQ(try_method(*method, other, none), "not_found") << none;
      }
    }
    if (access == v1::ACCESS_INSTANCE_OWNER) {
      EXPECT_EQ(code, "permission_denied");
    }
    if (access == v1::ACCESS_USER) {
      EXPECT_THAT(code, is_let_in());
    }
  }
}

TEST_F(ApiPolicy, AMemberMayDoWhatTheirRoleAllowsAndNoMore) {
  for (const int role : {v1::ROLE_VIEWER, v1::ROLE_EDITOR, v1::ROLE_ADMIN}) {
    Browser member = person("member@example.com", role);
    for (const MethodDescriptor* method : all_methods()) {
      SCOPED_TRACE(method->full_name() + " as " + v1::Role_Name(role));
      const std::string code = try_method(*method, member, workspace_);
      if (ends_something(*method)) member = person("member@example.com", role);
      const int required = role_of(access_of(*method));
      if (required == 0) continue;
      if (required <= role) {
        EXPECT_THAT(code, is_let_in());
      } else {
        EXPECT_EQ(code, "permission_denied");
      }
    }
  }
}

TEST_F(ApiPolicy, AnApiTokenIsAMemberWithItsRoleAndNothingElse) {
  for (const v1::Role role : {v1::ROLE_VIEWER, v1::ROLE_EDITOR, v1::ROLE_ADMIN}) {
    const std::string secret = token(owner_, workspace_, role);
    for (const MethodDescriptor* method : all_methods()) {
      SCOPED_TRACE(method->full_name() + " with a token of " + v1::Role_Name(role));
      const v1::Access access = access_of(*method);
      if (access == v1::ACCESS_PUBLIC || access == v1::ACCESS_WORKER) continue;
      const std::string code = try_token(*method, secret, workspace_);
      const int required = role_of(access);
      if (required > 0 && required <= role && !session_only(*method)) {
        EXPECT_THAT(code, is_let_in());
      } else {
        EXPECT_EQ(code, "permission_denied");
      }
    }
  }
}

TEST_F(ApiPolicy, AnApiTokenIsWorthNothingInAnotherWorkspace) {
  Browser other = person("other@example.com", 0);
  // Of its creator, even.
  v1::CreateWorkspaceRequest create;
  create.set_name("Second");
  const std::string second = owner_.call("WorkspaceService.CreateWorkspace", create)
                                 .as<v1::CreateWorkspaceResponse>()
                                 .membership()
                                 .workspace_id();
  const std::string secret = token(owner_, workspace_, v1::ROLE_ADMIN);
  for (const MethodDescriptor* method : all_methods()) {
    if (role_of(access_of(*method)) == 0) continue;
    SCOPED_TRACE(method->full_name());
    for (const std::string& elsewhere : {other.workspace(), second, std::string("999999"), std::string()}) {
      EXPECT_THAT(try_token(*method, secret, elsewhere), AnyOf("not_found", "permission_denied"));
    }
  }
}

TEST_F(ApiPolicy, AHeaderThatIsNoGoodTokenIsNobodyWhateverTheCookieSays) {
  const std::string secret = token(owner_, workspace_, v1::ROLE_ADMIN);
  for (const MethodDescriptor* method : all_methods()) {
    const v1::Access access = access_of(*method);
    if (access == v1::ACCESS_PUBLIC || access == v1::ACCESS_WORKER) continue;
    SCOPED_TRACE(method->full_name());
    for (const std::string& header : std::vector<std::string>{
             "Bearer " + secret.substr(0, secret.size() - 1) + "x", "Bearer ", "Basic " + secret, secret,
             "Bearer " + secret + " ", "Bearer ost_" + std::string(64, '0'), "x"}) {
      const std::string code = try_method(*method, workspace_, [&](http::Request& request) {
        request.headers.set("Authorization", header);
        request.headers.set("Cookie", owner_.cookie);
      });
      EXPECT_EQ(code, "unauthenticated") << header;
    }
  }
}

// A client header must not switch the scope off.
TEST_F(ApiPolicy, NoHeaderOfTheClientChoosesTheTenant) {
  const Browser other = person("other@example.com", 0);
  for (const MethodDescriptor* method : all_methods()) {
    if (role_of(access_of(*method)) == 0) continue;
    SCOPED_TRACE(method->full_name());
    const std::string code = try_method(*method, workspace_, [&](http::Request& request) {
      request.headers.set("Cookie", other.cookie);
      for (const char* name : {"X-Workspace-Id", "X-Tenant", "X-Org-Id", "X-User-Id", "X-Role", "X-Admin",
                               "X-Internal", "X-Original-Url", "X-Rewrite-Url"}) {
        request.headers.set(name, workspace_);
      }
    });
    EXPECT_EQ(code, "not_found");
  }
}

TEST_F(ApiPolicy, ATableThatLacksAnRpcIsRefused) {
  const http::Router empty(
      [](http::Call&, const google::protobuf::Message&) -> asio::awaitable<Result<void>> {
        co_return Result<void>();
      });
  EXPECT_THROW(check_policies(empty), std::logic_error);
  EXPECT_NO_THROW(check_policies(api_->router()));
}

TEST_F(ApiPolicy, RequestsFromAnotherSiteAreRefusedBeforeAnythingElse) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"Origin", "https://evil.example"},
                                                        {"Origin", "null"},
                                                        {"Origin", "http://localhost:3001"},
                                                        {"Origin", "http://localhost:3000.evil.example"},
                                                        {"Sec-Fetch-Site", "cross-site"},
                                                        {"Sec-Fetch-Site", "same-site"}}) {
    Browser copy = owner_;
    copy.headers.set(name, value);
    EXPECT_EQ(copy.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code, "permission_denied")
        << name << ": " << value;
  }
  Browser program = owner_;
  program.headers.set("Origin", "");
  program.headers.set("Sec-Fetch-Site", "");
  EXPECT_EQ(program.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code, "ok");
}

}  // namespace
}  // namespace openseer::control
