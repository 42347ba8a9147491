#include "wire/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::wire {
namespace {

using testing::ElementsAre;
using testing::Field;

domain::MonitorSpec full_spec() {
  domain::MonitorSpec spec;
  spec.name = "Shop";
  spec.url = "https://shop.example/health";
  spec.method = "POST";
  spec.interval = Seconds{5};
  spec.timeout = Milliseconds{2'500};
  spec.headers = {{"Accept", "text/html", false}, {"Authorization", "Bearer x", true}};
  spec.body = std::string("\0binary\xff", 8);
  spec.accepted_statuses = {{200, 204}, {301, 301}};
  spec.regions = {"eu-west", "us-east"};
  spec.max_redirects = 0;
  spec.tls = {domain::TlsVersion::k1_3, true, "sni.example", "CA", "CERTIFICATE", "KEY"};
  spec.body_type = domain::BodyType::kBinary;
  spec.authentication = {domain::AuthScheme::kOauth2,
                         "",
                         "",
                         "",
                         "https://id.example/token",
                         "client",
                         "oauth-secret",
                         "read",
                         "api"};
  spec.proxy = {"socks5://proxy.example:1080", "user", "proxy-secret"};
  spec.http = domain::HttpPolicy::kOnly1_1;
  spec.ip_family = domain::IpFamily::kIpv6;
  spec.connect_address = "2001:db8::1";
  spec.dns_server = "192.0.2.53";
  spec.reuse_connection = true;
  spec.assertions = {
      {domain::Source::kJson, "$.a", domain::Comparison::kIn, "1,2", domain::Severity::kDegraded},
      {domain::Source::kBody, "", domain::Comparison::kExists, "", domain::Severity::kFail}};
  spec.retries = {2, Milliseconds{1'500}};
  spec.tags = {"eu", "shop"};
  return spec;
}

TEST(MonitorSpecOnTheWire, SurvivesTheRoundTrip) {
  const auto back = from_proto(to_proto(full_spec(), Secrets::kIncluded), "spec.");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(*back, full_spec());
}

TEST(MonitorSpecOnTheWire, AnyMethodIsTakenAsItIs) {
  domain::MonitorSpec spec;
  spec.method = "PROPFIND";
  const auto back = from_proto(to_proto(spec, Secrets::kIncluded), "");
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->method, "PROPFIND");
}

TEST(MonitorSpecOnTheWire, SensitiveValuesAreHiddenFromPeople) {
  const v1::MonitorSpec proto = to_proto(full_spec(), Secrets::kHidden);
  EXPECT_EQ(proto.headers(0).value(), "text/html");
  EXPECT_EQ(proto.headers(1).value(), "");
  EXPECT_TRUE(proto.headers(1).sensitive());
  for (const char* secret : {"Bearer", "oauth-secret", "proxy-secret", "KEY"}) {
    EXPECT_EQ(proto.SerializeAsString().find(secret), std::string::npos) << secret;
    EXPECT_NE(to_proto(full_spec(), Secrets::kIncluded).SerializeAsString().find(secret), std::string::npos);
  }
}

TEST(MonitorSpecOnTheWire, EveryAuthenticationSurvivesTheRoundTrip) {
  for (const domain::Authentication& authentication :
       {domain::Authentication{},
        domain::Authentication{domain::AuthScheme::kBasic, "u", "p", "", "", "", "", "", ""},
        domain::Authentication{domain::AuthScheme::kDigest, "u", "p", "", "", "", "", "", ""},
        domain::Authentication{domain::AuthScheme::kBearer, "", "", "t", "", "", "", "", ""}}) {
    domain::MonitorSpec spec;
    spec.authentication = authentication;
    EXPECT_EQ(from_proto(to_proto(spec, Secrets::kIncluded), "")->authentication, authentication);
  }
}

TEST(MonitorSpecOnTheWire, NumbersThatTheApiHasNotAreNamed) {
  v1::MonitorSpec proto;
  proto.set_body_type(static_cast<v1::BodyType>(9));
  proto.set_http(static_cast<v1::HttpPolicy>(9));
  proto.set_ip_family(static_cast<v1::IpFamily>(9));
  proto.mutable_tls()->set_minimum(static_cast<v1::TlsVersion>(9));
  proto.add_assertions()->set_comparison(v1::COMPARISON_EXISTS);
  proto.add_assertions()->set_source(v1::SOURCE_BODY);
  proto.mutable_retries()->set_count(4'000'000'000U);
  proto.mutable_retries()->mutable_pause()->set_nanos(1);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : from_proto(proto, "spec.").error().violations)
    fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("spec.body_type", "spec.http", "spec.ip_family", "spec.tls.minimum",
                                  "spec.assertions[0].source", "spec.assertions[1].comparison",
                                  "spec.retries.count", "spec.retries.pause"));
}

TEST(MonitorSpecOnTheWire, AbsentFieldsTakeTheDocumentedDefaults) {
  const auto spec = from_proto(v1::MonitorSpec(), "spec.");
  ASSERT_TRUE(spec.has_value());
  EXPECT_EQ(spec->interval, Seconds{60});
  EXPECT_EQ(spec->timeout, Seconds{10});
  EXPECT_EQ(spec->max_redirects, 10);
  EXPECT_EQ(spec->method, "GET");
  EXPECT_FALSE(spec->tls.skip_verification);
}

TEST(MonitorSpecOnTheWire, TheDefaultTimeoutNeverExceedsTheInterval) {
  v1::MonitorSpec proto;
  proto.mutable_interval()->set_seconds(3);
  EXPECT_EQ(from_proto(proto, "")->timeout, Seconds{3});
}

TEST(MonitorSpecOnTheWire, EverythingThatCannotBeHeldIsNamed) {
  v1::MonitorSpec proto;
  proto.mutable_interval()->set_nanos(500'000'000);
  proto.mutable_timeout()->set_seconds(-1);
  proto.add_accepted_statuses()->set_first(200);
  proto.add_accepted_statuses()->set_last(4'000'000'000U);
  proto.set_max_redirects(4'000'000'000U);
  const auto spec = from_proto(proto, "spec.");
  ASSERT_FALSE(spec.has_value());
  EXPECT_EQ(spec.error().code, Code::kInvalidArgument);
  const auto named = [](const char* name) { return Field(&FieldViolation::field, name); };
  EXPECT_THAT(spec.error().violations,
              ElementsAre(named("spec.interval"), named("spec.timeout"), named("spec.accepted_statuses[1]"),
                          named("spec.max_redirects")));
}

TEST(MonitorSpecOnTheWire, OverlargeAndMalformedDurationsAreRefused) {
  for (const std::int64_t seconds : {std::int64_t{86'401}, INT64_MAX, INT64_MIN, std::int64_t{-1}}) {
    v1::MonitorSpec proto;
    proto.mutable_interval()->set_seconds(seconds);
    EXPECT_FALSE(from_proto(proto, "").has_value()) << seconds;
  }
  v1::MonitorSpec mixed;
  mixed.mutable_interval()->set_seconds(1);
  mixed.mutable_interval()->set_nanos(-1);
  EXPECT_FALSE(from_proto(mixed, "").has_value());
  v1::MonitorSpec fine;
  fine.mutable_timeout()->set_nanos(1);
  EXPECT_FALSE(from_proto(fine, "").has_value());
}

}  // namespace
}  // namespace openseer::wire
