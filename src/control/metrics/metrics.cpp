#include "control/metrics/metrics.h"

#include <map>

#include "control/metrics/ledger_book.h"
#include "control/metrics/reader.h"
#include "pg/pool.h"
#include "store/history.h"

namespace openseer::control {
namespace {

using store::Level;
using store::Span;

struct Shape {
  Range range;
  Seconds length;
  Seconds bucket;  // of the charts
  Level level;     // coarsest level its buckets are made of
};
constexpr Seconds kMinute{60}, kHour{3600}, kDay{86400};
constexpr Shape kShapes[] = {
    {Range::k1h, kHour, kMinute, Level::kMinute}, {Range::k24h, kDay, 10 * kMinute, Level::kMinute},
    {Range::k7d, 7 * kDay, kHour, Level::kHour},  {Range::k30d, 30 * kDay, 6 * kHour, Level::kHour},
    {Range::k90d, 90 * kDay, kDay, Level::kDay},
};
const Shape& shape_of(Range range) { return kShapes[static_cast<int>(range)]; }

store::HistoryScope one_monitor(std::int64_t workspace_id, std::int64_t monitor_id) {
  return {workspace_id, {monitor_id}, {}, {}};
}

// One line of a chart while it is put together.
struct SeriesBuilder {
  struct Cell {
    domain::Sketch sketch;
    std::int64_t ok = 0, failed = 0;
  };
  std::map<Instant, Cell> cells;

  void add(Instant start, const store::StoredBucket& bucket) {
    Cell& cell = cells[start];
    cell.sketch.merge(bucket.bins, bucket.counts);
    cell.ok += bucket.ok_count;
    cell.failed += bucket.count - bucket.ok_count;
  }
  void add(Instant start, const store::RawPoint& point) {
    Cell& cell = cells[start];
    if (point.ok) {
      cell.sketch.add(point.total);
      ++cell.ok;
    } else {
      ++cell.failed;
    }
  }

  LatencySeries finish(std::string region) const {
    LatencySeries series;
    series.region = std::move(region);
    domain::Sketch whole;
    for (const auto& [start, cell] : cells) {
      series.points.push_back({start, cell.sketch.quantile(0.5), cell.sketch.quantile(0.95),
                               cell.sketch.quantile(0.99), cell.ok, cell.failed});
      whole.merge(cell.sketch);
    }
    series.p50 = whole.quantile(0.5);
    series.p95 = whole.quantile(0.95);
    series.p99 = whole.quantile(0.99);
    return series;
  }
};

// A mean while it is put together: sums over `count` results.
struct PhaseSums {
  domain::Phases sum;
  std::int64_t count = 0;

