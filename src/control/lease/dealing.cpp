#include "control/lease/dealing.h"

#include <algorithm>
#include <functional>
#include <map>

namespace openseer::control {
namespace {

constexpr std::size_t kFewSeats = 256;
constexpr std::size_t kManySeats = 2048;  // for hundreds of workers

// How many seats each worker gets: by demand, one at least.
std::map<std::int32_t, std::size_t> quotas(const std::vector<Dealing::Worker>& workers, std::size_t seats) {
  std::map<std::int32_t, std::size_t> quota;
  std::size_t demand = 0;
  for (const Dealing::Worker& worker : workers) demand += worker.demand;
  std::size_t given = 0;
  std::size_t passed = 0;
  for (const Dealing::Worker& worker : workers) {
    passed += worker.demand;
    const std::size_t up_to = demand == 0 ? 0 : seats * passed / demand;
    quota[worker.id] = std::max<std::size_t>(up_to - std::min(up_to, given), 1);
    given = std::max(up_to, given);
  }
  return quota;
}

using Quota = std::map<std::int32_t, std::size_t>;
void advance(Quota::iterator& at, Quota& quota) {
  if (++at == quota.end()) at = quota.begin();
}

}  // namespace

bool Dealing::still_good(const std::vector<Worker>& workers, std::size_t jobs) const {
  std::map<std::int32_t, std::size_t> held;
  for (const std::int32_t id : seats_) ++held[id];
  if (held.size() != workers.size()) return false;
  return std::all_of(workers.begin(), workers.end(), [&](const Worker& worker) {
    const auto found = held.find(worker.id);
    // Twice what is to be expected: the seats of a batch's monitors are random.
    return found != held.end() && worker.demand * seats_.size() >= 2 * jobs * found->second;
  });
}

void Dealing::seat(const std::vector<Worker>& workers, std::size_t jobs) {
  if (workers.empty() || still_good(workers, jobs)) return;
  const std::size_t count = workers.size() <= kFewSeats / 8 ? kFewSeats : kManySeats;
  std::map<std::int32_t, std::size_t> quota = quotas(workers, count);
  std::vector<std::int32_t> seats(count, 0);
  for (std::size_t i = 0; i < seats.size() && seats_.size() == seats.size(); ++i) {
    const auto found = quota.find(seats_[i]);
    if (found == quota.end() || found->second == 0) continue;
    seats[i] = found->first;
    --found->second;
  }
  // The others sit down one after another, so that neighbours differ.
  auto next = quota.begin();
  for (std::int32_t& seat : seats) {
    if (seat != 0) continue;
    for (std::size_t looked = 0; next->second == 0 && looked < quota.size(); ++looked) advance(next, quota);
    seat = next->first;
    if (next->second > 0) --next->second;
    advance(next, quota);
  }
  seats_ = std::move(seats);
  find_others();
}

// The nearest seat behind each that is another worker's.
void Dealing::find_others() {
  others_ = seats_;
  if (std::adjacent_find(seats_.begin(), seats_.end(), std::not_equal_to<>()) == seats_.end()) return;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    for (std::size_t next = i + 1; others_[i] == seats_[i]; ++next) others_[i] = seats_[next % seats_.size()];
  }
}

}  // namespace openseer::control
