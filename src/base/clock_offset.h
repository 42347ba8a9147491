#pragma once

#include <atomic>
#include <string_view>

#include "base/clock.h"

namespace openseer {

// How far this machine's clock is from the database's. Nothing is timed by the
// former, so a wrong one does no harm to checks; people are told, because logs
// and certificates are dated by it. One thread compares, any may read.
class ClockOffset {
 public:
  // Logs when the clock goes wrong and when it is right again.
  void compare(Instant here, Instant database);
  // Positive: ahead of the database's.
  double seconds() const { return seconds_; }

 private:
  std::atomic<double> seconds_ = 0;
  bool wrong_ = false;
};

// More than networks and virtual machines explain.
bool is_off(double seconds);

}  // namespace openseer
