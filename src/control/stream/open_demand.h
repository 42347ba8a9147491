#pragma once

#include <algorithm>
#include <cstdint>

namespace openseer::control {

// How many more jobs a worker can take, although its announcements and our jobs
// cross on the way. Pure.
class OpenDemand {
 public:
  // "I can take `capacity` more than the `received` jobs of this stream."
  void announce(std::uint64_t capacity, std::uint64_t received) {
    capacity_ = capacity;
    received_ = received;
  }
  // Jobs were leased for the worker.
  void assign(std::uint64_t jobs) { assigned_ += jobs; }
  // Some of those will never be sent.
  void withdraw(std::uint64_t jobs) { assigned_ -= std::min(jobs, assigned_); }
  // Jobs sent or about to be. A worker cannot have received more.
  std::uint64_t assigned() const { return assigned_; }

  std::uint64_t open() const {
    const std::uint64_t on_the_way = assigned_ - std::min(received_, assigned_);
    return capacity_ - std::min(on_the_way, capacity_);
  }

 private:
  std::uint64_t capacity_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t assigned_ = 0;
};

}  // namespace openseer::control
