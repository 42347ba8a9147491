#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/sketch.h"

// What a list shows of one monitor: its last 24 clock hours and latest results.
// Pure: counted up by what is added, and packed into a few hundred bytes.
namespace openseer::domain {

struct HourFigures {
  std::int32_t ok = 0;
  std::int32_t failed = 0;
  std::int32_t missed = 0;
  std::int32_t p95_us = 0;  // of ok results; 0 without any
  bool operator==(const HourFigures&) const = default;
};

struct MonitorFigures {
  static constexpr std::size_t kHours = 24;
  static constexpr std::size_t kRecent = 40;

  // The last one is open: it holds all that came since the hours before it were closed.
  std::array<HourFigures, kHours> hours;
  Sketch closed, open;                  // of the hours before the last one, and of the last
  std::vector<std::int32_t> recent_us;  // oldest first, at most kRecent; 0: failed

  // A result of the open hour. They come in the order of their slots.
  void add(bool ok, Microseconds total);
  void add_recent(bool ok, Microseconds total);

  struct Day {
    std::int64_t ok = 0, failed = 0, missed = 0;
    std::optional<Microseconds> p50, p95, p99;
  };
  // Also brings the open hour's percentile up to date.
  Day finish();

  std::string pack() const;
  // Nothing when another version packed it, or it is cut short.
  static std::optional<MonitorFigures> unpack(std::string_view bytes);
};

// The hours of `figures`, packed with their last one at `base`, as they are in the
// hour of `now`: later ones are empty.
std::array<HourFigures, MonitorFigures::kHours> hours_at(const MonitorFigures& figures, Instant base,
                                                         Instant now);

}  // namespace openseer::domain
