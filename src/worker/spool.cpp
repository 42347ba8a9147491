#include "worker/spool.h"

#include <algorithm>

#include "base/log.h"

namespace openseer::worker {
namespace {

// The other half of the promise, for whoever checks it: what was acknowledged
// must be in the database.
void log_acknowledged(const domain::Lease& lease, bool accepted) {
  log::debug("result acknowledged", {{"job", lease.job_id},
                                     {"fence", lease.fence},
                                     {"slot_us", lease.slot.time_since_epoch().count()},
                                     {"accepted", accepted}});
}

}  // namespace

void Spool::add(domain::LeasedResult result) {
  if (evidence_bytes_ + result.evidence.size() > kMostEvidence) result.evidence.clear();
  evidence_bytes_ += result.evidence.size();
  unsent_.push_back(std::move(result));
}

std::optional<Spool::Batch> Spool::next_batch(std::size_t most) {
  if (unsent_.empty()) return std::nullopt;
  std::ptrdiff_t count = 0;
  std::size_t bytes = 0;
  for (const domain::LeasedResult& result : unsent_) {
    if (static_cast<std::size_t>(count) == most || bytes >= kBatchEvidence) break;
    bytes += result.evidence.size();
    ++count;
  }
  Batch batch;
  batch.number = ++last_number_;
  batch.results.assign(std::make_move_iterator(unsent_.begin()),
                       std::make_move_iterator(unsent_.begin() + count));
  unsent_.erase(unsent_.begin(), unsent_.begin() + count);
  under_way_size_ += batch.results.size();
  under_way_.push_back(batch);
  return batch;
}

bool Spool::acknowledge(std::int64_t number, const std::vector<domain::Acceptance>& acceptances) {
  const auto batch = std::find_if(under_way_.begin(), under_way_.end(),
                                  [&](const Batch& sent) { return sent.number == number; });
  if (batch == under_way_.end()) return true;
  if (batch->results.size() != acceptances.size()) return false;
  for (std::size_t i = 0; i < acceptances.size(); ++i) {
    const bool accepted = acceptances[i] == domain::Acceptance::kAccepted;
    ++(accepted ? counts_.accepted : counts_.fenced);
    if (log::enabled(log::Level::kDebug)) log_acknowledged(batch->results[i].lease, accepted);
  }
  for (const domain::LeasedResult& result : batch->results) evidence_bytes_ -= result.evidence.size();
  under_way_size_ -= batch->results.size();
  under_way_.erase(batch);
  return true;
}

void Spool::connection_lost() {
  while (!under_way_.empty()) {
    std::vector<domain::LeasedResult>& results = under_way_.back().results;
    unsent_.insert(unsent_.begin(), std::make_move_iterator(results.begin()),
                   std::make_move_iterator(results.end()));
    under_way_.pop_back();
  }
  under_way_size_ = 0;
}

}  // namespace openseer::worker
