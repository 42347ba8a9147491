#include "base/remote_clock.h"

#include <gtest/gtest.h>

namespace openseer {
namespace {

constexpr Monotonic kAsked{Milliseconds{1'000}};
constexpr Monotonic kAnswered{Milliseconds{1'040}};
constexpr Instant kRemote{Seconds{5'000}};

// The other side may have looked at its clock anywhere within the round trip.
TEST(RemoteClock, BoundsSayWhatIsCertainWhereverInTheRoundTripTheClockWasRead) {
  RemoteClock clock;
  clock.observe(kRemote, kAsked, kAnswered);
  for (const Monotonic read : {kAsked, kAsked + Milliseconds{20}, kAnswered}) {
    const auto shows = [read](Monotonic now) {
      return kRemote + std::chrono::duration_cast<Microseconds>(now - read);
    };
    const Monotonic now = kAnswered + Seconds{3};
    EXPECT_LE(clock.at_least(now), shows(now));
    EXPECT_GE(shows(clock.surely_at(kRemote + Seconds{7})), kRemote + Seconds{7});
    EXPECT_LE(abs(clock.at(now) - shows(now)), Milliseconds{20});
  }
}

TEST(RemoteClock, ASlowRoundTripSaysLessThanWhatIsKnownForAMinute) {
  RemoteClock clock;
  clock.observe(kRemote, kAsked, kAnswered);
  const Monotonic later = kAnswered + Seconds{10};
  const Instant before = clock.at(later);
  clock.observe(kRemote + Seconds{60}, later - Seconds{1}, later);
  EXPECT_EQ(clock.at(later), before);
  const Monotonic much_later = kAnswered + Seconds{61};
  clock.observe(kRemote + Seconds{90}, much_later - Seconds{1}, much_later);
  EXPECT_EQ(clock.at_least(much_later), kRemote + Seconds{90});
}

}  // namespace
}  // namespace openseer
