// Every RPC of the proto files, as nobody, as another tenant and as a viewer:
// what is tried is generated from the descriptors, so a new RPC cannot be missed.

#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/api/authoriser.h"
#include "openseer/v1/access.pb.h"
#include "openseer/v1/health_service.pb.h"
#include "openseer/v1/metrics_service.pb.h"
#include "openseer/v1/worker_service.pb.h"
#include "openseer/v1/worker_stream_service.pb.h"

namespace openseer::control {
namespace {

using google::protobuf::MethodDescriptor;
using testing::AnyOf;

std::vector<const MethodDescriptor*> all_methods() {
  std::vector<const MethodDescriptor*> methods;
  for (const auto* file :
       {v1::SignUpRequest::descriptor()->file(), v1::WatchRequest::descriptor()->file(),
        v1::CheckRequest::descriptor()->file(), v1::GetLatencyRequest::descriptor()->file(),
        v1::CreateMonitorRequest::descriptor()->file(), v1::EnrollRequest::descriptor()->file(),
        v1::ConnectRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

v1::Access access_of(const MethodDescriptor& method) { return method.options().GetExtension(v1::access); }

class ApiPolicy : public ApiTest {
 protected:
  // Otherwise empty.
  std::unique_ptr<google::protobuf::Message> request_for(const MethodDescriptor& method,
                                                         const std::string& workspace) {
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
    if (const auto* field = method.input_type()->FindFieldByName("workspace_id"))
      request->GetReflection()->SetString(request.get(), field, workspace);
    return request;
  }

  std::string try_method(const MethodDescriptor& method, Browser& browser, const std::string& workspace) {
    const auto request = request_for(method, workspace);
    const std::string name = method.service()->name() + "." + method.name();
    if (!method.server_streaming()) return browser.call(name, *request).code;
    http::Request http_request = browser_request(name, *request, true);
    if (!browser.cookie.empty()) http_request.headers.set("Cookie", browser.cookie);
    OpenStream stream(loop_, api_->router(), std::move(http_request));
    return stream.end();
  }
};

TEST_F(ApiPolicy, NobodyMayOnlyCallWhatIsPublic) {
  for (const MethodDescriptor* method : all_methods()) {
    SCOPED_TRACE(method->full_name());
    Browser nobody(*this);
    const std::string code = try_method(*method, nobody, "1");
    if (access_of(*method) == v1::ACCESS_WORKER) {
      EXPECT_EQ(code, "unimplemented");
    } else if (access_of(*method) == v1::ACCESS_PUBLIC) {
      EXPECT_NE(code, "permission_denied");
      EXPECT_NE(code, "not_found");
    } else {
      EXPECT_EQ(code, "unauthenticated");
    }
  }
}

TEST_F(ApiPolicy, AnotherTenantFindsNothing) {
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  const std::string workspace = owner.workspace();
  open_sign_up();
  Browser other(*this);
  other.sign_up("other@example.com");
  for (const MethodDescriptor* method : all_methods()) {
    SCOPED_TRACE(method->full_name());
    Browser copy = other;
    const std::string code = try_method(*method, copy, workspace);
    if (method->name() == "SignOut") other.sign_in("other@example.com", kPassword);
    const v1::Access access = access_of(*method);
    if (access == v1::ACCESS_VIEWER || access == v1::ACCESS_EDITOR || access == v1::ACCESS_ADMIN) {
      EXPECT_EQ(code, "not_found");
      for (const char* none : {"", "0", "-1", "999999", "1 OR true", "99999999999999999999"}) {
        EXPECT_EQ(try_method(*method, copy, none), "not_found") << none;
      }
    }
    if (access == v1::ACCESS_INSTANCE_OWNER) {
      EXPECT_EQ(code, "permission_denied");
    }
    if (access == v1::ACCESS_USER) {
      EXPECT_THAT(code, AnyOf("ok", "invalid_argument"));
    }
  }
}

TEST_F(ApiPolicy, AViewerMayLookAndNotTouch) {
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  const std::string workspace = owner.workspace();
  open_sign_up();
  Browser viewer(*this);
  viewer.sign_up("viewer@example.com");
  join("viewer@example.com", workspace, 1);
  for (const MethodDescriptor* method : all_methods()) {
    SCOPED_TRACE(method->full_name());
    Browser copy = viewer;
    const std::string code = try_method(*method, copy, workspace);
    if (method->name() == "SignOut") viewer.sign_in("viewer@example.com", kPassword);
    const v1::Access access = access_of(*method);
    if (access == v1::ACCESS_VIEWER) {
      EXPECT_NE(code, "permission_denied");
      EXPECT_NE(code, "unauthenticated");
    }
    if (access == v1::ACCESS_EDITOR || access == v1::ACCESS_ADMIN) {
      EXPECT_EQ(code, "permission_denied");
    }
  }
}

TEST_F(ApiPolicy, AnEditorMayChangeMonitors) {
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  const std::string workspace = owner.workspace();
  open_sign_up();
  Browser editor(*this);
  editor.sign_up("editor@example.com");
  join("editor@example.com", workspace, 2);
  for (const MethodDescriptor* method : all_methods()) {
    if (access_of(*method) != v1::ACCESS_EDITOR) continue;
    SCOPED_TRACE(method->full_name());
    Browser copy = editor;
    EXPECT_THAT(try_method(*method, copy, workspace), AnyOf("not_found", "invalid_argument"));
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
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"Origin", "https://evil.example"},
                                                        {"Origin", "null"},
                                                        {"Origin", "http://localhost:3001"},
                                                        {"Origin", "http://localhost:3000.evil.example"},
                                                        {"Sec-Fetch-Site", "cross-site"},
                                                        {"Sec-Fetch-Site", "same-site"}}) {
    Browser copy = owner;
    copy.headers.set(name, value);
    EXPECT_EQ(copy.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code, "permission_denied")
        << name << ": " << value;
  }
  Browser program = owner;
  program.headers.set("Origin", "");
  program.headers.set("Sec-Fetch-Site", "");
  EXPECT_EQ(program.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code, "ok");
}

}  // namespace
}  // namespace openseer::control
