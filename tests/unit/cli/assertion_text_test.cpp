#include "cli/assertion_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::cli {
namespace {

using domain::Assertion;
using domain::Comparison;
using domain::Severity;
using domain::Source;
using testing::HasSubstr;
using testing::StartsWith;

struct Case {
  std::string text;
  Assertion meaning;
};
class AssertionText : public testing::TestWithParam<Case> {};

TEST_P(AssertionText, SaysWhatItMeans) {
  const auto parsed = parse_assertion(GetParam().text);
  ASSERT_TRUE(std::holds_alternative<Assertion>(parsed)) << std::get<std::string>(parsed);
  EXPECT_EQ(std::get<Assertion>(parsed), GetParam().meaning);
}

INSTANTIATE_TEST_SUITE_P(
    Grammar, AssertionText,
    testing::Values(
        Case{"status in 200-299,304", {Source::kStatus, "", Comparison::kIn, "200-299,304"}},
        Case{"status=200", {Source::kStatus, "", Comparison::kEquals, "200"}},
        Case{"status != 500", {Source::kStatus, "", Comparison::kNotEquals, "500"}},
        Case{"header content-type contains json",
             {Source::kHeader, "content-type", Comparison::kContains, "json"}},
        Case{"header x-cache exists", {Source::kHeader, "x-cache", Comparison::kExists, ""}},
        Case{"header x-insecure not-exists", {Source::kHeader, "x-insecure", Comparison::kNotExists, ""}},
        Case{"body contains \" two words \"", {Source::kBody, "", Comparison::kContains, " two words "}},
        Case{"body not-matches ^error", {Source::kBody, "", Comparison::kNotMatches, "^error"}},
        Case{"json $.status == ok", {Source::kJson, "$.status", Comparison::kEquals, "ok"}},
        Case{"json $.items[?@.price < 10 && @['a b']=='c d'].id >= 3",
             {Source::kJson, "$.items[?@.price < 10 && @['a b']=='c d'].id", Comparison::kGreaterOrEqual,
              "3"}},
        Case{"total < 2s", {Source::kTotalTime, "", Comparison::kLess, "2000"}},
        Case{"wait <= 250", {Source::kWaitTime, "", Comparison::kLessOrEqual, "250"}},
        Case{"warn: certificate-days > 14",
             {Source::kCertificateDaysLeft, "", Comparison::kGreater, "14", Severity::kDegraded}},
        Case{"tls-version >= 1.2", {Source::kTlsVersion, "", Comparison::kGreaterOrEqual, "1.2"}},
        Case{"address in 10.0.0.0/8,fd00::/8",
             {Source::kRemoteAddress, "", Comparison::kIn, "10.0.0.0/8,fd00::/8"}}));

std::string fault(std::string_view text) {
  const auto parsed = parse_assertion(text);
  return std::holds_alternative<std::string>(parsed) ? std::get<std::string>(parsed) : "";
}

TEST(AssertionTextFaults, NameWhatIsMissing) {
  EXPECT_THAT(fault(""), StartsWith("must begin with one of status, header"));
  EXPECT_THAT(fault("colour = red"), StartsWith("must begin with one of"));
  EXPECT_THAT(fault("header"), HasSubstr("header's name"));
  EXPECT_THAT(fault("json"), HasSubstr("JSONPath"));
  EXPECT_THAT(fault("status 200"), AllOf(StartsWith("needs one of"), HasSubstr("after 'status'")));
  EXPECT_THAT(fault("status inside 200"), StartsWith("needs one of"));
  EXPECT_EQ(fault("status ="), "needs a value after '='");
  EXPECT_EQ(fault("header x exists yes"), "takes no value after 'exists'");
}

}  // namespace
}  // namespace openseer::cli
