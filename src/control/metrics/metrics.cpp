// How a range is read: the closed buckets of the coarsest level that fits, and
// for its ragged ends the next finer level, down to raw results. Dense jobs have
// minutes between hours and raw; for the others raw results are the minutes.
#include "control/metrics/metrics.h"

#include <map>

#include "pg/pool.h"
#include "store/history.h"

namespace openseer::control {
namespace {

using store::Level;

struct Shape {
  Range range;
  Seconds length;
  Seconds bucket;  // of the latency chart
  Level level;     // coarsest level its buckets are made of
};
constexpr Seconds kMinute{60}, kHour{3600}, kDay{86400};
constexpr Shape kShapes[] = {
    {Range::k1h, kHour, kMinute, Level::kMinute}, {Range::k24h, kDay, 10 * kMinute, Level::kMinute},
    {Range::k7d, 7 * kDay, kHour, Level::kHour},  {Range::k30d, 30 * kDay, 6 * kHour, Level::kHour},
    {Range::k90d, 90 * kDay, kDay, Level::kDay},
};
const Shape& shape_of(Range range) { return kShapes[static_cast<int>(range)]; }

Instant floor_to(Instant t, Seconds step) { return domain::grid_floor(t, step, Instant{}); }
Instant ceil_to(Instant t, Seconds step) {
  const Instant floor = floor_to(t, step);
  return floor == t ? t : floor + step;
}

// Where the parts of a range come from.
struct Span {
  Instant from, to;
  bool empty() const { return from >= to; }
};

// Receives what a range consists of.
struct Reading {
  std::function<void(const store::StoredBucket&)> bucket;
  std::function<void(const store::RawPoint&)> raw;
};

class Reader {
 public:
  Reader(pg::Pool& pool, const store::Timeline& timeline, bool sketches)
      : pool_(pool), timeline_(timeline), sketches_(sketches) {}

  asio::awaitable<void> read(Level level, Span span, const Reading& reading) {
    if (span.empty()) co_return;
    if (level == Level::kMinute) {
      co_await read_minutes(span, reading);
      co_return;
    }
    const Level finer = level == Level::kDay ? Level::kHour : Level::kMinute;
    const Instant closed = level == Level::kDay ? timeline_.closed_day : timeline_.closed_hour;
    const Span whole{ceil_to(span.from, store::width(level)),
                     std::min(floor_to(span.to, store::width(level)), closed)};
    if (whole.empty()) {
      co_await read(finer, span, reading);
      co_return;
    }
    const Span head{span.from, whole.from};
    const Span tail{whole.to, span.to};
    co_await read(finer, head, reading);
    co_await read_buckets(level, jobs(), whole, reading);
    co_await read(finer, tail, reading);
  }

 private:
  asio::awaitable<void> read_buckets(Level level, std::vector<std::int64_t> job_ids, Span span,
                                     const Reading& reading) {
    if (span.empty()) co_return;
    const std::vector<store::StoredBucket> buckets =
        co_await store::load_buckets(pool_, level, std::move(job_ids), span.from, span.to, sketches_);
    for (const store::StoredBucket& bucket : buckets) reading.bucket(bucket);
  }

  // Dense epochs have closed minutes, the rest of both kinds is raw.
  asio::awaitable<void> read_minutes(Span span, const Reading& reading) {
    const Span whole{ceil_to(span.from, kMinute),
                     std::min(floor_to(span.to, kMinute), timeline_.closed_minute)};
    std::vector<Instant> slots;
    bool any_dense = false;
    for (const store::JobEpoch& job : timeline_.epochs) {
      const bool dense = job.epoch.interval < store::kDenseBelow && !whole.empty();
      any_dense |= dense;
      const auto add = [&](Instant from, Instant to) {
        const std::vector<Instant> some = domain::slots_between(job.epoch, from, to);
        slots.insert(slots.end(), some.begin(), some.end());
      };
      if (dense) {
        add(span.from, whole.from);
        add(whole.to, span.to);
      } else {
        add(span.from, span.to);
      }
    }
    if (any_dense) co_await read_buckets(Level::kMinute, jobs(), whole, reading);
    // All regions share their slots.
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    const std::vector<store::RawPoint> points =
        co_await store::load_raw_points(pool_, jobs(), std::move(slots));
    for (const store::RawPoint& point : points) reading.raw(point);
  }

  std::vector<std::int64_t> jobs() const {
    std::vector<std::int64_t> ids;
    for (const store::JobEpoch& job : timeline_.epochs) {
      if (ids.empty() || ids.back() != job.job_id) ids.push_back(job.job_id);
    }
    return ids;
  }

