#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "store/jobs.h"

namespace openseer::control {

// How a batch is shared between the queues that a region's workers serve: their
// region's lanes and those of "global". A queue that has less due than its share
// leaves the rest to the others; what several want is halved, not raced for. Pure.
class QueueShares {
 public:
  explicit QueueShares(std::int16_t region_id);

  // A share for every queue, in the order in which they are served. They add up to
  // `total`, or to a little more when that is less than one for each.
  std::vector<store::QueueShare> plan(std::size_t total);
  // What came of a plan. True when a queue gave all that it was asked for and so
  // may have more.
  bool learn(const std::vector<store::QueueShare>& plan, const std::vector<store::DealtJob>& jobs);
  // The same, without learning from it.
  static bool exhausted(const std::vector<store::QueueShare>& plan, const std::vector<store::DealtJob>& jobs);

 private:
  // Expected to be due: a guess above the last count, or more than anything.
  std::map<store::Queue, std::size_t> expected_;
  std::size_t turn_ = 0;
};

}  // namespace openseer::control
