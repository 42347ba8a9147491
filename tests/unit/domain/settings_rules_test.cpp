// validate() on the ways to reach a target, retries and tags.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/monitor.h"

namespace openseer::domain {
namespace {

using testing::HasSubstr;

struct Wrong {
  const char* field;
  const char* says;
  void (*apply)(MonitorSpec&);
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.field << ": " << wrong.says; }

MonitorSpec valid_spec() {
  MonitorSpec spec;
  spec.url = "https://example.com/";
  complete(spec);
  return spec;
}

class WrongSetting : public testing::TestWithParam<Wrong> {};

TEST_P(WrongSetting, IsNamedAlone) {
  MonitorSpec spec = valid_spec();
  GetParam().apply(spec);
  const std::vector<FieldViolation> found = validate(spec, {"global"}, "spec");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].field, std::string("spec.") + GetParam().field);
  EXPECT_THAT(found[0].description, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Settings, WrongSetting,
    testing::Values(
        Wrong{"authentication.basic.username", "must not be empty",
              [](MonitorSpec& s) { s.authentication.scheme = AuthScheme::kBasic; }},
        Wrong{"authentication.basic.username", "colon",
              [](MonitorSpec& s) {
                s.authentication.scheme = AuthScheme::kBasic;
                s.authentication.username = "a:b";
              }},
        Wrong{"authentication.bearer.token", "must not be empty",
              [](MonitorSpec& s) { s.authentication.scheme = AuthScheme::kBearer; }},
        Wrong{"authentication.bearer.token", "visible",
              [](MonitorSpec& s) {
                s.authentication.scheme = AuthScheme::kBearer;
                s.authentication.token = "a b";
              }},
        Wrong{"authentication.oauth2.token_url", "must be http or https",
              [](MonitorSpec& s) {
                s.authentication = {
                    AuthScheme::kOauth2, "", "", "", "ftp://x.example/", "id", "secret", "", ""};
              }},
        Wrong{"authentication", "Authorization header",
              [](MonitorSpec& s) {
                s.authentication = {AuthScheme::kBearer, "", "", "token", "", "", "", "", ""};
                s.headers = {{"authorization", "x", true}};
              }},
        Wrong{"proxy.url", "http://host:port",
              [](MonitorSpec& s) { s.proxy.url = "https://proxy.example:3128"; }},
        Wrong{"proxy.url", "port", [](MonitorSpec& s) { s.proxy.url = "http://proxy.example"; }},
        Wrong{"proxy.url", "http://host:port",
              [](MonitorSpec& s) { s.proxy.url = "socks5://proxy.example:1/x"; }},
        Wrong{"proxy.username", "with a password",
              [](MonitorSpec& s) {
                s.proxy = {"http://proxy.example:3128", "", "p"};
              }},
        Wrong{"connect_address", "with a proxy",
              [](MonitorSpec& s) {
                s.proxy.url = "socks5://[2001:db8::1]:1080";
                s.connect_address = "192.0.2.1";
              }},
        Wrong{"connect_address", "IPv4 or IPv6", [](MonitorSpec& s) { s.connect_address = "[::1]"; }},
        Wrong{"connect_address", "family",
              [](MonitorSpec& s) {
                s.connect_address = "192.0.2.1";
                s.ip_family = IpFamily::kIpv6;
              }},
        Wrong{"dns_server", "192.0.2.53", [](MonitorSpec& s) { s.dns_server = "dns.example"; }},
        Wrong{"dns_server", "192.0.2.53", [](MonitorSpec& s) { s.dns_server = "192.0.2.1:0"; }},
        Wrong{"http", "prior knowledge",
              [](MonitorSpec& s) {
                s.url = "http://example.com/";
                s.http = HttpPolicy::kOnly2;
              }},
        Wrong{"tls.minimum", "1.0 to 1.3", [](MonitorSpec& s) { s.tls.minimum = TlsVersion::kNone; }},
        Wrong{"tls.server_name", "host name", [](MonitorSpec& s) { s.tls.server_name = "a b"; }},
        Wrong{"tls.ca_pem", "ASCII", [](MonitorSpec& s) { s.tls.ca_pem = std::string("a\0b", 3); }},
        Wrong{"tls.client_key_pem", "belong together",
              [](MonitorSpec& s) { s.tls.client_certificate_pem = "x"; }},
        Wrong{"body", "must be JSON",
              [](MonitorSpec& s) {
                s.method = "POST";
                s.body = "{";
                s.body_type = BodyType::kJson;
              }},
        Wrong{"assertions[1].target", "number",
              [](MonitorSpec& s) {
                s.assertions = {{Source::kStatus, "", Comparison::kEquals, "200", Severity::kFail},
                                {Source::kTotalTime, "", Comparison::kLess, "x", Severity::kFail}};
              }},
        Wrong{"assertions", "at most 50", [](MonitorSpec& s) { s.assertions.resize(51); }},
        Wrong{"retries.count", "0 to 3", [](MonitorSpec& s) { s.retries.count = 4; }},
        Wrong{"retries.pause", "60 s",
              [](MonitorSpec& s) {
                s.retries = {1, Milliseconds{60'001}};
              }},
        Wrong{"retries", "3 attempts of 10 s with their pauses take up to 70 s",
              [](MonitorSpec& s) {
                s.retries = {2, Milliseconds{20'000}};
              }},
        Wrong{"tags", "at most 20", [](MonitorSpec& s) { s.tags.assign(21, "t"); }},
        Wrong{"tags[0]", "1 to 50", [](MonitorSpec& s) { s.tags = {""}; }},
        Wrong{"tags[1]", "control", [](MonitorSpec& s) {
                s.tags = {"a", "b\n"};
              }}));

TEST(Settings, TheGoodOnesPass) {
  MonitorSpec spec = valid_spec();
  spec.authentication = {
      AuthScheme::kOauth2, "", "", "", "https://id.example/token", "id", "secret", "a b", "api"};
  spec.proxy = {"http://proxy.example:3128", "user", "password"};
  spec.dns_server = "[2001:db8::53]:5353";
  spec.tls.server_name = "other.example";
  spec.retries = {3, Milliseconds{5'000}};
  spec.tags = {" shop", "eu ", "shop"};
  complete(spec);
  EXPECT_THAT(validate(spec, {"global"}, "spec"), testing::IsEmpty());
  EXPECT_THAT(spec.tags, testing::ElementsAre("eu", "shop"));
}

}  // namespace
}  // namespace openseer::domain