  pg::Pool& pool_;
  const store::Timeline& timeline_;
  bool sketches_;
};

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

// The slots of `gap` that fall into [from, to), by the epochs of its job.
std::int64_t missed_slots(const store::Timeline& timeline, const store::Gap& gap, Span span) {
  std::int64_t missed = 0;
  for (const store::JobEpoch& job : timeline.epochs) {
    if (job.job_id != gap.job_id) continue;
    missed += domain::count_slots(job.epoch, std::max(gap.first, span.from), std::min(gap.until, span.to));
  }
  return missed;
}

}  // namespace

std::optional<double> UptimeWindow::uptime() const {
  if (ok + failed == 0) return std::nullopt;
  return static_cast<double>(ok) / static_cast<double>(ok + failed);
}

std::optional<double> UptimeWindow::coverage() const {
  const std::int64_t expected = ok + failed + missed;
  if (expected == 0) return std::nullopt;
  return static_cast<double>(ok + failed) / static_cast<double>(expected);
}

asio::awaitable<Latency> latency(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id,
                                 Range range, bool by_region) {
  const Shape& shape = shape_of(range);
  const store::Timeline timeline =
      co_await store::load_timeline(pool, workspace_id, monitor_id, shape.length + shape.bucket);
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
  Reader reader(pool, timeline, true);
  const Span span{latency.start, latency.end + Microseconds{1}};
  co_await reader.read(shape.level, span, reading);

  latency.series.push_back(all.finish(""));
  for (const auto& [region, builder] : regions) latency.series.push_back(builder.finish(region));
  co_return latency;
}

asio::awaitable<std::vector<UptimeWindow>> uptime(pg::Pool& pool, std::int64_t workspace_id,
                                                  std::int64_t monitor_id) {
  const store::Timeline timeline = co_await store::load_timeline(pool, workspace_id, monitor_id, 91 * kDay);
  // The windows' starts, on buckets that outlive raw results.
  struct Start {
    Range range;
    Instant from;
  };
  const std::array<Start, 4> starts{{
      {Range::k24h, floor_to(timeline.now - kDay, kMinute)},
      {Range::k7d, floor_to(timeline.now - 7 * kDay, kHour)},
      {Range::k30d, floor_to(timeline.now - 30 * kDay, kHour)},
      {Range::k90d, floor_to(timeline.now - 90 * kDay, kDay)},
  }};
  std::vector<UptimeWindow> windows;
  for (const Start& start : starts) windows.push_back({start.range, 0, 0, 0});

  // From the outermost window inwards: each stretch counts for all that hold it.
  Reader reader(pool, timeline, false);
  for (std::size_t outer = starts.size(); outer-- > 0;) {
    const Instant to = outer == 0 ? timeline.now + Microseconds{1} : starts[outer - 1].from;
    const Span stretch{starts[outer].from, to};
    std::int64_t ok = 0, failed = 0;
    Reading reading;
    reading.bucket = [&](const store::StoredBucket& bucket) {
      ok += bucket.ok_count;
      failed += bucket.count - bucket.ok_count;
    };
    reading.raw = [&](const store::RawPoint& point) { ++(point.ok ? ok : failed); };
    co_await reader.read(Level::kDay, stretch, reading);
    std::int64_t missed = 0;
    for (const store::Gap& gap : timeline.gaps) missed += missed_slots(timeline, gap, stretch);
    for (std::size_t i = outer; i < windows.size(); ++i) {
      windows[i].ok += ok;
      windows[i].failed += failed;
      windows[i].missed += missed;
    }
  }
  co_return windows;
}

asio::awaitable<std::vector<StoredResult>> list_results(pg::Pool& pool, std::int64_t workspace_id,
                                                        std::int64_t monitor_id,
                                                        std::optional<ResultCursor> before,
                                                        std::size_t limit) {
  const store::Timeline timeline = co_await store::load_timeline(pool, workspace_id, monitor_id, 35 * kDay);
  std::map<std::int64_t, std::string> region_of_job;
  for (const store::JobEpoch& job : timeline.epochs) region_of_job[job.job_id] = job.region;
  std::vector<std::int64_t> job_ids;
  for (const auto& [job_id, region] : region_of_job) job_ids.push_back(job_id);

  std::vector<StoredResult> page;
  Instant to = before ? before->slot + Microseconds{1} : timeline.now + Microseconds{1};
  const Instant oldest = timeline.now - 35 * kDay;
  Seconds step = kHour;
  while (to > oldest && page.size() < limit) {
    // Stretches grow while nothing is found; slots of one look-up stay bounded.
    Instant from = std::max(oldest, to - step);
    std::vector<Instant> slots;
    for (const store::JobEpoch& job : timeline.epochs) {
      const std::vector<Instant> some = domain::slots_between(job.epoch, from, to);
      slots.insert(slots.end(), some.begin(), some.end());
    }
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    const std::size_t wanted = limit - page.size() + job_ids.size();
    const std::vector<store::RawResult> found =
        co_await store::load_results(pool, job_ids, std::move(slots), wanted);
    for (const store::RawResult& result : found) {
      const bool already =
          before && std::pair(result.slot, result.job_id) >= std::pair(before->slot, before->job_id);
      if (already || page.size() == limit) continue;
      page.push_back({result.job_id, result.monitor_id, region_of_job[result.job_id], result.slot,
                      result.worker_id, result.check});
    }
    to = from;
    step = std::min(step * 4, 4 * kDay);
  }
  co_return page;
}

}  // namespace openseer::control
