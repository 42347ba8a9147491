#include "control/rollup/figures.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>

#include "control/metrics/ledger_book.h"
#include "control/metrics/reader.h"
#include "control/metrics/results.h"
#include "pg/pool.h"
#include "store/figures.h"
#include "store/rollups.h"

namespace openseer::control {
namespace {

using domain::MonitorFigures;
using store::Level;
using store::Span;
using store::StoredFigures;

constexpr Seconds kMinute{60}, kHour{3600};
constexpr std::size_t kLookAtOnce = 2000;      // monitors of one transaction
constexpr std::size_t kRebaseAtOnce = 500;     // monitors in memory
constexpr std::size_t kMissedAtOnce = 10'000;  // monitors in memory
constexpr std::size_t kPutAtOnce = 1000;       // rows of one statement
// What regions show; also as far as results are counted after an outage of the
// rollups: what is older comes with the next hour.
constexpr Seconds kFarthest{3600};
// Who is behind takes several minutes at once: most monitors' rows are then written
// once for all of them.
constexpr Seconds kLongestSpan{600};

std::map<std::int64_t, std::vector<std::int64_t>> by_workspace(
    std::span<const store::FigureMonitor> monitors) {
  std::map<std::int64_t, std::vector<std::int64_t>> ids;
  for (const store::FigureMonitor& monitor : monitors)
    ids[monitor.workspace_id].push_back(monitor.monitor_id);
  return ids;
}

void saw(StoredFigures& figures, std::int64_t job_id, Instant slot, bool ok) {
  if (ok || (figures.last_failed_slot && *figures.last_failed_slot > slot)) return;
  figures.last_failed_slot = slot;
  figures.last_failed_job_id = job_id;
}

asio::awaitable<void> put_in_parts(pg::Transaction& tx, std::vector<StoredFigures> figures) {
  for (StoredFigures& one : figures) one.day = one.figures.finish();
  for (std::size_t begin = 0; begin < figures.size(); begin += kPutAtOnce) {
    const auto first = figures.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last =
        figures.begin() + static_cast<std::ptrdiff_t>(std::min(begin + kPutAtOnce, figures.size()));
    co_await store::put_figures(tx, {std::make_move_iterator(first), std::make_move_iterator(last)});
  }
}

// Adds the slots of `span` without a result.
asio::awaitable<std::size_t> add_missed(pg::Transaction& tx, Instant base, Span span) {
  std::size_t written = 0;
  const std::vector<store::FigureMonitor> monitors =
      co_await store::monitors_with_gaps(tx, span.from, span.to);
  for (std::size_t begin = 0; begin < monitors.size(); begin += kMissedAtOnce) {
    const std::size_t end = std::min(begin + kMissedAtOnce, monitors.size());
    std::unordered_map<std::int64_t, std::int64_t> missed;
    for (auto& [workspace_id, ids] : by_workspace(std::span(monitors).subspan(begin, end - begin))) {
      const store::Timeline timeline =
          co_await store::load_timeline(tx, {workspace_id, ids, {}, {}}, {Seconds{0}, span.from});
      const LedgerBook book(timeline);
      for (const store::JobEpoch* job : book.jobs()) {
        const std::int64_t count = book.missed(job->job_id, span);
        if (count > 0) missed[job->monitor_id] += count;
      }
    }
    std::vector<std::int64_t> ids;
    for (const auto& [monitor_id, count] : missed) ids.push_back(monitor_id);
    std::vector<StoredFigures> figures = co_await store::load_figures(tx, std::move(ids));
    std::erase_if(figures, [base](const StoredFigures& one) { return one.base != base; });
    for (StoredFigures& one : figures)
      one.figures.hours.back().missed += static_cast<std::int32_t>(missed.at(one.monitor_id));
    written += figures.size();
    co_await put_in_parts(tx, std::move(figures));
  }
  co_return written;
}

// Adds the results of `span` to the figures that are based on `base`, and counts them by
// region. Others keep up with their latest results only, until they are rebased.
asio::awaitable<std::size_t> add_results(pg::Transaction& tx, Instant base, Span span) {
  std::size_t written = 0;
  store::RegionMinutes regions;
  co_await store::open_figure_results(tx, span.from, span.to);
  while (true) {
    const std::vector<store::FigureResult> results = co_await store::next_figure_results(tx);
    if (results.empty()) break;
    std::vector<std::int64_t> ids;
    for (const store::FigureResult& result : results) {
      if (ids.empty() || ids.back() != result.monitor_id) ids.push_back(result.monitor_id);
      store::RegionCounts& counts =
          regions[{result.workspace_id, result.region_id, floor_to(result.slot, kMinute)}];
      ++(result.ok ? counts.ok : counts.failed);
    }
    std::vector<StoredFigures> figures = co_await store::load_figures(tx, std::move(ids));
    for (StoredFigures& one : figures) {
      const auto [first, last] =
          std::equal_range(results.begin(), results.end(), store::FigureResult{.monitor_id = one.monitor_id},
                           [](const store::FigureResult& a, const store::FigureResult& b) {
                             return a.monitor_id < b.monitor_id;
                           });
      for (auto result = first; result != last; ++result) {
        if (one.base == base)
          one.figures.add(result->ok, result->total);
        else
          one.figures.add_recent(result->ok, result->total);
        saw(one, result->job_id, result->slot, result->ok);
      }
    }
    written += figures.size();
    co_await put_in_parts(tx, std::move(figures));
  }
  co_await store::put_region_minutes(tx, std::move(regions));
  co_return written;
}

// Works figures out from the rollups up to `base` and the results from there up to
// `until`.
class Rebase {
 public:
  Rebase(Instant base, Instant until) : base_(base), until_(until) {}

