#include "domain/slots.h"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace openseer::domain {
namespace {

// The definition, taken literally: walk from the first slot, one after another.
std::vector<Instant> by_walking(const Epoch& epoch, Instant from, Instant to) {
  std::vector<Instant> found;
  for (Instant slot = epoch.first; slot < to; slot = next_slot(slot, epoch.interval, epoch.origin)) {
    if (epoch.until && slot >= *epoch.until) break;
    if (slot >= from) found.push_back(slot);
  }
  return found;
}

class SlotsProperty : public testing::Test {
 protected:
  std::int64_t number(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }

  Epoch any_epoch() {
    Epoch epoch;
    epoch.interval = Seconds{number(1, 120)};
    epoch.origin = grid_origin(number(1, 1'000'000), epoch.interval);
    epoch.first = kBase + Microseconds{number(0, 600'000'000)};
    // On the grid as often as off it.
    if (number(0, 1) == 0) epoch.first = grid_floor(epoch.first, epoch.interval, epoch.origin);
    if (number(0, 1) == 0) epoch.until = epoch.first + Microseconds{number(0, 600'000'000)};
    return epoch;
  }

  const Instant kBase{Seconds{1'700'000'000}};
  std::mt19937_64 random_{20240229};
};

TEST_F(SlotsProperty, ListAndCountAgreeWithWalkingTheEpoch) {
  for (int i = 0; i < 2000; ++i) {
    const Epoch epoch = any_epoch();
    Instant from = kBase + Microseconds{number(-300'000'000, 1'200'000'000)};
    // Bounds that fall on slots are the interesting ones.
    if (number(0, 1) == 0) from = grid_floor(from, epoch.interval, epoch.origin);
    if (number(0, 9) == 0) from = epoch.first;
    const Instant to = from + Microseconds{number(0, 600'000'000)};
    const std::vector<Instant> expected = by_walking(epoch, from, to);
    ASSERT_EQ(slots_between(epoch, from, to), expected) << "case " << i;
    ASSERT_EQ(count_slots(epoch, from, to), static_cast<std::int64_t>(expected.size())) << "case " << i;
  }
}

TEST_F(SlotsProperty, ARangeIsTheSumOfItsParts) {
  for (int i = 0; i < 500; ++i) {
    const Epoch epoch = any_epoch();
    const Instant from = kBase + Microseconds{number(-100'000'000, 600'000'000)};
    const Instant middle = from + Microseconds{number(0, 300'000'000)};
    const Instant to = middle + Microseconds{number(0, 300'000'000)};
    ASSERT_EQ(count_slots(epoch, from, middle) + count_slots(epoch, middle, to),
              count_slots(epoch, from, to));
  }
}

TEST_F(SlotsProperty, FloorIsTheGridPointAtOrBefore) {
  for (int i = 0; i < 2000; ++i) {
    const Seconds interval{number(1, 86'400)};
    const Instant origin = grid_origin(number(1, 1'000'000), interval);
    const Instant t{Microseconds{number(-4'000'000'000'000, 4'000'000'000'000'000)}};
    const Instant floor = grid_floor(t, interval, origin);
    ASSERT_LE(floor, t);
    ASSERT_LT(t - floor, interval);
    ASSERT_EQ((floor - origin) % interval, Microseconds{0});
    ASSERT_EQ(grid_floor(floor, interval, origin), floor);
    ASSERT_GT(next_slot(t, interval, origin), t);
  }
}

TEST(Slots, AReversedRangeIsEmpty) {
  const Epoch epoch{Instant{Seconds{100}}, std::nullopt, Seconds{1}, Instant{}};
  EXPECT_TRUE(slots_between(epoch, Instant{Seconds{200}}, Instant{Seconds{150}}).empty());
  EXPECT_EQ(count_slots(epoch, Instant{Seconds{200}}, Instant{Seconds{150}}), 0);
}

TEST(Slots, OriginsSpreadMonitorsOverTheInterval) {
  constexpr Seconds kInterval{60};
  std::array<int, 10> tenths{};
  for (std::int64_t id = 1; id <= 10'000; ++id) {
    const Instant origin = grid_origin(id, kInterval);
    ASSERT_GE(origin, Instant{});
    ASSERT_LT(origin, Instant{kInterval});
    ASSERT_EQ(origin.time_since_epoch() % Milliseconds{1}, Microseconds{0});
    ++tenths.at(static_cast<std::size_t>(origin.time_since_epoch() / Seconds{6}));
  }
  // 1000 expected; five standard deviations of a binomial are 150.
  for (const int count : tenths) EXPECT_NEAR(count, 1000, 150);
}

}  // namespace
}  // namespace openseer::domain
