#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace openseer::control {

// Which worker of a region gets a job: a table of seats, and a job's seat is its
// monitor's number modulo their count. While the workers stay, so do the seats:
// a monitor comes to the same worker again, which has its specification. Pure.
class Dealing {
 public:
  struct Worker {
    std::int32_t id = 0;
    std::size_t demand = 0;
  };

  // Seats for about `jobs` jobs: as many for each of `workers` as before while
  // its demand allows, otherwise in proportion to the demands.
  void seat(const std::vector<Worker>& workers, std::size_t jobs);

  const std::vector<std::int32_t>& seats() const { return seats_; }
  // For each seat another worker, where there is one.
  const std::vector<std::int32_t>& others() const { return others_; }

 private:
  bool still_good(const std::vector<Worker>& workers, std::size_t jobs) const;
  void find_others();

  std::vector<std::int32_t> seats_, others_;
};

}  // namespace openseer::control
