// Max-min fairness: whoever expects less than an equal part gets that, the others
// divide what is left.
#include "control/lease/queue_shares.h"

#include <algorithm>
#include <limits>

namespace openseer::control {
namespace {

constexpr std::int16_t kGlobalRegionId = 1;
constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kFewMore = 4;

}  // namespace

QueueShares::QueueShares(std::int16_t region_id) {
  for (std::int16_t lane = 0; lane < store::kLanes; ++lane) {
    expected_[{region_id, lane}] = kFewMore;
    expected_[{kGlobalRegionId, lane}] = kFewMore;
  }
}

std::vector<store::QueueShare> QueueShares::plan(std::size_t total) {
  std::vector<std::pair<std::size_t, store::Queue>> modest;  // by what they expect
  for (const auto& [queue, expected] : expected_) modest.emplace_back(expected, queue);
  std::stable_sort(modest.begin(), modest.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<store::QueueShare> shares;
  std::size_t left = total;
  for (std::size_t i = 0; i < modest.size(); ++i) {
    const std::size_t equal = (left + modest.size() - i - 1) / (modest.size() - i);
    shares.push_back({modest[i].second, std::min(modest[i].first, equal)});
    left -= shares.back().most;
  }
  // Nobody expects the rest: it is there in case somebody has more.
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const std::size_t part = (left + shares.size() - i - 1) / (shares.size() - i);
    shares[i].most += part;
    left -= part;
  }
  // Each queue is looked at, even by a single worker with a single place; who is
  // first then, changes.
  for (store::QueueShare& share : shares) share.most = std::max<std::size_t>(share.most, 1);
  std::rotate(shares.begin(), shares.begin() + static_cast<std::ptrdiff_t>(turn_++ % shares.size()),
              shares.end());
  return shares;
}

bool QueueShares::exhausted(const std::vector<store::QueueShare>& plan,
                            const std::vector<store::DealtJob>& jobs) {
  std::map<store::Queue, std::size_t> counts;
  for (const store::DealtJob& job : jobs) ++counts[job.queue];
  return std::any_of(plan.begin(), plan.end(),
                     [&counts](const store::QueueShare& share) { return counts[share.queue] >= share.most; });
}

bool QueueShares::learn(const std::vector<store::QueueShare>& plan,
                        const std::vector<store::DealtJob>& jobs) {
  std::map<store::Queue, std::size_t> counts;
  for (const store::DealtJob& job : jobs) ++counts[job.queue];
  bool more = false;
  for (const store::QueueShare& share : plan) {
    const std::size_t count = counts[share.queue];
    expected_[share.queue] = count >= share.most ? kUnknown : 2 * count + kFewMore;
    more |= count >= share.most;
  }
  return more;
}

}  // namespace openseer::control
