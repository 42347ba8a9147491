#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace openseer::control {

// Which worker of a region gets a job: a table of seats, and a job's seat is its
// monitor's number modulo their count. Every seat belongs to a worker while the
// workers stay, so that a monitor comes to the same one again, which has its
// specification. A worker that has no place for as many lends seats to the others
// for one statement. Pure.
class Dealing {
 public:
  struct Worker {
    std::int32_t id = 0;
    std::size_t demand = 0;
  };

  // Seats for about `jobs` jobs, among all `workers` that are connected; one without
  // demand has none.
  void seat(const std::vector<Worker>& workers, std::size_t jobs);

  const std::vector<std::int32_t>& seats() const { return seats_; }
  // For each seat another worker, where there is one.
  const std::vector<std::int32_t>& others() const { return others_; }

 private:
  void find_others();

  std::vector<std::int32_t> owners_, seats_, others_;
};

}  // namespace openseer::control
