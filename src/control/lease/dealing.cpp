#include "control/lease/dealing.h"

#include <algorithm>
#include <functional>
#include <map>

namespace openseer::control {
namespace {

constexpr std::size_t kFewSeats = 256;
constexpr std::size_t kManySeats = 2048;  // for hundreds of workers

using Seats = std::vector<std::int32_t>;
using Quotas = std::map<std::int32_t, std::size_t>;  // seats by worker

// Who has a seat in `before` keeps it while the quota lasts. The others sit down one
// after another, so that neighbours differ; what no quota is left for stays as it was.
Seats sit_down(Quotas quotas, const Seats& before) {
  Seats seats = before;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < seats.size(); ++i) {
    const auto found = quotas.find(seats[i]);
    if (found == quotas.end() || found->second == 0)
      open.push_back(i);
    else
      --found->second;
  }
  auto next = quotas.begin();
  for (const std::size_t i : open) {
    for (std::size_t looked = 0; next->second == 0 && looked < quotas.size(); ++looked) {
      if (++next == quotas.end()) next = quotas.begin();
    }
    if (next->second == 0) break;
    seats[i] = next->first;
    --next->second;
    if (++next == quotas.end()) next = quotas.begin();
  }
  return seats;
}

// The same for all, whatever their demand just now.
Quotas equal_quotas(const std::vector<Dealing::Worker>& workers, std::size_t seats) {
  Quotas quotas;
  std::size_t passed = 0;
  for (const Dealing::Worker& worker : workers) {
    quotas[worker.id] = seats * (passed + 1) / workers.size() - seats * passed / workers.size();
    ++passed;
  }
  return quotas;
}

// What each has places for, twice what is to be expected if there are that many: the
// seats of a batch's monitors are random. One seat at least for who has a place.
Quotas rooms(const std::vector<Dealing::Worker>& workers, std::size_t jobs, std::size_t seats) {
  std::size_t demand = 0;
  for (const Dealing::Worker& worker : workers) demand += worker.demand;
  const std::size_t filled = std::max<std::size_t>(std::min(2 * jobs, demand), 1);
  Quotas quotas;
  for (const Dealing::Worker& worker : workers) {
    if (worker.demand > 0) quotas[worker.id] = std::max<std::size_t>(worker.demand * seats / filled, 1);
  }
  return quotas;
}

// Whoever owns more seats than there is room for keeps what there is room for; those
// with room take the rest, in proportion.
Quotas lend(const Quotas& owned, const Quotas& rooms, std::size_t seats) {
  Quotas quotas;
  std::size_t kept = 0;
  std::size_t spare = 0;
  for (const auto& [id, room] : rooms) {
    quotas[id] = std::min(room, owned.at(id));
    kept += quotas[id];
    spare += room - quotas[id];
  }
  std::size_t passed = 0;
  std::size_t given = 0;
  for (const auto& [id, room] : rooms) {
    passed += room - quotas[id];
    const std::size_t up_to = spare == 0 ? 0 : (seats - kept) * passed / spare;
    quotas[id] += up_to - given;
    given = up_to;
  }
  if (spare == 0 && !quotas.empty()) quotas.rbegin()->second += seats - kept;  // of roundings
  return quotas;
}

}  // namespace

void Dealing::seat(const std::vector<Worker>& workers, std::size_t jobs) {
  if (workers.empty()) return;
  Quotas owned;
  for (const std::int32_t id : owners_) ++owned[id];
  const bool same = owned.size() == workers.size() &&
                    std::all_of(workers.begin(), workers.end(),
                                [&owned](const Worker& worker) { return owned.contains(worker.id); });
  if (!same) {
    owners_.resize(workers.size() <= kFewSeats / 8 ? kFewSeats : kManySeats);
    owned = equal_quotas(workers, owners_.size());
    owners_ = sit_down(owned, owners_);
  }
  const Quotas room = rooms(workers, jobs, owners_.size());
  Seats seats = sit_down(lend(owned, room, owners_.size()), owners_);
  if (seats == seats_) return;
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
