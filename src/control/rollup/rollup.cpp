// Each level has a row in ts.rollup_progress that says up to where it is closed.
// A pass takes the row (other replicas skip it), writes the next buckets and moves
// the row on, all in one transaction: a bucket is written once or not at all, and
// writing it again gives the same.
#include "control/rollup/rollup.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "control/metrics/metrics.h"
#include "pg/pool.h"
#include "store/current.h"
#include "store/rollups.h"

namespace openseer::control {
namespace {

using store::Level;

constexpr Seconds kCloseEvery{5};
constexpr Milliseconds kRefreshEvery{1'000};
constexpr std::size_t kRefreshAtMost = 20;    // monitors in a second: bounds the cost
constexpr std::int64_t kJobsAtOnce = 50'000;  // bounds the memory of a pass
constexpr std::size_t kSparkline = 40;

Instant floor_to(Instant t, Seconds step) {
  const std::int64_t width = Microseconds{step}.count();
  return Instant{Microseconds{t.time_since_epoch().count() / width * width}};
}

// Merges neighbouring parts of the same job.
std::vector<store::Bucket> merge_by_job(std::vector<store::Bucket> parts) {
  std::vector<store::Bucket> merged;
  for (store::Bucket& part : parts) {
    if (!merged.empty() && merged.back().job_id == part.job_id)
      merged.back().merge(part);
    else
      merged.push_back(std::move(part));
  }
  return merged;
}

}  // namespace

struct Rollup::Impl {
  pg::Pool& pool;
  asio::steady_timer pause;
  bool stopped = false;
  Impl(const asio::any_io_executor& executor, pg::Pool& p) : pool(p), pause(executor) {}

  asio::awaitable<int> close_minutes(Instant horizon) {
    constexpr Seconds kAtOnce{3600};  // bounds a transaction while catching up
    int written = 0;
    while (!stopped) {
      pg::Transaction tx = co_await pool.begin();
      const std::optional<Instant> from = co_await store::claim_level(tx, Level::kMinute);
      const Instant to = from ? std::min(floor_to(horizon, Seconds{60}), *from + kAtOnce) : Instant{};
      if (!from || to <= *from) {
        co_await tx.rollback();
        break;
      }
      co_await store::roll_minutes(tx, *from, to);
      co_await store::set_closed_until(tx, Level::kMinute, to);
      co_await tx.commit();
      written += static_cast<int>((to - *from) / std::chrono::minutes{1});
    }
    co_return written;
  }

  asio::awaitable<int> close(Level level, Instant horizon) {
    int written = 0;
    while (!stopped) {
      pg::Transaction tx = co_await pool.begin();
      const std::optional<Instant> start = co_await store::claim_level(tx, level);
      if (!start || *start + store::width(level) > horizon) {
        co_await tx.rollback();
        break;
      }
      const std::int64_t highest = co_await store::highest_job(tx);
      for (std::int64_t after = 0; after < highest; after += kJobsAtOnce) {
        std::vector<store::Bucket> parts =
            co_await store::bucket_parts(tx, level, *start, after, after + kJobsAtOnce);
        std::vector<store::Bucket> buckets = merge_by_job(std::move(parts));
        if (!buckets.empty()) co_await store::put_buckets(tx, level, *start, std::move(buckets));
      }
      co_await store::set_closed_until(tx, level, *start + store::width(level));
      co_await tx.commit();
      ++written;
    }
    co_return written;
  }
};

Rollup::Rollup(asio::any_io_executor executor, pg::Pool& pool)
    : impl_(std::make_unique<Impl>(executor, pool)) {}
Rollup::~Rollup() = default;

void Rollup::stop() {
  impl_->stopped = true;
  impl_->pause.cancel();
}

asio::awaitable<void> Rollup::run() {
  bool reported = false;
  Monotonic next_close{};
  while (!impl_->stopped) {
    try {
      co_await refresh_current(kRefreshAtMost);
      if (std::chrono::steady_clock::now() >= next_close) {
        co_await run_once();
        next_close = std::chrono::steady_clock::now() + kCloseEvery;
      }
      reported = false;
    } catch (const pg::Error& error) {
      if (!reported) log::warning("rollups are interrupted", {{"error", error.what()}});
      reported = true;
    }
    if (impl_->stopped) break;
    impl_->pause.expires_after(kRefreshEvery);
    boost::system::error_code cancelled;
    co_await impl_->pause.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

asio::awaitable<int> Rollup::run_once() {
  const Instant horizon = co_await store::commit_horizon(impl_->pool);
  int written = co_await impl_->close_minutes(horizon);
  // An hour is complete when its minutes are, a day when its hours are.
  const Instant minutes = co_await store::closed_until(impl_->pool, Level::kMinute);
  written += co_await impl_->close(Level::kHour, std::min(horizon, minutes));
  const Instant hours = co_await store::closed_until(impl_->pool, Level::kHour);
  written += co_await impl_->close(Level::kDay, hours);
  co_return written;
}

asio::awaitable<int> Rollup::refresh_current(std::size_t limit) {
  const std::vector<store::StaleMonitor> stale = co_await store::claim_stale_monitors(impl_->pool, limit);
  for (const store::StaleMonitor& monitor : stale) {
    store::CurrentFigures figures;
    const Latency day =
        co_await latency(impl_->pool, monitor.workspace_id, monitor.monitor_id, Range::k24h, false);
    const LatencySeries& all = day.series.front();
    figures.p50 = all.p50;
    figures.p95 = all.p95;
    figures.p99 = all.p99;
    const std::vector<UptimeWindow> windows =
        co_await uptime(impl_->pool, monitor.workspace_id, monitor.monitor_id);
    figures.ok = windows.front().ok;
    figures.failed = windows.front().failed;
    figures.missed = windows.front().missed;
    const std::vector<StoredResult> recent = co_await list_results(
        impl_->pool, monitor.workspace_id, monitor.monitor_id, std::nullopt, kSparkline);
    for (auto result = recent.rbegin(); result != recent.rend(); ++result) {
      const bool ok = result->check.outcome != domain::Outcome::kFailed;
      // Zero says failed; an ok result took at least a microsecond.
      const std::int64_t total = std::max<std::int64_t>(result->check.measurement.phases.total.count(), 1);
      figures.recent_us.push_back(ok ? static_cast<std::int32_t>(total) : 0);
    }
    co_await store::set_current_figures(impl_->pool, monitor, figures);
  }
  co_return static_cast<int>(stale.size());
}

}  // namespace openseer::control
