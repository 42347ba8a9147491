#include "http/rpc.h"

#include <future>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "http/compression.h"
#include "http/connect_codec.h"
#include "live_server.h"
#include "openseer/v1/auth_service.pb.h"
#include "openseer/v1/dashboard_service.pb.h"
#include "openseer/v1/monitor_service.pb.h"

namespace openseer::http {
namespace {

namespace v1 = openseer::v1;
using test::Answer;
using test::Client;
using test::LiveServer;
using test::post;
using testing::HasSubstr;

constexpr std::string_view kGetInstance = "/api/openseer.v1.InstanceService/GetInstance";
constexpr std::string_view kSignUp = "/api/openseer.v1.AuthService/SignUp";
constexpr std::string_view kCreateMonitor = "/api/openseer.v1.MonitorService/CreateMonitor";
constexpr std::string_view kWatch = "/api/openseer.v1.DashboardService/Watch";
constexpr std::string_view kJson = "Content-Type: application/json\r\n";
constexpr std::string_view kStreamJson = "Content-Type: application/connect+json\r\n";

asio::awaitable<void> wait_for_ever() {
  asio::steady_timer forever(co_await asio::this_coro::executor, Monotonic::max());
  co_await forever.async_wait(asio::use_awaitable);
}

// Refuses a call that carries "Cookie: session=expired".
asio::awaitable<Result<void>> authorise(Call& call, const google::protobuf::Message&) {
  if (call.cookie("session") == "expired") co_return Refusal{Code::kUnauthenticated, "sign in again", {}};
  call.identity = std::string(call.cookie("session"));
  co_return Result<void>{};
}

asio::awaitable<Result<v1::GetInstanceResponse>> get_instance(Call& call, const v1::GetInstanceRequest&) {
  v1::GetInstanceResponse response;
  response.mutable_instance()->set_version("1.2.3 " + std::any_cast<std::string>(call.identity));
  call.response_headers.add("Set-Cookie", "a=1");
  call.response_headers.add("Set-Cookie", "b=2");
  co_return response;
}

struct SignUp {
  std::promise<void>* cancelled;
  asio::awaitable<Result<v1::SignUpResponse>> operator()(Call&, const v1::SignUpRequest& request) const {
    return run(cancelled, request);
  }
  static asio::awaitable<Result<v1::SignUpResponse>> run(std::promise<void>* cancelled,
                                                         const v1::SignUpRequest& request) {
    if (request.email() == "throw") throw std::runtime_error("a secret of the database");
    if (request.email() == "wait") {
      try {
        co_await wait_for_ever();
      } catch (const boost::system::system_error&) {
        cancelled->set_value();
        throw;
      }
    }
    std::vector<FieldViolation> violations;
    violations.push_back({"password", "must have 8 characters \"or\" more"});
    co_return invalid(std::move(violations));
  }
};

asio::awaitable<Result<v1::CreateMonitorResponse>> create_monitor(Call&,
                                                                  const v1::CreateMonitorRequest& request) {
  v1::CreateMonitorResponse response;
  *response.mutable_monitor()->mutable_spec() = request.spec();
  response.mutable_monitor()->mutable_summary()->set_state(v1::MONITOR_STATE_UP);
  co_return response;
}

// Sends Ready and a result set; then what workspace_id says.
struct Watch {
  std::promise<void>* cancelled;
  asio::awaitable<Result<void>> operator()(Call&, const v1::WatchRequest& request, EventSink& sink) const {
    return run(cancelled, request, sink);
  }
  static asio::awaitable<Result<void>> run(std::promise<void>* cancelled, const v1::WatchRequest& request,
                                           EventSink& sink) {
    v1::WatchResponse event;
    event.mutable_ready();
    co_await sink.send(event);
    event.mutable_overview()->set_checks_24h(1'000'000'000'000);
    co_await sink.send(event);
    if (request.workspace_id() == "throw") throw std::runtime_error("a secret of the database");
    if (request.workspace_id() == "large") {
      event.mutable_monitor_deleted()->set_monitor_id(std::string(5000, 'x'));
      co_await sink.send(event);
    }
    if (request.workspace_id() == "refuse") {
      std::vector<FieldViolation> violations;
      violations.push_back({"view", "is needed"});
      co_return invalid(std::move(violations));
    }
    if (request.workspace_id() == "wait") {
      try {
        co_await wait_for_ever();
      } catch (const boost::system::system_error&) {
        cancelled->set_value();
        throw;
      }
    }
    co_return Result<void>{};
  }
};

struct Frame {
  int flags = 0;
  std::string payload;
};

std::vector<Frame> frames(std::string_view body) {
  std::vector<Frame> all;
  while (body.size() >= 5) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < 5; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
    all.push_back({body[0], std::string(body.substr(5, length))});
    body.remove_prefix(5 + length);
  }
  return all;
}

class Rpc : public testing::Test {
 protected:
  Rpc() {
    router_.unary<v1::GetInstanceRequest, v1::GetInstanceResponse>("openseer.v1.InstanceService.GetInstance",
                                                                   get_instance);
    router_.unary<v1::SignUpRequest, v1::SignUpResponse>("openseer.v1.AuthService.SignUp",
                                                         SignUp{&cancelled_});
    router_.unary<v1::CreateMonitorRequest, v1::CreateMonitorResponse>(
        "openseer.v1.MonitorService.CreateMonitor", create_monitor);
    router_.server_stream<v1::WatchRequest>("openseer.v1.DashboardService.Watch", Watch{&cancelled_});
  }

