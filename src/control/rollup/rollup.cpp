// Each level has a row in ts.rollup_progress that says up to where it is closed.
// A pass takes the row (other replicas skip it), writes the next buckets and moves
// the row on, all in one transaction: a bucket is written once or not at all, and
// writing it again gives the same.
#include "control/rollup/rollup.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "control/rollup/figures.h"
#include "pg/pool.h"
#include "store/rollups.h"

namespace openseer::control {
namespace {

using store::Level;

constexpr Seconds kCloseEvery{5};
constexpr std::int64_t kJobsAtOnce = 50'000;  // bounds the memory of a pass

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

  // An hour is complete when its minutes are, a day when its hours are. That is read
  // after the level is taken: who opens a bucket again opens all levels at once.
  asio::awaitable<int> close(Level level, Level finer, Instant horizon) {
    int written = 0;
    while (!stopped) {
      pg::Transaction tx = co_await pool.begin();
      const std::optional<Instant> start = co_await store::claim_level(tx, level);
      if (!start ||
          *start + store::width(level) > std::min(horizon, co_await store::closed_until(tx, finer))) {
        co_await tx.rollback();
        break;
      }
      const std::int64_t highest = co_await store::highest_job(tx);
      const bool rewrites = co_await store::has_buckets(tx, level, *start);
      for (std::int64_t after = 0; after < highest; after += kJobsAtOnce) {
        std::vector<store::Bucket> parts =
            co_await store::bucket_parts(tx, level, *start, after, after + kJobsAtOnce);
        std::vector<store::Bucket> buckets = merge_by_job(std::move(parts));
        if (!buckets.empty()) co_await store::put_buckets(tx, level, *start, std::move(buckets), rewrites);
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
  while (!impl_->stopped) {
    try {
      co_await run_once();
      reported = false;
    } catch (const pg::Error& error) {
      if (!reported) log::warning("rollups are interrupted", {{"error", error.what()}});
      reported = true;
    }
    if (impl_->stopped) break;
    impl_->pause.expires_after(kCloseEvery);
    boost::system::error_code cancelled;
    co_await impl_->pause.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

asio::awaitable<int> Rollup::run_once() {
  if (!co_await store::rollup_is_due(impl_->pool)) co_return 0;
  const Instant horizon = co_await store::commit_horizon(impl_->pool);
  int written = co_await impl_->close_minutes(horizon);
  written += co_await impl_->close(Level::kHour, Level::kMinute, horizon);
  written += co_await impl_->close(Level::kDay, Level::kHour, horizon);
  const Instant minutes = co_await store::closed_until(impl_->pool, Level::kMinute);
  co_await keep_figures(impl_->pool, std::min(horizon, minutes));
  co_return written;
}

}  // namespace openseer::control
