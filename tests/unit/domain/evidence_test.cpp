#include "domain/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/slots.h"

namespace openseer::domain {
namespace {

using testing::HasSubstr;
using testing::Not;

MonitorSpec secretive() {
  MonitorSpec spec;
  spec.method = "POST";
  spec.headers = {{"Authorization", "Bearer tok/en+0123", true},
                  {"Cookie", "sid=cookie-value; theme=dark", false},
                  {"X-Plain", "plain-value", false}};
  spec.body_type = BodyType::kJson;
  spec.body = R"({"user":"alice","password":"body\"secret"})";
  spec.authentication = {AuthScheme::kBasic, "alice", "hunter two", "", "", "", "", "", ""};
  spec.proxy = {"http://proxy.example:1", "p", "proxy-pass"};
  return spec;
}

TEST(Redactor, FindsSecretsInTheirUsualSpellings) {
  const Redactor redactor(secretive());
  for (const char* echoed : {"tok/en+0123", "Bearer tok/en+0123", "tok%2Fen%2B0123", "tok%2fen%2b0123",
                             "tok\\/en+0123", "cookie-value", "hunter two", "hunter%20two", "hunter+two",
                             "proxy-pass", "body\"secret", "body\\\"secret", "body&quot;secret",
                             // base64 of "hunter two", of "alice:hunter two" and of "xx:hunter two"
                             "aHVudGVyIHR3bw", "YWxpY2U6aHVudGVyIHR3bw==", "eHg6aHVudGVyIHR3bw=="}) {
    const std::string out = redactor.redact(std::string("<") + echoed + ">");
    EXPECT_THAT(out, HasSubstr("[redacted]")) << echoed;
    EXPECT_LT(out.size(), 10 + std::string(echoed).size()) << out;
    EXPECT_THAT(out, Not(HasSubstr("nter"))) << out;
  }
  EXPECT_EQ(redactor.redact("plain-value alice"), "plain-value alice");
}

TEST(Redactor, ASecretAcrossTheCutIsTakenOut) {
  const Redactor redactor(secretive());
  const std::string text = std::string(20, '.') + "hunter two" + std::string(20, '.');
  EXPECT_EQ(redactor.redact(text, 23), std::string(20, '.') + "[redacted]");
  const std::string_view half = std::string_view(text).substr(0, 26);
  EXPECT_EQ(redactor.redact(half, std::string_view::npos, true), std::string(20, '.') + "[redacted]");
}

TEST(Redactor, WithoutSecretsNothingChanges) {
  EXPECT_TRUE(Redactor(MonitorSpec{}).empty());
  EXPECT_EQ(Redactor(MonitorSpec{}).redact("abcdef", 3), "abc");
}

Details details() {
  Details d;
  Hop hop;
  hop.url = "https://example.com/?t=hunter%20two";
  hop.headers = {{"Set-Cookie", "session=set-by-target; Path=/; HttpOnly"},
                 {"X-Api-Key", "key-of-target"},
                 {"X-Echo", "hunter two"},
                 {"Content-Type", "text/plain\xff"}};
  d.hops.push_back(hop);
  d.body = "password hunter two and set-by-target, " + std::string(20'000, 'x');
  d.failures.push_back({0, false, "got hunter two"});
  return d;
}

TEST(Evidence, KeepsWhatHelpsAndNoSecret) {
  const Details kept = evidence(details(), Outcome::kFailed, Redactor(secretive()));
  const auto& headers = kept.hops.at(0).headers;
  EXPECT_EQ(headers[0].value, "session=[redacted]; Path=/; HttpOnly");
  EXPECT_EQ(headers[1].value, "[redacted]");
  EXPECT_EQ(headers[2].value, "[redacted]");
  EXPECT_EQ(headers[3].value, "text/plain\xef\xbf\xbd");
  EXPECT_EQ(kept.hops[0].url, "https://example.com/?t=[redacted]");
  EXPECT_THAT(kept.body, testing::StartsWith("password [redacted] and [redacted], xxx"));
  EXPECT_LE(kept.body.size(), kEvidenceBody + Redactor::kMark.size());
  EXPECT_TRUE(kept.body_truncated);
  EXPECT_EQ(kept.failures[0].message, "got [redacted]");
}

// A target may answer with the bare token, which only the exchange knows.
TEST(Evidence, ATokenThatTheCheckFetchedIsASecret) {
  Details found = details();
  found.secrets = {"eyJ0b2tlbiI6MX0.c2ln"};
  found.body = R"({"seen":"eyJ0b2tlbiI6MX0.c2ln"})";
  found.hops[0].headers = {{"X-Echo", "eyJ0b2tlbiI6MX0.c2ln"}, {"eyJ0b2tlbiI6MX0.c2ln", "x"}};
  const Details kept = evidence(std::move(found), Outcome::kFailed, Redactor(MonitorSpec{}));
  EXPECT_EQ(kept.body, R"({"seen":"[redacted]"})");
  EXPECT_EQ(kept.hops[0].headers[0].value, "[redacted]");
  EXPECT_EQ(kept.hops[0].headers[1].name, "[redacted]");
  EXPECT_TRUE(kept.secrets.empty());
}

TEST(Evidence, OfAnOkResultHasNoBody) {
  const Details kept = evidence(details(), Outcome::kOk, Redactor(secretive()));
  EXPECT_EQ(kept.body, "");
  EXPECT_EQ(kept.hops.size(), 1U);
}

TEST(Evidence, OfOkResultsIsWantedFirstAndOnceAnHour) {
  constexpr Seconds kEvery{600};
  const Instant origin = grid_origin(7, kEvery);
  int wanted = 0;
  for (int slot = 1; slot <= 60; ++slot) wanted += wants_evidence(7, origin + slot * kEvery, kEvery) ? 1 : 0;
  EXPECT_EQ(wanted, 10) << "60 slots of ten minutes";
  EXPECT_TRUE(wants_evidence(7, origin + kEvery + Microseconds{1}, kEvery)) << "off the grid";
}

TEST(Evidence, IsBounded) {
  Details d = details();
  d.hops.assign(100, d.hops[0]);
  for (Hop& hop : d.hops) hop.headers.assign(500, {"X-Long", std::string(3000, 'h')});
  d.body = R"({"Authorization": "Bearer eyJ.token_of-exchange="})";
  MonitorSpec oauth;
  oauth.authentication.scheme = AuthScheme::kOauth2;
  const Details kept = evidence(d, Outcome::kDegraded, Redactor(oauth));
  EXPECT_EQ(kept.body, R"({"Authorization": "[redacted]"})");
  std::size_t bytes = 0;
  for (const Hop& hop : kept.hops) {
    for (const ResponseHeader& header : hop.headers) bytes += header.value.size();
  }
  EXPECT_LE(bytes, 16U * 1024);
  EXPECT_LE(kept.hops.size(), 25U);
}

}  // namespace
}  // namespace openseer::domain
