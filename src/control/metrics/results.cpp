#include "control/metrics/results.h"

#include <algorithm>
#include <limits>
#include <map>

#include "pg/pool.h"

namespace openseer::control {
namespace {

constexpr Seconds kFarthest{35 * 86400};
constexpr Seconds kLongestStretch{4 * 86400};

}  // namespace

ResultWalk::ResultWalk(const LedgerBook& book, std::vector<const store::JobEpoch*> epochs,
                       ResultCursor before, Instant oldest)
    : book_(book),
      epochs_(std::move(epochs)),
      before_(before.slot, before.job_id),
      to_(before.slot + Microseconds{1}),
      oldest_(oldest) {}

store::RawKeys ResultWalk::next(std::size_t count) {
  // Whole stretches, so a few more may come; they stay for the next call.
  while (keys_.size() < count && to_ > oldest_) {
    const Instant from = std::max(oldest_, to_ - step_);
    for (const store::JobEpoch* job : epochs_) {
      for (const Instant slot : domain::slots_between(job->epoch, from, to_)) {
        const Key key(slot, job->job_id);
        if (key < before_ && book_.should_have_result(job->job_id, slot)) keys_.insert(key);
      }
    }
    to_ = from;
    step_ = std::min(step_ * 4, kLongestStretch);
  }
  store::RawKeys given;
  while (given.slots.size() < count && !keys_.empty()) {
    const auto newest = std::prev(keys_.end());
    given.slots.push_back(newest->first);
    given.job_ids.push_back(newest->second);
    keys_.erase(newest);
  }
  return given;
}

asio::awaitable<std::vector<StoredResult>> list_results(pg::Pool& pool, std::int64_t workspace_id,
                                                        std::int64_t monitor_id,
                                                        std::optional<ResultCursor> before,
                                                        std::size_t limit) {
  pg::Transaction tx = co_await pool.begin_snapshot();
  store::HistoryScope scope{workspace_id, {monitor_id}, {}, {}};
  const store::Timeline timeline = co_await store::load_timeline(tx, std::move(scope), {kFarthest, {}});
  std::map<std::int64_t, std::string> region_of_job;
  std::vector<const store::JobEpoch*> epochs;
  for (const store::JobEpoch& job : timeline.epochs) {
    region_of_job[job.job_id] = job.region;
    epochs.push_back(&job);
  }

  std::vector<StoredResult> page;
  const LedgerBook book(timeline);
  const ResultCursor newest{timeline.now, std::numeric_limits<std::int64_t>::max()};
  const bool within = before && before->slot <= timeline.now;
  ResultWalk walk(book, std::move(epochs), within ? *before : newest,
                  std::max(timeline.now - kFarthest, timeline.kept_raw));
  while (page.size() < limit && walk.more()) {
    const std::vector<store::RawResult> found =
        co_await store::load_results(tx, walk.next(limit - page.size()));
    for (const store::RawResult& result : found) {
      page.push_back({result.job_id, monitor_id, region_of_job[result.job_id], result.slot, result.worker_id,
                      result.check});
    }
  }
  co_await tx.commit();
  co_return page;
}

}  // namespace openseer::control
