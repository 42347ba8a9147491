#include "control/metrics/reader.h"

#include <algorithm>
#include <map>

#include "pg/pool.h"

namespace openseer::control {
namespace {

using store::Level;
using store::Span;

constexpr Seconds kHour{3600}, kDay{86400};
// A row read is some 100 bytes: this bounds a part to tens of megabytes.
constexpr std::int64_t kMostKeys = 100'000;
constexpr std::size_t kMostRows = 200'000;
constexpr Seconds kScanAtOnce{300};

std::vector<std::int64_t> jobs_of(const store::Timeline& timeline) {
  std::vector<std::int64_t> ids;
  for (const store::JobEpoch& job : timeline.epochs) {
    if (ids.empty() || ids.back() != job.job_id) ids.push_back(job.job_id);
  }
  return ids;
}

bool is_dense(const store::JobEpoch& job) { return job.epoch.interval < store::kDenseBelow; }

// Calls `use(job, span)` for every stretch in which a job's raw results are wanted.
template <class Use>
void each_raw_stretch(const store::Timeline& timeline, const ReadingPlan& plan, Use use) {
  for (const store::JobEpoch& job : timeline.epochs) {
    for (const Span& span : plan.raw) use(job, span);
    if (is_dense(job)) continue;
    for (const Span& span : plan.raw_sparse) use(job, span);
  }
}

std::int64_t count_keys(const store::Timeline& timeline, const ReadingPlan& plan) {
  std::int64_t count = 0;
  each_raw_stretch(timeline, plan, [&count](const store::JobEpoch& job, const Span& span) {
    count += domain::count_slots(job.epoch, span.from, span.to);
  });
  return count;
}

store::RawKeys keys_of(const store::Timeline& timeline, const ReadingPlan& plan) {
  store::RawKeys keys;
  each_raw_stretch(timeline, plan, [&keys](const store::JobEpoch& job, const Span& span) {
    for (const Instant slot : domain::slots_between(job.epoch, span.from, span.to)) {
      keys.job_ids.push_back(job.job_id);
      keys.slots.push_back(slot);
    }
  });
  return keys;
}

// The queries for buckets, one a level, with at most kMostRows rows each.
std::vector<store::BucketQuery> bucket_queries(const ReadingPlan& plan, bool any_dense) {
  std::map<Level, store::BucketQuery> by_level;
  for (const auto& [level, span] : plan.buckets) {
    if (level == Level::kMinute && !any_dense) continue;
    store::BucketQuery& query = by_level[level];
    query.level = level;
    query.spans.push_back(span);
  }
  std::vector<store::BucketQuery> queries;
  for (auto& [level, query] : by_level) queries.push_back(std::move(query));
  return queries;
}

std::size_t jobs_at_once(const std::vector<store::BucketQuery>& queries) {
  std::size_t rows = 1;  // of one job
  for (const store::BucketQuery& query : queries) {
    for (const Span& span : query.spans)
      rows += static_cast<std::size_t>((span.to - span.from) / store::width(query.level));
  }
  return std::max<std::size_t>(kMostRows / rows, 1);
}

void pass_on(const store::Found& found, const Reading& reading) {
  for (const store::StoredBucket& bucket : found.buckets) reading.bucket(bucket);
  for (const store::RawPoint& point : found.points) reading.raw(point);
}

asio::awaitable<void> scan(pg::Transaction& tx, const std::vector<std::int64_t>& job_ids, Span span,
                           bool sparse_only, const Reading& reading) {
  for (Instant from = span.from; from < span.to; from += kScanAtOnce) {
    const Span part{from, std::min(span.to, from + kScanAtOnce)};
    const std::vector<store::RawPoint> points =
        co_await store::scan_raw_points(tx, job_ids, part, sparse_only);
    for (const store::RawPoint& point : points) reading.raw(point);
  }
}

}  // namespace

Instant floor_to(Instant t, Seconds step) { return domain::grid_floor(t, step, Instant{}); }

Instant ceil_to(Instant t, Seconds step) {
  const Instant floor = floor_to(t, step);
  return floor == t ? t : floor + step;
}

Span widened(const store::Timeline& timeline, Span span) {
  const auto step = [&timeline](Instant t) {
    return t < timeline.kept_hour ? kDay : t < timeline.kept_fine ? kHour : Seconds{0};
  };
  if (const Seconds width = step(span.from); width > Seconds{0}) span.from = floor_to(span.from, width);
  if (const Seconds width = step(span.to); width > Seconds{0}) span.to = ceil_to(span.to, width);
  return span;
}

void ReadingPlan::add(const store::Timeline& timeline, Level coarsest, Span span) {
  if (span.empty()) return;
  // What has been dropped is in coarser buckets only. Retention drops whole days,
  // and only what is closed above.
  for (const auto& [kept, level] :
       {std::pair(timeline.kept_hour, Level::kDay), std::pair(timeline.kept_fine, Level::kHour)}) {
    if (span.from >= kept || coarsest >= level) continue;
    const Span gone{floor_to(span.from, store::width(level)),
                    ceil_to(std::min(span.to, kept), store::width(level))};
    buckets.emplace_back(level, gone);
    span.from = std::max(span.from, gone.to);
  }
  if (span.empty()) return;
  const Seconds width = store::width(coarsest);
  const Instant closed = coarsest == Level::kDay    ? timeline.closed_day
                         : coarsest == Level::kHour ? timeline.closed_hour
                                                    : timeline.closed_minute;
  const Span whole{ceil_to(span.from, width), std::min(floor_to(span.to, width), closed)};
  const Span head = whole.empty() ? span : Span{span.from, whole.from};
  const Span tail = whole.empty() ? Span{} : Span{whole.to, span.to};
  if (!whole.empty()) buckets.emplace_back(coarsest, whole);
  if (coarsest != Level::kMinute) {
    const Level finer = coarsest == Level::kDay ? Level::kHour : Level::kMinute;
    add(timeline, finer, head);
    add(timeline, finer, tail);
    return;
  }
  if (!whole.empty()) raw_sparse.push_back(whole);
  if (!head.empty()) raw.push_back(head);
  if (!tail.empty()) raw.push_back(tail);
}

asio::awaitable<void> read(pg::Transaction& tx, const store::Timeline& timeline, const ReadingPlan& plan,
                           store::Detail detail, const Reading& reading) {
  const std::vector<std::int64_t> job_ids = jobs_of(timeline);
  if (job_ids.empty()) co_return;
  const bool any_dense = std::any_of(timeline.epochs.begin(), timeline.epochs.end(), is_dense);
  const std::vector<store::BucketQuery> wanted = bucket_queries(plan, any_dense);
  const bool by_keys = count_keys(timeline, plan) <= kMostKeys;
  store::RawKeys keys;
  if (by_keys) keys = keys_of(timeline, plan);

  const std::size_t at_once = jobs_at_once(wanted);
  for (std::size_t begin = 0; begin < job_ids.size(); begin += at_once) {
    const std::size_t end = std::min(begin + at_once, job_ids.size());
    std::vector<store::BucketQuery> queries = wanted;
    for (store::BucketQuery& query : queries)
      query.job_ids.assign(job_ids.begin() + static_cast<std::ptrdiff_t>(begin),
                           job_ids.begin() + static_cast<std::ptrdiff_t>(end));
    const store::Found found =
        co_await store::load_history(tx, std::move(queries), std::exchange(keys, {}), detail);
    pass_on(found, reading);
  }
  if (by_keys) co_return;
  for (const Span& span : plan.raw) co_await scan(tx, job_ids, span, false, reading);
  for (const Span& span : plan.raw_sparse) co_await scan(tx, job_ids, span, true, reading);
}

}  // namespace openseer::control
