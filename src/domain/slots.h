#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"

// The arithmetic of slots, the scheduled instants of a job. It must agree with
// date_bin(interval, t, origin) in the lease and commit statements (store/jobs).
//
// While a monitor runs under one interval it has an epoch: its first slot is
// the instant it was created, changed or resumed; after that come the grid
// points origin + k * interval. The origin is the same for all regions of a
// monitor and spreads monitors over the interval.
namespace openseer::domain {

// Origin of a monitor's grid: within [1970-01-01, 1970-01-01 + interval), in
// milliseconds, by a hash of the id.
Instant grid_origin(std::int64_t monitor_id, Seconds interval);

// The last grid point at or before `t`.
Instant grid_floor(Instant t, Seconds interval, Instant origin);

// The slot that follows `slot`.
inline Instant next_slot(Instant slot, Seconds interval, Instant origin) {
  return grid_floor(slot, interval, origin) + interval;
}

struct Epoch {
  Instant first;                 // first slot, on the grid or not
  std::optional<Instant> until;  // slots at or after it were never due; empty while it lasts
  Seconds interval{60};
  Instant origin;
};

// The slots of `epoch` in [from, to).
std::vector<Instant> slots_between(const Epoch& epoch, Instant from, Instant to);
// How many there are, without listing them.
std::int64_t count_slots(const Epoch& epoch, Instant from, Instant to);

}  // namespace openseer::domain
