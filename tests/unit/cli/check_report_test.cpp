#include "cli/check_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::cli {
namespace {

using std::chrono::sys_days;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

constexpr Instant kNow = sys_days{std::chrono::year{2026} / 11 / 25};

domain::CheckResult answered() {
  domain::CheckResult result;
  result.outcome = domain::Outcome::kOk;
  domain::Measurement& m = result.measurement;
  m.http_status = 200;
  m.body_bytes = 12'000;
  m.phases = {2ms, 10ms, 30ms, 50ms, 8ms, 200ms};
  m.details.wire_bytes = 3'000;
  domain::Hop first;
  first.url = "http://example.com/";
  first.method = "GET";
  first.status = 301;
  first.phases = {10ms, 20ms, 0ms, 70ms, 0ms, 100ms};
  domain::Hop last;
  last.url = m.details.final_url = "https://example.com/";
  last.method = "GET";
  last.status = 200;
  last.phases = m.phases;
  last.phases.total = 100ms;
  last.tls_version = 4;
  last.cipher = "TLS_AES_128_GCM_SHA256";
  last.chain.push_back(
      {"CN=example.com", "CN=Example CA", {"example.com"}, kNow - 24h, kNow + 24h * 9, "00"});
  m.details.hops = {first, last};
  return result;
}

TEST(CheckReport, ShowsEveryHopOnOneAxis) {
  const std::string text = report({}, answered(), kNow, {.color = false, .unicode = false, .width = 66});
  EXPECT_THAT(text, HasSubstr("GET http://example.com/\n  status 301\n"));
  // 40 columns for 200 ms: the second hop begins in the middle.
  EXPECT_THAT(text, HasSubstr("  wait            70.0 ms       ##############\n"));
  EXPECT_THAT(text, HasSubstr("  connect         10.0 ms                     ##\n"));
  EXPECT_THAT(text, HasSubstr("  TLS 1.3, TLS_AES_128_GCM_SHA256, status 200\n"));
  EXPECT_THAT(text, HasSubstr("expires in 9 days, 2026-12-04"));
  EXPECT_THAT(text, HasSubstr("12.0 kB (3.0 kB on the wire)"));
  EXPECT_THAT(text, HasSubstr("\nok  status 200\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(CheckReport, TheVerdictNamesEveryBrokenAssertion) {
  domain::CheckResult result = answered();
  result.outcome = domain::Outcome::kFailed;
  result.measurement.message = "expected status 204, got 200";
  result.measurement.details.failures = {{0, false, "expected status 204, got 200"},
                                         {1, true, "expected total time < 100 ms, got 200 ms"}};
  EXPECT_THAT(
      report({}, result, kNow, {.unicode = false}),
      HasSubstr(
          "failed  expected status 204, got 200\n  - degraded: expected total time < 100 ms, got 200 ms\n"));
}

TEST(CheckReport, WhatATargetSaysCannotSteerTheTerminal) {
  domain::CheckResult result = answered();
  result.measurement.details.hops.back().headers = {{"x", "\x1b[2J\x07"}};
  result.measurement.details.hops.back().chain.front().subject = "CN=\x1b]0;owned\x07";
  EXPECT_THAT(report({}, result, kNow, {.show_headers = true}), Not(HasSubstr("\x1b")));
}

TEST(CheckReport, PercentilesLeaveFailedChecksOut) {
  std::vector<domain::CheckResult> results(3);
  results[0].outcome = domain::Outcome::kOk;
  results[0].measurement.phases.total = 10ms;
  results[1].outcome = domain::Outcome::kDegraded;
  results[1].measurement.phases.total = 20ms;
  results[2].measurement.phases.total = 10s;
  const std::string text = summary(results, {});
  EXPECT_THAT(text, HasSubstr("3 checks: 2 ok, 1 failed"));
  EXPECT_THAT(text, HasSubstr("total           10.0 ms    15.0 ms    19.5 ms    19.9 ms    20.0 ms\n"));
}

TEST(Percentile, InterpolatesBetweenNeighbours) {
  EXPECT_EQ(percentile({}, 0.5), 0us);
  EXPECT_EQ(percentile({7us}, 0.99), 7us);
  EXPECT_EQ(percentile({30us, 10us, 20us}, 0.5), 20us);
  EXPECT_EQ(percentile({10us, 20us}, 0.25), Microseconds{13});
}

}  // namespace
}  // namespace openseer::cli