  asio::awaitable<std::vector<StoredFigures>> run(pg::Transaction& tx, std::int64_t workspace_id,
                                                  std::vector<std::int64_t> ids) {
    for (const std::int64_t id : ids) figures_[id] = {id, workspace_id, base_, {}, {}, {}, {}};
    for (StoredFigures& old : co_await store::load_figures(tx, ids)) keep(old);
    const Instant start = base_ - kHour * (MonitorFigures::kHours - 1);
    const store::Timeline timeline =
        co_await store::load_timeline(tx, {workspace_id, ids, {}, {}}, {Seconds{0}, start});
    for (const store::JobEpoch& job : timeline.epochs) monitor_of_job_[job.job_id] = job.monitor_id;
    ReadingPlan plan;
    plan.add(timeline, Level::kHour, {start, until_});
    Reading reading;
    reading.bucket = [this](const store::StoredBucket& bucket) { add(bucket); };
    reading.raw = [this](const store::RawPoint& point) { points_.push_back(point); };
    co_await read(tx, timeline, plan, store::Detail::kSketches, reading);
    std::sort(points_.begin(), points_.end(),
              [](const store::RawPoint& a, const store::RawPoint& b) { return a.slot < b.slot; });
    for (const store::RawPoint& point : points_) add(point);
    add_gaps(timeline, start);
    co_await add_last_failures(tx, timeline);
    co_await add_recent(tx, timeline);

    std::vector<StoredFigures> all;
    for (auto& [id, figures] : figures_) {
      for (std::size_t i = 0; i + 1 < MonitorFigures::kHours; ++i) finish_hour(figures, i);
      all.push_back(std::move(figures));
    }
    co_return all;
  }

 private:
  // The latest results and the latest failure go on; the rest is worked out anew.
  void keep(StoredFigures& old) {
    StoredFigures& figures = figures_[old.monitor_id];
    figures.figures.recent_us = std::move(old.figures.recent_us);
    figures.last_failed_slot = old.last_failed_slot;
    figures.last_failed_job_id = old.last_failed_job_id;
    known_.insert(old.monitor_id);
  }

  std::size_t hour_of(Instant at) const {
    const std::int64_t back = (base_ - floor_to(at, kHour)) / kHour;
    return static_cast<std::size_t>(std::clamp<std::int64_t>(
        static_cast<std::int64_t>(MonitorFigures::kHours) - 1 - back, 0, MonitorFigures::kHours - 1));
  }

