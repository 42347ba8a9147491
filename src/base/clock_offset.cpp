#include "base/clock_offset.h"

#include <cmath>

#include "base/log.h"

namespace openseer {

void ClockOffset::compare(Instant here, Instant database) {
  seconds_ = std::chrono::duration<double>(here - database).count();
  const bool wrong = is_off(seconds_);
  if (wrong && !wrong_)
    log::warning("this machine's clock is off; checks go by the database's", {{"seconds", seconds_.load()}});
  if (!wrong && wrong_) log::info("this machine's clock is right again");
  wrong_ = wrong;
}

bool is_off(double seconds) { return std::abs(seconds) > 5; }

}  // namespace openseer
