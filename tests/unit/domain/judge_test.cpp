#include "domain/judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::domain {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using enum Comparison;

Measurement answer() {
  Measurement found;
  found.http_status = 200;
  found.http_version = HttpVersion::k2;
  found.phases = {Microseconds{1'000},  Microseconds{2'000},  Microseconds{3'000},
                  Microseconds{40'500}, Microseconds{10'000}, Microseconds{812'345}};
  found.remote_address = "192.0.2.7";
  found.certificate_expires_at = Instant{std::chrono::hours{24} * 10 + std::chrono::hours{5}};
  found.details.body = R"({"status":"ok","items":[{"n":1},{"n":2.0}],"tags":["a","b"],"none":null})";
  found.body_bytes = found.details.body.size();
  Hop hop;
  hop.headers = {{"Content-Type", "application/json"}, {"X-Part", "one"}, {"x-part", "two"}, {"Age", "12"}};
  hop.tls_version = 4;
  hop.chain.push_back({"CN=example.com", "CN=Good CA,O=Good", {}, {}, {}, ""});
  found.details.hops.push_back(std::move(hop));
  return found;
}

// The message when the assertion does not hold; empty when it does.
std::string broken(const Assertion& assertion, Measurement found = answer()) {
  MonitorSpec spec;
  spec.accepted_statuses = {{100, 599}};
  spec.assertions = {assertion};
  const CheckResult result = judge(spec, std::move(found), Instant{});
  EXPECT_EQ(result.outcome == Outcome::kOk, result.measurement.message.empty());
  return result.measurement.message;
}
std::string broken(Source source, Comparison comparison, const char* target, const char* property = "") {
  return broken({source, property, comparison, target, Severity::kFail});
}

TEST(JudgeStatus, IsComparedByCodeRangeAndClass) {
  EXPECT_EQ(broken(Source::kStatus, kEquals, "200"), "");
  EXPECT_EQ(broken(Source::kStatus, kIn, "3xx, 200-204"), "");
  EXPECT_EQ(broken(Source::kStatus, kIn, "2XX"), "");
  EXPECT_EQ(broken(Source::kStatus, kNotEquals, "404"), "");
  EXPECT_EQ(broken(Source::kStatus, kLess, "400"), "");
  EXPECT_EQ(broken(Source::kStatus, kEquals, "201"), "expected status to equal 201, got 200");
  EXPECT_EQ(broken(Source::kStatus, kIn, "201-299,5xx"), "expected status to be one of 201-299,5xx, got 200");
}

TEST(JudgeStatus, AnAssertionAboutItTakesThePlaceOfTheDefault) {
  MonitorSpec spec;
  Measurement found = answer();
  found.http_status = 503;
  spec.assertions = {{Source::kStatus, "", kEquals, "503", Severity::kFail}};
  EXPECT_EQ(judge(spec, found, Instant{}).outcome, Outcome::kOk);
  spec.accepted_statuses = {{200, 299}};
  EXPECT_EQ(judge(spec, found, Instant{}).measurement.message, "expected 200-299, got 503");
}

TEST(JudgeHeader, NamesAreCaseInsensitiveAndRepeatedOnesJoined) {
  EXPECT_EQ(broken(Source::kHeader, kEquals, "one, two", "x-PART"), "");
  EXPECT_EQ(broken(Source::kHeader, kContains, "json", "content-type"), "");
  EXPECT_EQ(broken(Source::kHeader, kMatches, "^application/", "content-type"), "");
  EXPECT_EQ(broken(Source::kHeader, kExists, "", "age"), "");
  EXPECT_EQ(broken(Source::kHeader, kGreater, "10", "age"), "");
  EXPECT_EQ(broken(Source::kHeader, kIn, "11, 12", "age"), "");
  EXPECT_EQ(broken(Source::kHeader, kEquals, "2", "Age"), "expected header Age to equal 2, got 12");
  EXPECT_EQ(broken(Source::kHeader, kNotExists, "", "age"), "expected header age not to be there, got 12");
}

TEST(JudgeHeader, AnAbsentOneBreaksWhatAsksForIt) {
  EXPECT_EQ(broken(Source::kHeader, kExists, "", "x-version"),
            "expected header x-version to be there, but there is no such header");
  EXPECT_EQ(broken(Source::kHeader, kEquals, "2", "x-version"),
            "expected header x-version to equal 2, but there is no such header");
  EXPECT_EQ(broken(Source::kHeader, kNotEquals, "2", "x-version"), "");
  EXPECT_EQ(broken(Source::kHeader, kNotExists, "", "x-version"), "");
}

TEST(JudgeBody, TextAndExpressions) {
  EXPECT_EQ(broken(Source::kBody, kContains, "\"ok\""), "");
  EXPECT_EQ(broken(Source::kBody, kNotContains, "error"), "");
  EXPECT_EQ(broken(Source::kBody, kMatches, R"("n":\d+\.0)"), "");
  EXPECT_THAT(broken(Source::kBody, kContains, "healthy"),
              StartsWith("expected the body to contain healthy, got {"));
  EXPECT_THAT(broken(Source::kBody, kNotMatches, "it[e]ms"), HasSubstr("not to match it[e]ms, got "));
}

TEST(JudgeBody, MessagesAreShortValidAndShowWhatIsAtFault) {
  Measurement found = answer();
  found.details.body = std::string(5'000, 'x') + "Fatal\n\terror\xff" + std::string(5'000, 'y');
  const std::string contains = broken({Source::kBody, "", kContains, "fine", Severity::kFail}, found);
  EXPECT_LT(contains.size(), 300U);
  EXPECT_THAT(contains, HasSubstr("…"));
  const std::string not_contains = broken({Source::kBody, "", kNotContains, "Fatal", Severity::kFail}, found);
  EXPECT_THAT(not_contains, HasSubstr("xFatal error\xef\xbf\xbdy"));
}

TEST(JudgeBody, TheHashIsOfTheDecodedBytes) {
  Measurement found = answer();
  found.details.body = "abc";
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(broken({Source::kBodySha256, "", kEquals, abc, Severity::kFail}, found), "");
  found.details.body = "abd";
  EXPECT_THAT(broken({Source::kBodySha256, "", kEquals, abc, Severity::kFail}, found),
              HasSubstr("got a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"));
}

TEST(JudgeJson, EverySelectedValueMustHold) {
  EXPECT_EQ(broken(Source::kJson, kEquals, "ok", "$.status"), "");
  EXPECT_EQ(broken(Source::kJson, kGreater, "0", "$.items[*].n"), "");
  EXPECT_EQ(broken(Source::kJson, kGreater, "1", "$.items[*].n"),
            "expected $.items[*].n to be above 1, got 1");
  EXPECT_EQ(broken(Source::kJson, kEquals, "2", "$.items[1].n"), "") << "by value";
  EXPECT_EQ(broken(Source::kJson, kEquals, "null", "$.none"), "");
  EXPECT_EQ(broken(Source::kJson, kEquals, R"({ "n": 1 })", "$.items[0]"), "");
  EXPECT_EQ(broken(Source::kJson, kContains, "b", "$.tags"), "");
  EXPECT_EQ(broken(Source::kJson, kIn, "ok,fine", "$.status"), "");
  EXPECT_EQ(broken(Source::kJson, kExists, "", "$.items[?@.n == 2]"), "");
  EXPECT_EQ(broken(Source::kJson, kMatches, "^o", "$.status"), "");
  EXPECT_EQ(broken(Source::kJson, kContains, "c", "$.tags"),
            R"(expected $.tags to contain c, got ["a","b"])");
}

TEST(JudgeJson, NothingSelectedAndNoJsonAreSaid) {
  EXPECT_EQ(broken(Source::kJson, kEquals, "1", "$.x"), "expected $.x to equal 1, but it selects nothing");
  EXPECT_EQ(broken(Source::kJson, kNotExists, "", "$.x"), "");
  Measurement found = answer();
  found.details.body = "<html>";
  EXPECT_THAT(broken({Source::kJson, "$.x", kNotExists, "", Severity::kFail}, found),
              HasSubstr("but the body is not JSON"));
}

TEST(JudgeNumbers, HaveUnits) {
  EXPECT_EQ(broken(Source::kTotalTime, kLess, "813"), "");
  EXPECT_EQ(broken(Source::kTotalTime, kLess, "500"),
            "expected the total time to be below 500 ms, got 812.345 ms");
  EXPECT_EQ(broken(Source::kDnsTime, kLessOrEqual, "1"), "");
  EXPECT_EQ(broken(Source::kConnectTime, kEquals, "2"), "");
  EXPECT_EQ(broken(Source::kTlsTime, kGreater, "2.9"), "");
  EXPECT_EQ(broken(Source::kWaitTime, kLess, "40.5"),
            "expected the time to the first byte to be below 40.5 ms, got 40.5 ms");
  EXPECT_EQ(broken(Source::kDownloadTime, kGreaterOrEqual, "10"), "");
  EXPECT_THAT(broken(Source::kBodySize, kGreater, "1000"),
              StartsWith("expected the body's size to be above 1000 bytes"));
}

TEST(JudgeCertificate, DaysAndIssuer) {
  EXPECT_EQ(broken(Source::kCertificateDaysLeft, kGreaterOrEqual, "10"), "");
  EXPECT_EQ(broken(Source::kCertificateDaysLeft, kGreaterOrEqual, "14"),
            "expected the certificate's days left to be at least 14, got 10");
  EXPECT_EQ(broken(Source::kCertificateIssuer, kContains, "Good CA"), "");
  Measurement plain = answer();
  plain.certificate_expires_at.reset();
  plain.details.hops[0].chain.clear();
  EXPECT_EQ(broken({Source::kCertificateDaysLeft, "", kGreater, "1", Severity::kFail}, plain),
            "expected the certificate's days left to be above 1, but there is no certificate");
  EXPECT_THAT(broken({Source::kCertificateIssuer, "", kContains, "CA", Severity::kFail}, plain),
              HasSubstr("there is no certificate"));
}

TEST(JudgeConnection, VersionsAndAddress) {
  EXPECT_EQ(broken(Source::kHttpVersion, kEquals, "2"), "");
  EXPECT_EQ(broken(Source::kHttpVersion, kGreaterOrEqual, "1.1"), "");
  EXPECT_EQ(broken(Source::kHttpVersion, kEquals, "1.1"), "expected the HTTP version to equal 1.1, got 2");
  EXPECT_EQ(broken(Source::kTlsVersion, kIn, "1.2,1.3"), "");
  EXPECT_EQ(broken(Source::kRemoteAddress, kIn, "2001:db8::/32, 192.0.2.0/24"), "");
  EXPECT_EQ(broken(Source::kRemoteAddress, kEquals, "192.0.2.7"), "");
  EXPECT_EQ(broken(Source::kRemoteAddress, kIn, "192.0.2.0/30"),
            "expected the remote address to be one of 192.0.2.0/30, got 192.0.2.7");
  EXPECT_EQ(broken(Source::kRemoteAddress, kNotEquals, "192.0.2.8"), "");
}

TEST(JudgeSeverity, TheFirstFailureDecidesAndEveryOneIsKept) {
  MonitorSpec spec;
  spec.assertions = {{Source::kTotalTime, "", kLess, "500", Severity::kDegraded},
                     {Source::kBody, "", kContains, "x", Severity::kFail},
                     {Source::kHeader, "age", kEquals, "1", Severity::kFail}};
  const CheckResult failed = judge(spec, answer(), Instant{});
  EXPECT_EQ(failed.outcome, Outcome::kFailed);
  EXPECT_EQ(failed.measurement.reason, Reason::kAssertBody);
  ASSERT_EQ(failed.measurement.details.failures.size(), 3U);
  EXPECT_TRUE(failed.measurement.details.failures[0].degraded);
  EXPECT_EQ(failed.measurement.details.failures[1].index, 1U);
  EXPECT_EQ(failed.measurement.message, failed.measurement.details.failures[1].message);
  spec.assertions.resize(1);
  const CheckResult degraded = judge(spec, answer(), Instant{});
  EXPECT_EQ(degraded.outcome, Outcome::kDegraded);
  EXPECT_EQ(degraded.measurement.reason, Reason::kAssertTime);
}

struct Wrong {
  Assertion assertion;
  const char* field;
  const char* says;
};

TEST(AssertionRules, WhatCannotBeJudgedIsNamed) {
  const auto a = [](Source source, Comparison comparison, const char* target, const char* property = "") {
    return Assertion{source, property, comparison, target, Severity::kFail};
  };
  const Wrong wrongs[] = {
      {a(Source::kHeader, kExists, ""), "property", "must name a header"},
      {a(Source::kHeader, kExists, "", "a b"), "property", "must be a header's name"},
      {a(Source::kStatus, kEquals, "200", "x"), "property", "must be empty"},
      {a(Source::kJson, kExists, "", "status"), "property", "must begin with $"},
      {a(Source::kStatus, kContains, "2"), "comparison", "not possible"},
      {a(Source::kTotalTime, kMatches, "2"), "comparison", "not possible"},
      {a(Source::kStatus, kEquals, "20"), "target", "100 to 599"},
      {a(Source::kStatus, kIn, "200,6xx"), "target", "not 6xx"},
      {a(Source::kBody, kMatches, "(a"), "target", "RE2"},
      {a(Source::kBody, kContains, ""), "target", "must not be empty"},
      {a(Source::kBody, kExists, "x"), "target", "must be empty"},
      {a(Source::kBody, kIn, ","), "target", "must list"},
      {a(Source::kTotalTime, kLess, "fast"), "target", "must be a number"},
      {a(Source::kTotalTime, kLess, "-1"), "target", "negative"},
      {a(Source::kBodySha256, kEquals, "abc"), "target", "64 hex digits"},
      {a(Source::kRemoteAddress, kIn, "192.0.2.0/33"), "target", "not 192.0.2.0/33"},
      {a(Source::kRemoteAddress, kEquals, "192.0.2.0/24"), "target", "must be an IP address"},
  };
  for (const Wrong& wrong : wrongs) {
    std::vector<AssertionFault> faults;
    const ReadyAssertion ready(wrong.assertion, faults);
    ASSERT_EQ(faults.size(), 1U) << wrong.says;
    EXPECT_EQ(faults[0].field, wrong.field);
    EXPECT_THAT(faults[0].description, HasSubstr(wrong.says));
  }
}

}  // namespace
}  // namespace openseer::domain