  void add(const domain::Phases& mean, std::int64_t results) {
    sum.dns += mean.dns * results;
    sum.connect += mean.connect * results;
    sum.tls += mean.tls * results;
    sum.wait += mean.wait * results;
    sum.download += mean.download * results;
    count += results;
  }
  PhasePoint finish(Instant start) const {
    return {
        start,
        {sum.dns / count, sum.connect / count, sum.tls / count, sum.wait / count, sum.download / count, {}},
        count};
  }
};

}  // namespace

asio::awaitable<Latency> latency(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                 Range range, bool by_region) {
  const Shape& shape = shape_of(range);
  pg::Transaction tx = co_await pool.begin_snapshot();
  const store::Timeline timeline = co_await store::load_timeline(tx, one_monitor(workspace_id, monitor_id),
                                                                 {shape.length + shape.bucket, {}});
  Latency latency;
  latency.end = timeline.now;
  latency.start = floor_to(timeline.now - shape.length, shape.bucket);
  latency.bucket = shape.bucket;

  std::map<std::int64_t, std::string> region_of_job;
  for (const store::JobEpoch& job : timeline.epochs) region_of_job[job.job_id] = job.region;
  SeriesBuilder all;
  std::map<std::string, SeriesBuilder> regions;
  const auto add = [&](std::int64_t job_id, Instant at, const auto& part) {
    const Instant start = floor_to(at, shape.bucket);
    all.add(start, part);
    if (by_region) regions[region_of_job[job_id]].add(start, part);
  };
  Reading reading;
  reading.bucket = [&](const store::StoredBucket& bucket) { add(bucket.job_id, bucket.start, bucket); };
  reading.raw = [&](const store::RawPoint& point) { add(point.job_id, point.slot, point); };
  ReadingPlan plan;
  plan.add(timeline, shape.level, {latency.start, latency.end + Microseconds{1}});
  co_await read(tx, timeline, plan, store::Detail::kSketches, reading);
  co_await tx.commit();

  latency.series.push_back(all.finish(""));
  for (const auto& [region, builder] : regions) latency.series.push_back(builder.finish(region));
  co_return latency;
}

asio::awaitable<std::vector<UptimeWindow>> uptime(pg::Pool& pool, std::int64_t workspace_id,
                                                  std::int64_t monitor_id) {
  pg::Transaction tx = co_await pool.begin_snapshot();
  const store::Timeline timeline =
      co_await store::load_timeline(tx, one_monitor(workspace_id, monitor_id), {91 * kDay, {}});
  // The windows' starts, on buckets that outlive raw results; the longest last.
  struct Start {
    Range range;
    Instant from;
  };
  const Instant end = timeline.now + Microseconds{1};
  const auto start = [&](Seconds length, Seconds step) {
    return widened(timeline, {floor_to(timeline.now - length, step), end}).from;
  };
  const std::array<Start, 4> starts{{
      {Range::k24h, start(kDay, kMinute)},
      {Range::k7d, start(7 * kDay, kHour)},
      {Range::k30d, start(30 * kDay, kHour)},
      {Range::k90d, start(90 * kDay, kDay)},
  }};
  // A stretch lies between two starts and counts for all windows that hold it.
  ReadingPlan plan;
  for (std::size_t i = 0; i < starts.size(); ++i)
    plan.add(timeline, Level::kDay, {starts[i].from, i == 0 ? end : starts[i - 1].from});
  std::vector<UptimeWindow> windows;
  for (const Start& start : starts) windows.push_back({start.range, {}});
  const auto add = [&](Instant at, std::int64_t ok, std::int64_t failed) {
    for (std::size_t i = 0; i < starts.size(); ++i) {
      if (at < starts[i].from) continue;
      windows[i].counts.ok += ok;
      windows[i].counts.failed += failed;
    }
  };
  Reading reading;
  reading.bucket = [&add](const store::StoredBucket& bucket) {
    add(bucket.start, bucket.ok_count, bucket.count - bucket.ok_count);
  };
  reading.raw = [&add](const store::RawPoint& point) { add(point.slot, point.ok ? 1 : 0, point.ok ? 0 : 1); };
  co_await read(tx, timeline, plan, store::Detail::kNumbers, reading);
  co_await tx.commit();

  const LedgerBook book(timeline);
  for (const store::JobEpoch* job : book.jobs()) {
    for (std::size_t i = 0; i < starts.size(); ++i)
      windows[i].counts.missed += book.missed(job->job_id, {starts[i].from, end});
  }
  co_return windows;
}

asio::awaitable<PhaseChart> phases(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                   Range range, std::string region) {
  const Shape& shape = shape_of(range);
  pg::Transaction tx = co_await pool.begin_snapshot();
  store::HistoryScope scope = one_monitor(workspace_id, monitor_id);
  if (!region.empty()) scope.regions.push_back(std::move(region));
  const store::Timeline timeline =
      co_await store::load_timeline(tx, std::move(scope), {shape.length + shape.bucket, {}});
  PhaseChart chart;
  chart.end = timeline.now;
  chart.start = floor_to(timeline.now - shape.length, shape.bucket);
  chart.bucket = shape.bucket;

  std::map<Instant, PhaseSums> cells;
  Reading reading;
  reading.bucket = [&](const store::StoredBucket& bucket) {
    cells[floor_to(bucket.start, shape.bucket)].add(bucket.phases, bucket.ok_count);
  };
  reading.raw = [&](const store::RawPoint& point) {
    if (point.ok) cells[floor_to(point.slot, shape.bucket)].add(point.phases, 1);
  };
  ReadingPlan plan;
  plan.add(timeline, shape.level, {chart.start, chart.end + Microseconds{1}});
  co_await read(tx, timeline, plan, store::Detail::kPhases, reading);
  co_await tx.commit();
  for (const auto& [start, sums] : cells) {
    if (sums.count > 0) chart.points.push_back(sums.finish(start));
  }
  co_return chart;
}

}  // namespace openseer::control