  Answer call(std::string_view path, std::string_view headers, std::string_view body) {
    Client client(server_.port());
    client.send(post(path, headers, body));
    return client.answer();
  }
  Answer watch(std::string_view json, std::string_view headers = "") {
    return call(kWatch, std::string(kStreamJson).append(headers), envelope(0, json));
  }
  bool handler_was_cancelled() {
    return cancelled_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  }

  std::promise<void> cancelled_;
  Router router_{authorise};
  LiveServer server_{[this](Exchange& exchange) { return router_.answer(exchange, "/api"); }};
};

TEST_F(Rpc, AnswersInJson) {
  const Answer answer = call(
      kGetInstance, "Cookie: x=y; session=me\r\nContent-Type: application/json; charset=utf-8\r\n", "{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(answer.body, R"({"instance":{"version":"1.2.3 me"}})");
  EXPECT_THAT(answer.head, HasSubstr("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
  EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.headers.at("cache-control"), "no-store");
}

TEST_F(Rpc, AnswersInBinary) {
  v1::CreateMonitorRequest request;
  request.mutable_spec()->set_url("https://example.org");
  const Answer answer =
      call(kCreateMonitor, "Content-Type: application/proto\r\nConnect-Protocol-Version: 1\r\n",
           request.SerializeAsString());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/proto");
  v1::CreateMonitorResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.body));
  EXPECT_EQ(response.monitor().spec().url(), "https://example.org");
}

TEST_F(Rpc, JsonUsesNamesOfEnumsAndFieldsInCamelCase) {
  const Answer answer =
      call(kCreateMonitor, kJson,
           R"({"spec":{"url":"u","interval":"60s","ipFamily":"IP_FAMILY_IPV6","maxRedirects":0}})");
  EXPECT_EQ(answer.body,
            R"({"monitor":{"summary":{"state":"MONITOR_STATE_UP"},"spec":{"url":"u","interval":"60s",)"
            R"("maxRedirects":0,"ipFamily":"IP_FAMILY_IPV6"}}})");
}

TEST_F(Rpc, UnknownFieldsAndWrongValuesAreNamed) {
  const auto refused = [&](std::string_view body) {
    const Answer answer = call(kCreateMonitor, kJson, body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"invalid_argument")"));
    return answer.body;
  };
  EXPECT_THAT(refused(R"({"owner":1})"), HasSubstr(R"("field":"owner")"));
  EXPECT_THAT(refused(R"({"spec":{"headers":[{},{"nam":"x"}]}})"),
              HasSubstr(R"("field":"spec.headers[1].nam")"));
  EXPECT_THAT(refused(R"({"spec":{"interval":"soon"}})"), HasSubstr(R"("field":"spec.interval")"));
  EXPECT_THAT(refused(R"({"spec":{"ipFamily":"IPX"}})"), HasSubstr(R"("field":"spec.ip_family")"));
  EXPECT_THAT(refused("{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(refused(""), HasSubstr("not valid JSON"));
  EXPECT_THAT(refused("{\"spec\":{\"name\":\"\xff\"}}"), HasSubstr("not valid JSON"));
  EXPECT_EQ(call(kCreateMonitor, "Content-Type: application/proto\r\n", "\xff\xff").status, 400);
}

TEST_F(Rpc, ErrorsCarryTheirDetails) {
  const Answer answer = call(kSignUp, kJson, R"({"email":"a"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers.at("content-type"), "application/json");
  EXPECT_EQ(
      answer.body,
      R"({"code":"invalid_argument","message":"invalid password: must have 8 characters \"or\" more",)"
      R"("details":[{"type":"google.rpc.BadRequest",)"
      R"("value":"CiwKCHBhc3N3b3JkEiBtdXN0IGhhdmUgOCBjaGFyYWN0ZXJzICJvciIgbW9yZQ",)"
      R"("debug":{"fieldViolations":[{"field":"password","description":"must have 8 characters \"or\" more"}]}}]})");
}

TEST_F(Rpc, AnExceptionTellsTheCallerNothing) {
  const Answer answer = call(kSignUp, kJson, R"({"email":"throw"})");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body, R"({"code":"internal","message":"internal error"})");
}