  void add(const store::StoredBucket& bucket) {
    StoredFigures& figures = figures_.at(monitor_of_job_.at(bucket.job_id));
    domain::HourFigures& hour = figures.figures.hours[hour_of(bucket.start)];
    hour.ok += static_cast<std::int32_t>(bucket.ok_count);
    hour.failed += static_cast<std::int32_t>(bucket.count - bucket.ok_count);
    if (bucket.count > bucket.ok_count) {
      FailedBucket& latest = failed_buckets_[figures.monitor_id];
      if (latest.start < bucket.start) latest = {bucket.start, {}};
      if (latest.start == bucket.start) latest.job_ids.insert(bucket.job_id);
    }
    sketch(figures, bucket.start).merge(bucket.bins, bucket.counts);
  }

  void add(const store::RawPoint& point) {
    StoredFigures& figures = figures_.at(monitor_of_job_.at(point.job_id));
    domain::HourFigures& hour = figures.figures.hours[hour_of(point.slot)];
    ++(point.ok ? hour.ok : hour.failed);
    if (point.ok) sketch(figures, point.slot).add(point.total);
    saw(figures, point.job_id, point.slot, point.ok);
  }

  domain::Sketch& sketch(StoredFigures& figures, Instant at) {
    if (hour_of(at) == MonitorFigures::kHours - 1) return figures.figures.open;
    return hour_sketches_[{figures.monitor_id, hour_of(at)}];
  }

  void finish_hour(StoredFigures& figures, std::size_t index) {
    const auto found = hour_sketches_.find({figures.monitor_id, index});
    if (found == hour_sketches_.end()) return;
    if (const auto p95 = found->second.quantile(0.95))
      figures.figures.hours[index].p95_us = static_cast<std::int32_t>(p95->count());
    figures.figures.closed.merge(found->second);
  }

  void add_gaps(const store::Timeline& timeline, Instant start) {
    const LedgerBook book(timeline);
    for (const store::JobEpoch* job : book.jobs()) {
      StoredFigures& figures = figures_.at(job->monitor_id);
      for (const Span& gap : book.gaps(job->job_id)) {
        for (Instant at = std::max(floor_to(gap.from, kHour), start); at < std::min(gap.to, until_);
             at += kHour) {
          const Span part{std::max(gap.from, at), std::min({gap.to, at + kHour, until_})};
          figures.figures.hours[hour_of(at)].missed +=
              static_cast<std::int32_t>(book.slots(job->job_id, part));
        }
      }
    }
  }

  // A bucket tells that something failed in it, but not when: its results do.
  asio::awaitable<void> add_last_failures(pg::Transaction& tx, const store::Timeline& timeline) {
    constexpr std::size_t kKeysAtOnce = 10'000;
    const LedgerBook book(timeline);
    store::RawKeys keys;
    const auto look_up = [&]() -> asio::awaitable<void> {
      const store::Found found =
          co_await store::load_history(tx, {}, std::exchange(keys, {}), store::Detail::kNumbers);
      for (const store::RawPoint& point : found.points)
        saw(figures_.at(monitor_of_job_.at(point.job_id)), point.job_id, point.slot, point.ok);
    };
    for (const auto& [monitor_id, bucket] : failed_buckets_) {
      const std::optional<Instant>& known = figures_.at(monitor_id).last_failed_slot;
      if (known && *known >= bucket.start) continue;
      std::vector<const store::JobEpoch*> epochs;
      for (const store::JobEpoch& job : timeline.epochs) {
        if (bucket.job_ids.contains(job.job_id)) epochs.push_back(&job);
      }
      const Instant end = std::min(bucket.start + kHour, until_);
      ResultWalk walk(book, std::move(epochs), {end, 0}, std::max(bucket.start, timeline.kept_raw));
      // No job has more slots than one a second.
      const store::RawKeys some = walk.next(static_cast<std::size_t>(kHour.count()) * bucket.job_ids.size());
      keys.job_ids.insert(keys.job_ids.end(), some.job_ids.begin(), some.job_ids.end());
      keys.slots.insert(keys.slots.end(), some.slots.begin(), some.slots.end());
      if (keys.slots.size() >= kKeysAtOnce) co_await look_up();
    }
    if (!keys.slots.empty()) co_await look_up();
  }

