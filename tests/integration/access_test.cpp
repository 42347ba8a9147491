// Who gets in at a running server, and what it says to browsers.
#include <fstream>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "integration/cluster.h"
#include "integration/process.h"
#include "openseer/v1/access.pb.h"
#include "openseer/v1/auth_service.pb.h"

namespace openseer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// curl, with what it printed.
std::string curl(std::vector<std::string> arguments) {
  std::vector<std::string> command{"/usr/bin/curl", "-sS", "--max-time", "10"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run(command).output;
}

// Every RPC of the API, from the descriptors that the build has made.
std::vector<std::pair<std::string, v1::Access>> all_rpcs() {
  google::protobuf::FileDescriptorSet files;
  std::ifstream in(DESCRIPTORS);
  EXPECT_TRUE(files.ParseFromIstream(&in)) << DESCRIPTORS;
  std::vector<std::pair<std::string, v1::Access>> rpcs;
  for (const auto& file : files.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        rpcs.emplace_back(file.package() + "." + service.name() + "/" + method.name(),
                          method.options().GetExtension(v1::access));
      }
    }
  }
  return rpcs;
}

TEST(Access, AWorkersCertificateIsNobodyOverHttps) {
  Cluster cluster;
  const std::string identity = cluster.worker_state() / "identity.pem";
  const std::string url = cluster.control_plane().https_url();
  const std::string body = cluster.new_path("body");
  const auto rpcs = all_rpcs();
  EXPECT_GT(rpcs.size(), 40U);
  for (const auto& [rpc, access] : rpcs) {
    SCOPED_TRACE(rpc);
    const bool stream = rpc.ends_with("/Watch");
    const std::string type = stream ? "application/connect+json" : "application/json";
    // An envelope of "{}" for the stream.
    std::ofstream(body) << (stream ? std::string("\0\0\0\0\2{}", 7) : std::string("{}"));
    const std::string answer =
        curl({"-k", "--cert", identity, "--key", identity, "-H", "Content-Type: " + type, "--data-binary",
              "@" + body, url + "/" + rpc, "--output", "-"});
    if (access == v1::ACCESS_WORKER) {
      EXPECT_THAT(answer, HasSubstr("unimplemented"));
    } else if (access == v1::ACCESS_PUBLIC) {
      // A sign-in refuses in words of its own.
      EXPECT_THAT(answer, Not(HasSubstr("sign in first"))) << "or it is not public";
    } else {
      EXPECT_THAT(answer, AllOf(HasSubstr("unauthenticated"), HasSubstr("sign in first")));
    }
  }
}

TEST(Access, EveryAnswerOfARunningServerCarriesTheSecurityHeaders) {
  Cluster cluster({.workers = 0});
  const ControlPlane& plane = cluster.control_plane();
  for (const char* path : {"/", "/sign-in", "/nothing/here", "/healthz", "/metrics", "/ca.pem",
                           "/api/openseer.v1.InstanceService/GetInstance"}) {
    SCOPED_TRACE(path);
    const std::string head = curl({"-D", "-", "-o", "/dev/null", plane.http_url() + path});
    EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(head, HasSubstr("Referrer-Policy: same-origin\r\n"));
    EXPECT_THAT(head, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(head, Not(HasSubstr("unsafe")));
    EXPECT_THAT(head, Not(HasSubstr("Strict-Transport-Security"))) << "no TLS here";
    EXPECT_THAT(head, Not(HasSubstr("Access-Control-Allow-Origin")));
    if (head.find("text/html") == std::string::npos) continue;
    for (const char* directive : {"default-src 'self';", "script-src 'self'", "style-src 'self'",
                                  "object-src 'none'", "base-uri 'none'", "form-action 'self'"}) {
      EXPECT_THAT(head, HasSubstr(directive));
    }
  }
  for (const char* path : {"/healthz", "/nothing", "/openseer.v1.InstanceService/GetInstance"}) {
    const std::string head = curl({"-k", "-D", "-", "-o", "/dev/null", plane.https_url() + path});
    EXPECT_THAT(head, HasSubstr("Strict-Transport-Security: max-age=31536000\r\n")) << path;
    EXPECT_THAT(head, HasSubstr("X-Content-Type-Options: nosniff\r\n")) << path;
  }
}

TEST(Access, NoPathLeadsOutOfTheStaticFiles) {
  Cluster cluster({.workers = 0});
  for (const char* path :
       {"/../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd",
        "/_next/static/../../../../etc/passwd", "/_next/%2e%2e%2f%2e%2e%2fetc/passwd", "//etc/passwd",
        "/etc/passwd%00.html", "/..\\..\\etc\\passwd", "/%c0%ae%c0%ae/etc/passwd"}) {
    const std::string answer =
        curl({"--path-as-is", "-w", "\n%{http_code}", cluster.control_plane().http_url() + path});
    EXPECT_THAT(answer, Not(HasSubstr("root:"))) << path;
    EXPECT_TRUE(answer.ends_with("404") || answer.ends_with("400")) << path << " " << answer.substr(0, 200);
  }
}

TEST(Access, TheOperatorLetsSomebodyInWhoForgotThePassword) {
  Cluster cluster({.workers = 0});
  const Variables environment{{"DATABASE_URL", cluster.database_url()}};
  const Ended unknown = openseer({"user", "reset-password", "nobody@example.com"}, environment);
  EXPECT_EQ(unknown.status.code, 1);
  EXPECT_THAT(unknown.output, HasSubstr("no account has the e-mail nobody@example.com"));

  const Ended made = openseer(
      {"user", "reset-password", "Owner@example.com", "--public-url", "https://monitor.example.com/"},
      environment);
  ASSERT_TRUE(made.status.success()) << made.output;
  const std::string start = "https://monitor.example.com/reset-password#";
  ASSERT_THAT(made.output, HasSubstr(start));
  v1::ResetPasswordRequest reset;
  reset.set_token(made.output.substr(made.output.find(start) + start.size(), 64));
  reset.set_new_password("another long password");
  cluster.api().call<v1::ResetPasswordResponse>("AuthService/ResetPassword", reset);
  EXPECT_THROW(cluster.api().call<v1::GetCurrentUserResponse>("UserService/GetCurrentUser",
                                                              v1::GetCurrentUserRequest()),
               ApiError)
      << "all sessions end";
  v1::SignInRequest sign_in;
  sign_in.set_email("owner@example.com");
  sign_in.set_password("another long password");
  cluster.api().call<v1::SignInResponse>("AuthService/SignIn", sign_in);
  EXPECT_EQ(cluster.sql().number("SELECT count(*) FROM app.audit_events WHERE actor_name = "
                                 "'openseer user reset-password' AND object_name = 'owner@example.com'"),
            1);
}

TEST(Access, TheOperatorSeesTheAccounts) {
  Cluster cluster({.workers = 0});
  const Ended list = openseer({"user", "list"}, {{"DATABASE_URL", cluster.database_url()}});
  EXPECT_TRUE(list.status.success()) << list.output;
  EXPECT_THAT(list.output, StartsWith("owner@example.com\t20"));
  EXPECT_THAT(list.output, HasSubstr("\towner of the instance\n"));
}

}  // namespace
}  // namespace openseer::test