TEST_F(Rpc, TheAuthoriserRunsBeforeEveryHandler) {
  const std::string expired = "Cookie: session=expired\r\n";
  const Answer unary = call(kGetInstance, std::string(kJson) + expired, "{}");
  EXPECT_EQ(unary.status, 401);
  EXPECT_EQ(unary.body, R"({"code":"unauthenticated","message":"sign in again"})");
  const Answer stream = watch("{}", expired);
  EXPECT_EQ(stream.status, 200);
  ASSERT_EQ(frames(stream.body).size(), 1u);
  EXPECT_EQ(frames(stream.body)[0].payload,
            R"({"error":{"code":"unauthenticated","message":"sign in again"}})");
}

TEST_F(Rpc, OnlyTheProtocolsOwnRequestsAreAnswered) {
  EXPECT_EQ(call(kGetInstance, "", "{}").status, 415);
  EXPECT_EQ(call(kGetInstance, "Content-Type: text/plain\r\n", "{}").status, 415);
  EXPECT_EQ(call(kGetInstance, "Content-Type: application/x-www-form-urlencoded\r\n", "a=b").status, 415);
  EXPECT_EQ(call(kGetInstance, kStreamJson, envelope(0, "{}")).status, 415);
  EXPECT_EQ(call(kWatch, kJson, "{}").status, 415);
  EXPECT_EQ(call(kGetInstance, std::string(kJson) + "Connect-Protocol-Version: 2\r\n", "{}").status, 400);
  EXPECT_EQ(call(kGetInstance, std::string(kJson) + "Connect-Timeout-Ms: soon\r\n", "{}").status, 400);
  EXPECT_EQ(call("/api/openseer.v1.InstanceService/Nothing", kJson, "{}").status, 404);
  EXPECT_EQ(call("/openseer.v1.InstanceService/GetInstance", kJson, "{}").status, 404);
  Client client(server_.port());
  client.send(test::get(kGetInstance));
  const Answer answer = client.answer();
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "POST");
}

TEST_F(Rpc, ReadsAndWritesGzip) {
  const std::string request = R"({"spec":{"name":")" + std::string(2000, 'n') + R"("}})";
  const std::string headers = std::string(kJson) + "Content-Encoding: gzip\r\n";
  const Answer plain = call(kCreateMonitor, headers, gzip(request));
  EXPECT_EQ(plain.status, 200);
  EXPECT_FALSE(plain.headers.contains("content-encoding"));
  const Answer packed = call(kCreateMonitor, headers + "Accept-Encoding: gzip, br\r\n", gzip(request));
  EXPECT_EQ(packed.headers.at("content-encoding"), "gzip");
  GunzipError error{};
  EXPECT_EQ(gunzip(packed.body, 1 << 20, error), plain.body);
  const Answer small = call(kGetInstance, std::string(kJson) + "Accept-Encoding: gzip\r\n", "{}");
  EXPECT_FALSE(small.headers.contains("content-encoding"));
}

TEST_F(Rpc, RefusesBombsAndUnknownCompression) {
  const std::string headers = std::string(kJson) + "Content-Encoding: ";
  EXPECT_EQ(call(kCreateMonitor, headers + "gzip\r\n", gzip(std::string(50'000'000, ' '))).status, 429);
  EXPECT_EQ(call(kCreateMonitor, headers + "gzip\r\n", "not gzip").status, 400);
  EXPECT_EQ(call(kCreateMonitor, headers + "gzip\r\n", gzip("{}").substr(0, 12)).status, 400);
  EXPECT_EQ(call(kCreateMonitor, headers + "zstd\r\n", "{}").status, 501);
}

TEST_F(Rpc, CancelsAHandlerThatTakesLongerThanTheCallerWaits) {
  const Answer answer =
      call(kSignUp, std::string(kJson) + "Connect-Timeout-Ms: 50\r\n", R"({"email":"wait"})");
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("deadline_exceeded"));
  EXPECT_TRUE(handler_was_cancelled());
}

TEST_F(Rpc, StreamsMessagesAndEndsWell) {
  const Answer answer = watch("{}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"), "application/connect+json");
  const auto received = frames(answer.body);
  ASSERT_EQ(received.size(), 3u);
  EXPECT_EQ(received[0].payload, R"({"ready":{}})");
  EXPECT_EQ(received[1].payload, R"({"overview":{"checks24h":"1000000000000"}})");
  EXPECT_EQ(received[2].flags, 2);
  EXPECT_EQ(received[2].payload, "{}");
}

