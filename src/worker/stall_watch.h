#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"

namespace openseer::worker {

// How long this process has stood still since start(), all stalls together: it
// was stopped, its machine was suspended, or others had the CPU. What it timed
// meanwhile says nothing about targets. Owned by the worker; on its event loop.
class StallWatch {
 public:
  explicit StallWatch(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  void start();
  // The stall that is just over counts, whether or not the loop has noticed.
  Microseconds so_far() const { return total_ + gap(std::chrono::steady_clock::now()); }

 private:
  // By how much the beat that is due is late.
  Microseconds gap(Monotonic now) const;
  void beat();

  boost::asio::steady_timer timer_;
  Monotonic last_ = Monotonic::max();
  Microseconds total_{0};
};

}  // namespace openseer::worker
