#pragma once

#include <cstdint>

namespace openseer::domain {

// How a monitor is, as people see it; the numbers are those of the proto and,
// up to kDown, the stored ones. The commit derives kUp, kDegraded and kDown from
// the latest results of all regions (store/jobs); reading adds the last two, which
// follow from the time and from being paused (store/monitor_views).
enum class MonitorState : std::int16_t {
  kPending = 1,   // no result yet
  kUp = 2,        // every region is ok
  kDegraded = 3,  // some regions fail and others do not, or a result is degraded
  kDown = 4,      // every region that has data fails
  kNoData = 5,    // results have stopped coming; neither up nor down
  kPaused = 6,
};

}  // namespace openseer::domain