TEST_F(Rpc, StreamsInBinary) {
  const Answer answer = call(kWatch, "Content-Type: application/connect+proto\r\n", envelope(0, ""));
  EXPECT_EQ(answer.headers.at("content-type"), "application/connect+proto");
  const auto received = frames(answer.body);
  ASSERT_EQ(received.size(), 3u);
  v1::WatchResponse event;
  ASSERT_TRUE(event.ParseFromString(received[1].payload));
  EXPECT_EQ(event.overview().checks_24h(), 1'000'000'000'000u);
  EXPECT_EQ(received[2].payload, "{}");
}

TEST_F(Rpc, AStreamsErrorComesLastWithItsDetails) {
  const auto refused = frames(watch(R"({"workspaceId":"refuse"})").body);
  ASSERT_EQ(refused.size(), 3u);
  EXPECT_EQ(refused[2].flags, 2);
  EXPECT_THAT(refused[2].payload, HasSubstr(R"({"error":{"code":"invalid_argument")"));
  EXPECT_THAT(refused[2].payload, HasSubstr(R"("type":"google.rpc.BadRequest")"));
  const auto failed = frames(watch(R"({"workspaceId":"throw"})").body);
  ASSERT_EQ(failed.size(), 3u);
  EXPECT_EQ(failed[2].payload, R"({"error":{"code":"internal","message":"internal error"}})");
}

TEST_F(Rpc, AStreamsRequestMustBeOneWholeEnvelope) {
  for (const std::string& body : {std::string(), std::string("{}"), envelope(0, "{}") + envelope(0, "{}"),
                                  envelope(0, "{}").substr(0, 6), envelope(2, "{}"), envelope(1, "{}")}) {
    const auto received = frames(call(kWatch, kStreamJson, body).body);
    ASSERT_EQ(received.size(), 1u);
    EXPECT_THAT(received[0].payload, HasSubstr("invalid_argument"));
  }
}

TEST_F(Rpc, StreamsCompressBothWays) {
  const Answer answer =
      call(kWatch,
           std::string(kStreamJson) + "Connect-Content-Encoding: gzip\r\nConnect-Accept-Encoding: gzip\r\n",
           envelope(kCompressed, gzip(R"({"workspaceId":"large"})")));
  EXPECT_EQ(answer.headers.at("connect-content-encoding"), "gzip");
  const auto received = frames(answer.body);
  ASSERT_EQ(received.size(), 4u);
  EXPECT_EQ(received[0].flags, 0) << "small messages are not worth it";
  EXPECT_EQ(received[2].flags, 1);
  GunzipError error{};
  EXPECT_THAT(gunzip(received[2].payload, 10'000, error).value_or(""), HasSubstr("xxxxx"));
}

TEST_F(Rpc, AStreamEndsAtItsDeadline) {
  const auto received = frames(watch(R"({"workspaceId":"wait"})", "Connect-Timeout-Ms: 50\r\n").body);
  ASSERT_EQ(received.size(), 3u);
  EXPECT_THAT(received[2].payload, HasSubstr("deadline_exceeded"));
  EXPECT_TRUE(handler_was_cancelled());
}

TEST_F(Rpc, AStreamIsCancelledWhenTheClientGoes) {
  Client client(server_.port());
  client.send(post(kWatch, kStreamJson, envelope(0, R"({"workspaceId":"wait"})")));
  client.read_until("checks24h");
  client.close();
  EXPECT_TRUE(handler_was_cancelled());
}

TEST_F(Rpc, DrainTellsStreamsThatTheServerGoesAway) {
  Client client(server_.port());
  client.send(post(kWatch, kStreamJson, envelope(0, R"({"workspaceId":"wait"})")));
  client.read_until("checks24h");
  auto drained = std::async(std::launch::async, [&] { server_.drain(Milliseconds{10'000}); });
  EXPECT_THAT(client.rest(), HasSubstr(R"("code":"unavailable")"));
  client.close();
  drained.get();
  EXPECT_TRUE(handler_was_cancelled());
}

TEST_F(Rpc, NamesTheMethodsRegistered) {
  EXPECT_THAT(router_.methods(),
              testing::ElementsAre("openseer.v1.AuthService.SignUp", "openseer.v1.DashboardService.Watch",
                                   "openseer.v1.InstanceService.GetInstance",
                                   "openseer.v1.MonitorService.CreateMonitor"));
}

using RouterDeathTest = Rpc;

TEST_F(RouterDeathTest, AMistakeInTheTableAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto add = [&](std::string_view name) {
    router_.unary<v1::GetInstanceRequest, v1::GetInstanceResponse>(name, get_instance);
  };
  EXPECT_DEATH(add("openseer.v1.InstanceService.Nothing"), "no such method");
  EXPECT_DEATH(add("openseer.v1.AuthService.SignIn"), "takes a openseer.v1.SignInRequest");
  EXPECT_DEATH(add("openseer.v1.InstanceService.GetInstance"), "registered twice");
}

}  // namespace
}  // namespace openseer::http