  // The sparkline of monitors that have none yet.
  asio::awaitable<void> add_recent(pg::Transaction& tx, const store::Timeline& timeline) {
    const LedgerBook book(timeline);
    std::unordered_map<std::int64_t, std::vector<const store::JobEpoch*>> epochs;
    for (const store::JobEpoch& job : timeline.epochs) epochs[job.monitor_id].push_back(&job);
    store::RawKeys keys;
    for (const auto& [id, figures] : figures_) {
      if (known_.contains(id)) continue;
      ResultWalk walk(book, std::move(epochs[id]), {until_, 0}, base_ - kHour * MonitorFigures::kHours);
      const store::RawKeys some = walk.next(MonitorFigures::kRecent);
      keys.job_ids.insert(keys.job_ids.end(), some.job_ids.begin(), some.job_ids.end());
      keys.slots.insert(keys.slots.end(), some.slots.begin(), some.slots.end());
    }
    store::Found found = co_await store::load_history(tx, {}, std::move(keys), store::Detail::kNumbers);
    std::sort(found.points.begin(), found.points.end(),
              [](const store::RawPoint& a, const store::RawPoint& b) { return a.slot < b.slot; });
    for (const store::RawPoint& point : found.points)
      figures_.at(monitor_of_job_.at(point.job_id)).figures.add_recent(point.ok, point.total);
  }

  Instant base_, until_;
  std::map<std::int64_t, StoredFigures> figures_;
  std::unordered_set<std::int64_t> known_;  // had figures before
  std::unordered_map<std::int64_t, std::int64_t> monitor_of_job_;
  std::map<std::pair<std::int64_t, std::size_t>, domain::Sketch> hour_sketches_;
  std::vector<store::RawPoint> points_;
  // The latest bucket of a monitor, of an hour at most, that counts a failure, and
  // whose jobs' failures they are.
  struct FailedBucket {
    Instant start;
    std::set<std::int64_t> job_ids;
  };
  std::unordered_map<std::int64_t, FailedBucket> failed_buckets_;
};

asio::awaitable<void> rebase(pg::Transaction& tx, Instant base, Instant until,
                             std::span<const store::FigureMonitor> monitors) {
  while (!monitors.empty()) {
    const std::size_t count = std::min(monitors.size(), kRebaseAtOnce);
    for (auto& [workspace_id, ids] : by_workspace(monitors.first(count))) {
      std::vector<StoredFigures> figures = co_await Rebase(base, until).run(tx, workspace_id, ids);
      co_await put_in_parts(tx, std::move(figures));
    }
    monitors = monitors.subspan(count);
  }
}

}  // namespace

asio::awaitable<FiguresProgress> keep_figures(pg::Pool& pool, Instant horizon) {
  FiguresProgress progress;
  std::int64_t looked_at = 0;  // the last monitor that was looked at
  const Instant until = floor_to(horizon, kMinute);
  while (true) {
    pg::Transaction tx = co_await pool.begin();
    const std::optional<Instant> done = co_await store::claim_level(tx, Level::kFigures);
    if (!done) {
      co_await tx.rollback();
      break;
    }
    const Instant base = co_await store::closed_until(tx, Level::kHour);
    const Instant from = std::max(*done, until - kFarthest);
    std::size_t written = 0;
    bool more = from < until;
    if (more) {
      const Span span{from, std::min(until, from + kLongestSpan)};
      written = co_await add_missed(tx, base, span);
      written += co_await add_results(tx, base, span);
      co_await store::set_closed_until(tx, Level::kFigures, span.to);
      progress.minutes += static_cast<int>((span.to - span.from) / kMinute);
    } else if (progress.minutes > 0) {
      // Once after each minute: to look for them costs a scan of the monitors.
      const store::MonitorsToRebase found =
          co_await store::monitors_to_rebase(tx, base, looked_at, kLookAtOnce);
      co_await rebase(tx, base, std::max(*done, base), found.monitors);
      written = found.monitors.size();
      more = found.last.has_value();
      looked_at = found.last.value_or(looked_at);
    }
    co_await tx.commit();
    progress.monitors += static_cast<int>(written);
    if (!more) break;
  }
  co_return progress;
}

}  // namespace openseer::control
