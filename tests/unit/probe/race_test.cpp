// Happy eyeballs, driven by hand: no socket, no clock.

#include "probe/net/race.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::probe {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;
using domain::Reason;

constexpr Monotonic kStart{Seconds{100}};

std::vector<address> addresses(std::initializer_list<const char*> texts) {
  std::vector<address> out;
  for (const char* text : texts) out.push_back(make_address(text));
  return out;
}

// What the race starts at `now`, as text; "" for nothing.
std::string next(Race& race, Monotonic now) {
  const auto attempt = race.next(now);
  return attempt ? attempt->address.to_string() : "";
}

TEST(Race, FamiliesAlternateBeginningWithIpv6) {
  Race race;
  race.begin(true, true);
  race.resolved(false, addresses({"192.0.2.1", "192.0.2.2"}), kStart);
  race.resolved(true, addresses({"2001:db8::1", "2001:db8::2", "2001:db8::3"}), kStart);
  Monotonic now = kStart;
  for (const char* expected : {"2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3", ""}) {
    EXPECT_EQ(next(race, now), expected);
    EXPECT_EQ(next(race, now), "") << "one at a time";
    now += Race::kAttemptDelay;
  }
}

TEST(Race, TheNextAttemptWaitsForTheDelayUnlessTheLastHasFailed) {
  Race race;
  race.begin(true, false);
  race.resolved(false, addresses({"192.0.2.1", "192.0.2.2", "192.0.2.3"}), kStart);
  EXPECT_EQ(next(race, kStart), "192.0.2.1");
  EXPECT_EQ(race.wake(), kStart + Race::kAttemptDelay);
  EXPECT_EQ(next(race, kStart + Milliseconds{249}), "");
  EXPECT_EQ(next(race, kStart + Milliseconds{250}), "192.0.2.2");
  race.failed(1, Reason::kConnectRefused, kStart + Milliseconds{260});
  EXPECT_EQ(next(race, kStart + Milliseconds{260}), "192.0.2.3");
  EXPECT_FALSE(race.lost()) << "two are still under way";
}

TEST(Race, Ipv4WaitsAMomentForIpv6ToBeResolved) {
  Race race;
  race.begin(true, true);
  race.resolved(false, addresses({"192.0.2.1"}), kStart);
  EXPECT_EQ(next(race, kStart + Milliseconds{49}), "");
  EXPECT_EQ(race.wake(), kStart + Race::kResolutionDelay);
  EXPECT_EQ(next(race, kStart + Milliseconds{50}), "192.0.2.1");
  race.resolved(true, addresses({"2001:db8::1"}), kStart + Milliseconds{60});
  EXPECT_EQ(next(race, kStart + Milliseconds{60}), "");
  EXPECT_EQ(next(race, kStart + Milliseconds{300}), "2001:db8::1") << "what comes late still takes part";
}

TEST(Race, Ipv6DoesNotWaitForIpv4) {
  Race race;
  race.begin(true, true);
  race.resolved(true, addresses({"2001:db8::1"}), kStart);
  EXPECT_EQ(next(race, kStart), "2001:db8::1");
  EXPECT_FALSE(race.lost());
  race.failed(0, Reason::kConnectUnreachable, kStart);
  EXPECT_FALSE(race.lost()) << "IPv4 is still being looked up";
  race.resolved(false, {}, kStart);
  EXPECT_TRUE(race.lost());
}

TEST(Race, EveryAttemptIsToldWithWhatItDid) {
  Race race;
  race.begin(true, true);
  race.resolved(true, addresses({"2001:db8::1", "2001:db8::2"}), kStart);
  race.resolved(false, addresses({"192.0.2.1"}), kStart);
  next(race, kStart);
  race.failed(0, Reason::kConnectUnreachable, kStart + Milliseconds{1});
  next(race, kStart + Milliseconds{1});
  next(race, kStart + Milliseconds{251});
  race.won(1, kStart + Milliseconds{300});
  const auto attempts = race.attempts();
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_EQ(attempts[0],
            (domain::AddressAttempt{"2001:db8::1", Reason::kConnectUnreachable, Milliseconds{1}}));
  EXPECT_EQ(attempts[1], (domain::AddressAttempt{"192.0.2.1", Reason::kNone, Milliseconds{299}}));
  EXPECT_EQ(attempts[2], (domain::AddressAttempt{"2001:db8::2", Reason::kTimeoutConnect, Milliseconds{49}}));
}

TEST(Race, AThousandAddressesAreNotAllTried) {
  Race race;
  race.begin(true, false);
  race.resolved(false, std::vector<address>(1000, make_address("192.0.2.1")), kStart);
  std::size_t tried = 0;
  while (const auto attempt = race.next(kStart)) {
    race.failed(attempt->id, Reason::kConnectRefused, kStart);
    ++tried;
  }
  EXPECT_EQ(tried, Race::kMaxAttempts);
  EXPECT_TRUE(race.lost());
}

}  // namespace
}  // namespace openseer::probe
