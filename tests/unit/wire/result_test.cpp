#include "wire/result.h"

#include <gtest/gtest.h>

#include "wire/id.h"
#include "wire/lease.h"
#include "wire/time.h"

namespace openseer::wire {
namespace {

using namespace std::chrono_literals;

domain::CheckResult failed_result() {
  domain::CheckResult result;
  result.started_at = Instant{1'700'000'000'123'456us};
  result.outcome = domain::Outcome::kFailed;
  result.measurement.reason = domain::Reason::kStatus;
  result.measurement.http_status = 503;
  result.measurement.http_version = domain::HttpVersion::k2;
  result.measurement.phases = {1us, 2us, 3us, 4us, 5us, 1'000'015us};
  result.measurement.remote_address = "2001:db8::1";
  result.measurement.body_bytes = 17;
  result.measurement.certificate_expires_at = Instant{1'800'000'000s};
  result.measurement.message = "expected 200-299, got 503";
  return result;
}

void expect_same(const domain::CheckResult& a, const domain::CheckResult& b) {
  EXPECT_EQ(a.started_at, b.started_at);
  EXPECT_EQ(a.outcome, b.outcome);
  EXPECT_EQ(a.measurement.reason, b.measurement.reason);
  EXPECT_EQ(a.measurement.http_status, b.measurement.http_status);
  EXPECT_EQ(a.measurement.http_version, b.measurement.http_version);
  EXPECT_EQ(a.measurement.phases, b.measurement.phases);
  EXPECT_EQ(a.measurement.remote_address, b.measurement.remote_address);
  EXPECT_EQ(a.measurement.body_bytes, b.measurement.body_bytes);
  EXPECT_EQ(a.measurement.certificate_expires_at, b.measurement.certificate_expires_at);
  EXPECT_EQ(a.measurement.message, b.measurement.message);
}

TEST(ResultOnTheWire, SurvivesTheRoundTripWithItsLease) {
  const domain::LeasedResult sent{{7, 3, Instant{1'700'000'000s}}, failed_result()};
  const auto back = from_proto(to_proto(sent));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->lease, sent.lease);
  expect_same(back->result, sent.result);
}

TEST(ResultOnTheWire, EveryReasonKeepsItsStoredNumber) {
  for (int number = 1; number <= 22; ++number) {
    domain::CheckResult result = failed_result();
    result.measurement.reason = static_cast<domain::Reason>(number);
    const v1::Result proto = to_proto(result);
    EXPECT_EQ(static_cast<int>(proto.reason()), number);
    ASSERT_TRUE(from_proto(proto).has_value());
    EXPECT_EQ(from_proto(proto)->measurement.reason, result.measurement.reason);
  }
}

struct Breakage {
  const char* field;
  void (*apply)(v1::Result&);
};

class BrokenResult : public testing::TestWithParam<Breakage> {};

TEST_P(BrokenResult, IsRefusedByField) {
  v1::Result proto = to_proto(failed_result());
  GetParam().apply(proto);
  const auto back = from_proto(proto);
  ASSERT_FALSE(back.has_value());
  ASSERT_EQ(back.error().violations.size(), 1U);
  EXPECT_EQ(back.error().violations[0].field, GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BrokenResult,
    testing::Values(
        Breakage{"outcome", [](v1::Result& r) { r.clear_outcome(); }},
        Breakage{"reason", [](v1::Result& r) { r.set_reason(static_cast<v1::Reason>(9999)); }},
        Breakage{"reason", [](v1::Result& r) { r.clear_reason(); }},
        Breakage{"reason", [](v1::Result& r) { r.set_outcome(v1::OUTCOME_OK); }},
        Breakage{"http_status", [](v1::Result& r) { r.set_http_status(1000); }},
        Breakage{"http_version", [](v1::Result& r) { r.set_http_version(static_cast<v1::HttpVersion>(9)); }},
        Breakage{"remote_address", [](v1::Result& r) { r.set_remote_address(std::string(65, 'x')); }},
        Breakage{"message", [](v1::Result& r) { r.set_message(std::string(5000, 'x')); }},
        Breakage{"started_at", [](v1::Result& r) { r.clear_started_at(); }},
        Breakage{"certificate_expires_at",
                 [](v1::Result& r) { r.mutable_certificate_expires_at()->set_nanos(-1); }},
        Breakage{"phases.dns", [](v1::Result& r) { r.mutable_phases()->mutable_dns()->set_nanos(-1000); }},
        Breakage{"phases.total",
                 [](v1::Result& r) { r.mutable_phases()->mutable_total()->set_seconds(1801); }}));

TEST(LeaseOnTheWire, RefusesWhatWasNeverLeased) {
  const v1::Lease good = to_proto(domain::Lease{7, 3, Instant{}});
  EXPECT_TRUE(from_proto(good).has_value());
  v1::Lease no_job = good, no_fence = good, no_slot = good;
  no_job.set_job_id(0);
  no_fence.set_fence(-1);
  no_slot.clear_slot();
  EXPECT_FALSE(from_proto(no_job).has_value());
  EXPECT_FALSE(from_proto(no_fence).has_value());
  EXPECT_FALSE(from_proto(no_slot).has_value());
}

TEST(JobOnTheWire, SurvivesTheRoundTrip) {
  const domain::LeasedJob job{{1, 2, Instant{1s}}, 1234567890123, 5};
  const v1::Job proto = to_proto(job, Milliseconds{15'000});
  EXPECT_EQ(proto.lease_duration().seconds(), 15);
  const auto back = from_proto(proto);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->lease, job.lease);
  EXPECT_EQ(back->monitor_id, job.monitor_id);
  EXPECT_EQ(back->spec_version, job.spec_version);
}

TEST(AcceptanceOnTheWire, UnknownIsRefused) {
  EXPECT_EQ(*from_proto(to_proto(domain::Acceptance::kAccepted)), domain::Acceptance::kAccepted);
  EXPECT_EQ(*from_proto(to_proto(domain::Acceptance::kFenced)), domain::Acceptance::kFenced);
  EXPECT_FALSE(from_proto(v1::ACCEPTANCE_UNSPECIFIED).has_value());
}

TEST(TimeOnTheWire, KeepsMicrosecondsOnBothSidesOfTheEpoch) {
  for (const std::int64_t us : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{-1'000'000},
                                std::int64_t{1'700'000'000'999'999}, std::int64_t{-62'135'596'800'000'000}}) {
    const Instant instant{Microseconds{us}};
    EXPECT_GE(to_proto(instant).nanos(), 0);
    EXPECT_EQ(from_proto(to_proto(instant)), instant) << us;
    if (us > -1'000'000'000) {
      EXPECT_EQ(from_proto(to_proto(Microseconds{us})), Microseconds{us}) << us;
    }
  }
}

TEST(IdOnTheWire, HasOneSpelling) {
  EXPECT_EQ(parse_id("42"), 42);
  EXPECT_EQ(parse_id("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "0", "-1", "+1", "01", " 1", "1 ", "1x", "9223372036854775808", "0x10"})
    EXPECT_EQ(parse_id(text), std::nullopt) << text;
}

}  // namespace
}  // namespace openseer::wire
