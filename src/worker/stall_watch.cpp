#include "worker/stall_watch.h"

#include <algorithm>

namespace openseer::worker {
namespace {

constexpr Milliseconds kBeat{100};
// A loop with much to do is late by this much without standing still.
constexpr Milliseconds kTolerated{100};

}  // namespace

void StallWatch::start() {
  last_ = std::chrono::steady_clock::now();
  beat();
}

Microseconds StallWatch::gap(Monotonic now) const {
  if (now <= last_) return Microseconds{0};
  const auto late = std::chrono::duration_cast<Microseconds>(now - last_) - kBeat;
  return late > kTolerated ? late : Microseconds{0};
}

void StallWatch::beat() {
  timer_.expires_after(kBeat);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    const Monotonic now = std::chrono::steady_clock::now();
    total_ += gap(now);
    last_ = now;
    beat();
  });
}

}  // namespace openseer::worker
