#include "control/metrics/ledger.h"

#include <unordered_map>

#include "control/metrics/ledger_book.h"
#include "control/metrics/reader.h"
#include "pg/pool.h"

namespace openseer::control {
namespace {

using store::Level;
using store::Span;

void add(LedgerCounts& counts, const store::StoredBucket& bucket) {
  counts.ok += bucket.ok_count;
  counts.failed += bucket.count - bucket.ok_count;
}
void add(LedgerCounts& counts, const store::RawPoint& point) { ++(point.ok ? counts.ok : counts.failed); }

}  // namespace

std::optional<double> LedgerCounts::uptime() const {
  if (ok + failed == 0) return std::nullopt;
  return static_cast<double>(ok) / static_cast<double>(ok + failed);
}

std::optional<double> LedgerCounts::coverage() const {
  const std::int64_t expected = ok + failed + missed;
  if (expected == 0) return std::nullopt;
  return static_cast<double>(ok + failed) / static_cast<double>(expected);
}

asio::awaitable<LedgerAnswer> ledger(pg::Pool& pool, store::HistoryScope scope, Span span) {
  pg::Transaction tx = co_await pool.begin_snapshot();
  // From the day's start: what is kept may widen the span to it.
  const store::Timeline timeline = co_await store::load_timeline(
      tx, std::move(scope), {Seconds{0}, floor_to(span.from, store::width(Level::kDay))});
  LedgerAnswer answer;
  answer.monitor_ids = timeline.monitor_ids;
  span.to = std::min(span.to, timeline.now + Microseconds{1});
  answer.span = widened(timeline, span);

  std::unordered_map<std::int64_t, Ledger*> ledger_of_job;
  for (const store::JobEpoch& job : timeline.epochs) ledger_of_job[job.job_id] = &answer.regions[job.region];
  ReadingPlan plan;
  plan.add(timeline, Level::kDay, answer.span);
  Reading reading;
  reading.bucket = [&](const store::StoredBucket& bucket) {
    Ledger& ledger = *ledger_of_job.at(bucket.job_id);
    add(ledger.counts, bucket);
    ledger.latency.merge(bucket.bins, bucket.counts);
  };
  reading.raw = [&](const store::RawPoint& point) {
    Ledger& ledger = *ledger_of_job.at(point.job_id);
    add(ledger.counts, point);
    if (point.ok) ledger.latency.add(point.total);
  };
  co_await read(tx, timeline, plan, store::Detail::kSketches, reading);
  co_await tx.commit();

  const LedgerBook book(timeline);
  for (const store::JobEpoch* job : book.jobs()) {
    Ledger& ledger = *ledger_of_job.at(job->job_id);
    ledger.expected += book.expected(job->job_id, answer.span);
    ledger.counts.missed += book.missed(job->job_id, answer.span);
  }
  for (const auto& [region, ledger] : answer.regions) {
    answer.total.expected += ledger.expected;
    answer.total.counts.ok += ledger.counts.ok;
    answer.total.counts.failed += ledger.counts.failed;
    answer.total.counts.missed += ledger.counts.missed;
    answer.total.latency.merge(ledger.latency);
  }
  co_return answer;
}

namespace {

// The lines of bars that a job counts for, and the bar of an instant.
class BarSheet {
 public:
  BarSheet(Instant start, Seconds width, std::size_t count) : start_(start), width_(width), count_(count) {}

  void add_monitor(std::int64_t monitor_id) { line(monitor_id, ""); }
  void add_job(const store::JobEpoch& job, bool by_region) {
    lines_of_job_[job.job_id].push_back(line(job.monitor_id, ""));
    if (by_region) lines_of_job_[job.job_id].push_back(line(job.monitor_id, job.region));
  }

  template <class Change>
  void change(std::int64_t job_id, Instant at, Change change) {
    if (at < start_) return;
    const auto index = static_cast<std::size_t>((at - start_) / Microseconds{width_});
    if (index >= count_) return;
    for (std::vector<LedgerCounts>* bars : lines_of_job_.at(job_id)) change((*bars)[index]);
  }

  // Bucket by bucket, of those that the gap reaches.
  void add_gap(const LedgerBook& book, std::int64_t job_id, Span gap) {
    const Instant end = start_ + width_ * static_cast<std::int64_t>(count_);
    for (Instant at = std::max(floor_to(gap.from, width_), start_); at < std::min(gap.to, end);
         at += width_) {
      const Span part{std::max(gap.from, at), std::min(gap.to, at + width_)};
      const std::int64_t missed = book.slots(job_id, part);
      change(job_id, at, [missed](LedgerCounts& counts) { counts.missed += missed; });
    }
  }

  std::vector<UptimeBars> finish() {
    std::vector<UptimeBars> all;
    for (auto& [monitor_id, regions] : lines_) {
      for (auto& [region, bars] : regions) all.push_back({monitor_id, region, std::move(bars)});
    }
    return all;
  }

 private:
  std::vector<LedgerCounts>* line(std::int64_t monitor_id, const std::string& region) {
    std::vector<LedgerCounts>& bars = lines_[monitor_id][region];
    bars.resize(count_);
    return &bars;
  }

  Instant start_;
  Seconds width_;
  std::size_t count_;
  // By monitor, then region; the empty one is all together.
  std::map<std::int64_t, std::map<std::string, std::vector<LedgerCounts>>> lines_;
  std::unordered_map<std::int64_t, std::vector<std::vector<LedgerCounts>*>> lines_of_job_;
};

}  // namespace

asio::awaitable<UptimeBarsAnswer> uptime_bars(pg::Pool& pool, std::int64_t workspace_id,
                                              std::vector<std::int64_t> monitor_ids, Level width,
                                              std::size_t count, bool by_region) {
  const Seconds step = store::width(width);
  pg::Transaction tx = co_await pool.begin_snapshot();
  store::HistoryScope scope{workspace_id, std::move(monitor_ids), {}, {}};
  const store::Timeline timeline =
      co_await store::load_timeline(tx, std::move(scope), {step * static_cast<std::int64_t>(count), {}});
  UptimeBarsAnswer answer;
  answer.start = floor_to(timeline.now, step) - step * (static_cast<std::int64_t>(count) - 1);

  BarSheet sheet(answer.start, step, count);
  const LedgerBook book(timeline);
  for (const std::int64_t id : timeline.monitor_ids) sheet.add_monitor(id);
  for (const store::JobEpoch* job : book.jobs()) {
    sheet.add_job(*job, by_region);
    for (const Span& gap : book.gaps(job->job_id)) sheet.add_gap(book, job->job_id, gap);
  }
  ReadingPlan plan;
  plan.add(timeline, width, {answer.start, timeline.now + Microseconds{1}});
  Reading reading;
  reading.bucket = [&sheet](const store::StoredBucket& bucket) {
    sheet.change(bucket.job_id, bucket.start, [&bucket](LedgerCounts& counts) { add(counts, bucket); });
  };
  reading.raw = [&sheet](const store::RawPoint& point) {
    sheet.change(point.job_id, point.slot, [&point](LedgerCounts& counts) { add(counts, point); });
  };
  co_await read(tx, timeline, plan, store::Detail::kNumbers, reading);
  co_await tx.commit();
  answer.bars = sheet.finish();
  co_return answer;
}

}  // namespace openseer::control
