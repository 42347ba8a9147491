#include "pki/totp.h"

#include <gtest/gtest.h>

namespace openseer::pki {
namespace {

constexpr std::string_view kSecret = "12345678901234567890";  // that of both RFCs

Instant at(std::int64_t seconds) { return Instant{Seconds{seconds}}; }

TEST(Totp, GivesTheCodesOfRfc4226AppendixD) {
  const char* expected[] = {"755224", "287082", "359152", "969429", "338314",
                            "254676", "287922", "162583", "399871", "520489"};
  for (std::uint64_t counter = 0; counter < 10; ++counter)
    EXPECT_EQ(hotp(kSecret, counter), expected[counter]);
}

TEST(Totp, AcceptsTheCodesOfRfc6238AppendixB) {
  // The last six of its eight digits.
  EXPECT_EQ(match_totp(kSecret, "287082", at(59)), 1);
  EXPECT_EQ(match_totp(kSecret, "081804", at(1111111109)), 37037036);
  EXPECT_EQ(match_totp(kSecret, "050471", at(1111111111)), 37037037);
  EXPECT_EQ(match_totp(kSecret, "005924", at(1234567890)), 41152263);
  EXPECT_EQ(match_totp(kSecret, "279037", at(2000000000)), 66666666);
  EXPECT_EQ(match_totp(kSecret, "353130", at(20000000000)), 666666666);
}

TEST(Totp, AllowsForClocksThatDifferByOneStepAndNotMore) {
  EXPECT_EQ(match_totp(kSecret, "287082", at(29)), 1);
  EXPECT_EQ(match_totp(kSecret, "287082", at(89)), 1);
  EXPECT_FALSE(match_totp(kSecret, "287082", at(90)));
  EXPECT_FALSE(match_totp(kSecret, "287083", at(59)));
  EXPECT_FALSE(match_totp(kSecret, "28708", at(59)));
  EXPECT_FALSE(match_totp(kSecret, "", at(59)));
}

TEST(Totp, Base32IsThatOfRfc4648) {
  EXPECT_EQ(base32(""), "");
  EXPECT_EQ(base32("f"), "MY");
  EXPECT_EQ(base32("fo"), "MZXQ");
  EXPECT_EQ(base32("foo"), "MZXW6");
  EXPECT_EQ(base32("foob"), "MZXW6YQ");
  EXPECT_EQ(base32("fooba"), "MZXW6YTB");
  EXPECT_EQ(base32("foobar"), "MZXW6YTBOI");
}

}  // namespace
}  // namespace openseer::pki
