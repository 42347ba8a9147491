#include "probe/http/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::probe::http {
namespace {

using domain::BodyType;
using domain::Header;
using testing::ElementsAre;

const Url kUrl = *parse_url("http://example.com:8080/a?b");
const std::vector<Header> kNone;

std::vector<std::string> values(const Message& message, std::string_view name) {
  std::vector<std::string> out;
  for (const Header& header : message.headers) {
    if (same_name(header.name, name)) out.push_back(header.value);
  }
  return out;
}

TEST(Compose, AddsWhatIsUsual) {
  const Message message =
      compose({.method = "GET", .url = kUrl, .headers = kNone, .user_agent = "OpenSeer/1"});
  EXPECT_EQ(message.authority, "example.com:8080");
  EXPECT_EQ(message.path, "/a?b");
  EXPECT_THAT(values(message, "user-agent"), ElementsAre("OpenSeer/1"));
  EXPECT_THAT(values(message, "accept"), ElementsAre("*/*"));
  EXPECT_THAT(values(message, "accept-encoding"), ElementsAre("gzip, deflate, br, zstd"));
  EXPECT_TRUE(values(message, "content-type").empty());
  EXPECT_FALSE(message.sends_length);
}

TEST(Compose, APersonsHeadersOverrideOurs) {
  const std::vector<Header> own{{"user-agent", "mine"},    {"ACCEPT", "a"},         {"Accept", "b"},
                                {"Host", "other.example"}, {"Content-Type", "x/y"}, {"Authorization", "Own"}};
  const Message message = compose({.method = "POST",
                                   .url = kUrl,
                                   .headers = own,
                                   .body = "x",
                                   .user_agent = "OpenSeer/1",
                                   .authorization = "Basic x"});
  EXPECT_EQ(message.authority, "other.example");
  EXPECT_THAT(values(message, "user-agent"), ElementsAre("mine"));
  EXPECT_THAT(values(message, "accept"), ElementsAre("a", "b"));
  EXPECT_THAT(values(message, "content-type"), ElementsAre("x/y"));
  EXPECT_THAT(values(message, "authorization"), ElementsAre("Own"));
  EXPECT_TRUE(values(message, "host").empty());
}

TEST(Compose, FramingIsNotAPersonsToDecide) {
  const std::vector<Header> own{{"Content-Length", "999"}, {"Transfer-Encoding", "chunked"}};
  const Message message = compose({.method = "POST", .url = kUrl, .headers = own, .body = "x"});
  EXPECT_TRUE(values(message, "content-length").empty());
  EXPECT_TRUE(values(message, "transfer-encoding").empty());
}

TEST(Compose, NamesTheBodysType) {
  const auto type = [](BodyType body_type) {
    return values(
        compose({.method = "POST", .url = kUrl, .headers = kNone, .body = "x", .body_type = body_type}),
        "content-type")[0];
  };
  EXPECT_EQ(type(BodyType::kText), "text/plain; charset=utf-8");
  EXPECT_EQ(type(BodyType::kJson), "application/json");
  EXPECT_EQ(type(BodyType::kForm), "application/x-www-form-urlencoded");
  EXPECT_EQ(type(BodyType::kBinary), "application/octet-stream");
}

TEST(Compose, DropsWhatWouldBreakOutOfItsLine) {
  const std::vector<Header> own{{"X-Bad", "a\r\nX-Evil: 1"}, {"Bad Name", "x"}, {"X-Good", "y"}};
  const Message message =
      compose({.method = "GET", .url = kUrl, .headers = own, .authorization = "Bearer a\nb"});
  EXPECT_TRUE(values(message, "x-bad").empty());
  EXPECT_TRUE(values(message, "bad name").empty());
  EXPECT_TRUE(values(message, "authorization").empty());
  EXPECT_THAT(values(message, "x-good"), ElementsAre("y"));
}

TEST(Compose, JoinsCookies) {
  const std::vector<Header> own{{"Cookie", "a=1"}};
  EXPECT_THAT(values(compose({.method = "GET", .url = kUrl, .headers = own, .cookies = "b=2"}), "cookie"),
              ElementsAre("a=1; b=2"));
  EXPECT_THAT(values(compose({.method = "GET", .url = kUrl, .headers = kNone, .cookies = "b=2"}), "cookie"),
              ElementsAre("b=2"));
}

TEST(Compose, ToAnHttpProxyIsAbsolute) {
  const std::vector<Header> own{{"Host", "other.example"}};
  const Message message = compose({.method = "GET",
                                   .url = kUrl,
                                   .headers = own,
                                   .through_http_proxy = true,
                                   .proxy_authorization = "Basic p"});
  EXPECT_EQ(message.absolute, "http://example.com:8080/a?b");
  EXPECT_EQ(message.authority, "other.example");
  EXPECT_THAT(values(message, "proxy-authorization"), ElementsAre("Basic p"));
}

TEST(Base64, IsRfc4648s) {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : examples) EXPECT_EQ(base64(plain), coded);
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(Credentials, AreRfc7617s) {
  EXPECT_EQ(basic_credentials("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(bearer_credentials("t"), "Bearer t");
}

}  // namespace
}  // namespace openseer::probe::http
