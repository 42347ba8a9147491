#include "domain/figures.h"

#include <gtest/gtest.h>

namespace openseer::domain {
namespace {

MonitorFigures some_figures() {
  MonitorFigures figures;
  figures.hours[3] = {10, 2, 1, 4'000'000};
  figures.closed.add(Microseconds{123}, 7);
  figures.closed.add(Microseconds{59'000'000}, 1'000'000);
  for (int i = 0; i < 50; ++i) figures.add(i % 10 != 0, Microseconds{1000 * i});
  return figures;
}

TEST(Figures, UnpackingGivesWhatWasPacked) {
  MonitorFigures figures = some_figures();
  figures.finish();
  const std::string bytes = figures.pack();
  EXPECT_LT(bytes.size(), 400U);
  std::optional<MonitorFigures> copy = MonitorFigures::unpack(bytes);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->hours, figures.hours);
  EXPECT_EQ(copy->recent_us, figures.recent_us);
  EXPECT_EQ(copy->pack(), bytes);
  EXPECT_EQ(copy->finish().p99, figures.finish().p99);
}

TEST(Figures, WhatIsCutShortOrOfAnotherVersionIsNothing) {
  const std::string bytes = some_figures().pack();
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_FALSE(MonitorFigures::unpack(bytes.substr(0, length))) << length;
  std::string other = bytes;
  other[0] = 2;
  EXPECT_FALSE(MonitorFigures::unpack(other));
  EXPECT_FALSE(MonitorFigures::unpack(bytes.substr(0, 1) + std::string(500, '\xff')));
}

TEST(Figures, TheDayIsTheSumOfItsHours) {
  MonitorFigures figures = some_figures();
  const MonitorFigures::Day day = figures.finish();
  EXPECT_EQ(day.ok, 10 + 45);
  EXPECT_EQ(day.failed, 2 + 5);
  EXPECT_EQ(day.missed, 1);
  ASSERT_TRUE(day.p50);
  EXPECT_NEAR(static_cast<double>(day.p50->count()), 59e6, 59e4);
  EXPECT_NEAR(figures.hours.back().p95_us, 47'000, 471);
  EXPECT_EQ(figures.recent_us.size(), MonitorFigures::kRecent);
  EXPECT_EQ(figures.recent_us.back(), 49'000);
  EXPECT_EQ(figures.recent_us.front(), 0);  // the tenth
}

TEST(Figures, HoursMoveOnWithTheTime) {
  const MonitorFigures figures = some_figures();
  const Instant base{std::chrono::hours{1000}};
  EXPECT_EQ(hours_at(figures, base, base + std::chrono::minutes{59}), figures.hours);
  const auto later = hours_at(figures, base, base + std::chrono::minutes{61});
  EXPECT_EQ(later[2], figures.hours[3]);
  EXPECT_EQ(later[22], figures.hours[23]);
  EXPECT_EQ(later[23], HourFigures{});
  EXPECT_EQ(hours_at(figures, base, base + std::chrono::hours{1000})[0], HourFigures{});
}

}  // namespace
}  // namespace openseer::domain
