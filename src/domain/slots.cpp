#include "domain/slots.h"

#include <algorithm>

namespace openseer::domain {
namespace {

// SplitMix64's finaliser: neighbouring ids land far apart.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// The grid points in [from, to) that come after the epoch's first slot.
struct GridPart {
  Instant begin;
  std::int64_t count;
};

GridPart grid_part(const Epoch& epoch, Instant from, Instant to) {
  const Instant lowest = std::max(from, epoch.first + Microseconds{1});
  const Instant floor = grid_floor(lowest, epoch.interval, epoch.origin);
  const Instant begin = floor == lowest ? floor : floor + epoch.interval;
  const Instant end = epoch.until ? std::min(to, *epoch.until) : to;
  if (begin >= end) return {begin, 0};
  const Microseconds step = epoch.interval;
  return {begin, (end - begin + step - Microseconds{1}) / step};
}

bool holds_first(const Epoch& epoch, Instant from, Instant to) {
  return epoch.first >= from && epoch.first < to && (!epoch.until || epoch.first < *epoch.until);
}

}  // namespace

Instant grid_origin(std::int64_t monitor_id, Seconds interval) {
  const auto width = static_cast<std::uint64_t>(Milliseconds{interval}.count());
  return Instant{Milliseconds{mix(static_cast<std::uint64_t>(monitor_id)) % width}};
}

Instant grid_floor(Instant t, Seconds interval, Instant origin) {
  const std::int64_t step = Microseconds{interval}.count();
  const std::int64_t distance = (t - origin).count();
  std::int64_t remainder = distance % step;
  if (remainder < 0) remainder += step;
  return t - Microseconds{remainder};
}

std::vector<Instant> slots_between(const Epoch& epoch, Instant from, Instant to) {
  std::vector<Instant> slots;
  const GridPart grid = grid_part(epoch, from, to);
  slots.reserve(static_cast<std::size_t>(grid.count) + 1);
  if (holds_first(epoch, from, to)) slots.push_back(epoch.first);
  for (std::int64_t i = 0; i < grid.count; ++i)
    slots.push_back(grid.begin + i * Microseconds{epoch.interval});
  return slots;
}

std::int64_t count_slots(const Epoch& epoch, Instant from, Instant to) {
  return grid_part(epoch, from, to).count + (holds_first(epoch, from, to) ? 1 : 0);
}

}  // namespace openseer::domain
