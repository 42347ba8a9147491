#include "http/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "live_server.h"

namespace openseer::http {
namespace {

asio::awaitable<Response> answer(Exchange& exchange) {
  const Request& request = exchange.request;
  Response response;
  response.status = 201;
  response.body =
      request.method + " " + std::string(request.headers.get("Content-Type")) + " " + request.body;
  if (request.path == "/endless") response.body = std::string(2'000'000, 'x');
  if (request.path == "/elsewhere") {
    response.status = 302;
    response.headers.set("Location", "/");
  }
  co_return response;
}

std::string url(const test::LiveServer& server, const std::string& path) {
  return "https://localhost:" + std::to_string(server.port()) + path;
}

std::string failure(const std::string& url, const std::string& ca_pem) {
  try {
    post_json(url, "{}", ca_pem, Seconds{5});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

class StartUpClient : public testing::Test {
 protected:
  test::Certificates certificates_ = test::make_certificates();
  test::LiveServer server_{answer, Limits{}, certificates_.server};
};

TEST_F(StartUpClient, PostsJsonToAServerOfTheGivenCa) {
  const PostResult result = post_json(url(server_, "/"), R"({"a":1})", certificates_.ca_pem, Seconds{5});
  EXPECT_EQ(result.status, 201);
  EXPECT_EQ(result.body, R"(POST application/json {"a":1})");
}

TEST_F(StartUpClient, TrustsNoOtherCa) {
  EXPECT_THAT(failure(url(server_, "/"), test::make_certificates().ca_pem),
              testing::HasSubstr("certificate"));
}

TEST_F(StartUpClient, ChecksTheServersName) {
  const std::string other = "https://localhost.localdomain:" + std::to_string(server_.port());
  EXPECT_NE(failure(other, certificates_.ca_pem), "");
}

TEST_F(StartUpClient, SpeaksOnlyHttps) {
  test::LiveServer plain(answer);
  EXPECT_NE(failure("http://127.0.0.1:" + std::to_string(plain.port()), certificates_.ca_pem), "");
  EXPECT_NE(failure("file:///etc/passwd", certificates_.ca_pem), "");
}

TEST_F(StartUpClient, IgnoresProxiesAndFollowsNoRedirects) {
  ::setenv("https_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(post_json(url(server_, "/elsewhere"), "{}", certificates_.ca_pem, Seconds{5}).status, 302);
  ::unsetenv("https_proxy");
}

TEST_F(StartUpClient, StopsAtTheSizeLimit) {
  EXPECT_NE(failure(url(server_, "/endless"), certificates_.ca_pem), "");
}

TEST_F(StartUpClient, NamesTheAddressWhenNothingAnswers) {
  EXPECT_THAT(failure("https://127.0.0.1:1/", certificates_.ca_pem),
              testing::HasSubstr("https://127.0.0.1:1/"));
}

TEST_F(StartUpClient, FetchesWithoutVerification) {
  EXPECT_EQ(get_unverified(url(server_, "/"), Seconds{5}).body, "GET  ");
}

}  // namespace
}  // namespace openseer::http
