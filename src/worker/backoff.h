#pragma once

#include <algorithm>
#include <functional>

#include "base/clock.h"

namespace openseer::worker {

// Exponential back-off with full jitter: a wait is uniform in [0, limit_n], so
// that workers that lost the same server do not come back together.
class Backoff {
 public:
  // `random` gives numbers in [0, 1).
  Backoff(Milliseconds first, Milliseconds last, std::function<double()> random)
      : first_(first), last_(last), limit_(first), random_(std::move(random)) {}

  Milliseconds next() {
    const Milliseconds wait{static_cast<std::int64_t>(static_cast<double>(limit_.count()) * random_())};
    limit_ = std::min(limit_ * 2, last_);
    return wait;
  }
  void reset() { limit_ = first_; }

 private:
  Milliseconds first_;
  Milliseconds last_;
  Milliseconds limit_;
  std::function<double()> random_;
};

}  // namespace openseer::worker
