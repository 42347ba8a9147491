#include <gtest/gtest.h>

#include "control/metrics/reader.h"

namespace openseer::control {
namespace {

using store::Level;
using store::Span;

constexpr Seconds kHour{3600}, kDay{86400};

// Ten days of history; the levels are closed up to a while ago.
store::Timeline timeline() {
  store::Timeline timeline;
  timeline.now = Instant{} + 10 * kDay + 5 * kHour + Seconds{754};
  timeline.closed_minute = floor_to(timeline.now, Seconds{60}) - Seconds{60};
  timeline.closed_hour = floor_to(timeline.now, kHour);
  timeline.closed_day = floor_to(timeline.now, kDay);
  return timeline;
}

// Every instant of the span is in exactly one part: of sparse jobs in buckets of hours
// and days or in raw results, of dense ones in buckets of all levels or in raw results.
void expect_covered(const ReadingPlan& plan, Span span) {
  for (const bool dense : {false, true}) {
    std::vector<Span> parts = plan.raw;
    for (const auto& [level, part] : plan.buckets) {
      EXPECT_EQ(ceil_to(part.from, store::width(level)), part.from);
      EXPECT_EQ(ceil_to(part.to, store::width(level)), part.to);
      if (dense || level != Level::kMinute) parts.push_back(part);
    }
    if (!dense) parts.insert(parts.end(), plan.raw_sparse.begin(), plan.raw_sparse.end());
    std::sort(parts.begin(), parts.end(), [](const Span& a, const Span& b) { return a.from < b.from; });
    ASSERT_FALSE(parts.empty());
    EXPECT_EQ(parts.front().from, span.from);
    EXPECT_EQ(parts.back().to, span.to);
    for (std::size_t i = 1; i < parts.size(); ++i) EXPECT_EQ(parts[i - 1].to, parts[i].from);
  }
}

TEST(ReadingPlan, CoversEveryInstantOnce) {
  const store::Timeline all = timeline();
  const Instant end = all.now + Microseconds{1};
  for (const Level coarsest : {Level::kMinute, Level::kHour, Level::kDay}) {
    for (const Seconds length :
         {Seconds{1}, Seconds{59}, Seconds{3000}, Seconds{100'000}, Seconds{800'000}}) {
      for (const Microseconds shift : {Microseconds{0}, Microseconds{1}, Microseconds{1'234'567'891}}) {
        const Span span{end - shift - length, end - shift};
        ReadingPlan plan;
        plan.add(all, coarsest, span);
        expect_covered(plan, span);
      }
    }
  }
}

TEST(ReadingPlan, TakesTheCoarsestThatFits) {
  ReadingPlan plan;
  const store::Timeline all = timeline();
  plan.add(all, Level::kDay, {Instant{} + 3 * kDay - kHour, Instant{} + 7 * kDay});
  ASSERT_EQ(plan.buckets.size(), 2U);
  EXPECT_EQ(plan.buckets[0], std::pair(Level::kDay, Span{Instant{} + 3 * kDay, Instant{} + 7 * kDay}));
  EXPECT_EQ(plan.buckets[1],
            std::pair(Level::kHour, Span{Instant{} + 3 * kDay - kHour, Instant{} + 3 * kDay}));
  EXPECT_TRUE(plan.raw.empty());
}

TEST(ReadingPlan, LooksAtCoarserLevelsForWhatIsGone) {
  store::Timeline all = timeline();
  all.kept_raw = all.kept_fine = Instant{} + 8 * kDay;
  all.kept_hour = Instant{} + 5 * kDay;
  const Span asked{Instant{} + 4 * kDay + Seconds{90'000}, Instant{} + 7 * kDay + Seconds{10}};
  const Span wide = widened(all, asked);
  EXPECT_EQ(wide.from, Instant{} + 5 * kDay + kHour);
  EXPECT_EQ(wide.to, Instant{} + 7 * kDay + kHour);
  EXPECT_EQ(widened(all, {Instant{} + 4 * kDay + kHour, all.now}).from, Instant{} + 4 * kDay);
  ReadingPlan plan;
  plan.add(all, Level::kMinute, asked);
  ASSERT_EQ(plan.buckets.size(), 1U);
  EXPECT_EQ(plan.buckets[0], std::pair(Level::kHour, wide));
  EXPECT_TRUE(plan.raw.empty() && plan.raw_sparse.empty());
  ReadingPlan whole;
  whole.add(all, Level::kDay, widened(all, {Instant{} + 4 * kDay + kHour, all.now}));
  expect_covered(whole, {Instant{} + 4 * kDay, all.now});
}

}  // namespace
}  // namespace openseer::control
