#include "control/retention/retention.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "pg/error.h"
#include "store/audit.h"
#include "store/retention.h"

namespace openseer::control {
namespace {

constexpr Seconds kEvery{300};
constexpr Seconds kRetry{2};
constexpr std::size_t kAtOnce = 10'000;  // rows of one DELETE

}  // namespace

struct Retention::Impl {
  pg::Pool& pool;
  asio::steady_timer pause;
  bool stopped = false;
  Impl(const asio::any_io_executor& executor, pg::Pool& p) : pool(p), pause(executor) {}
};

Retention::Retention(asio::any_io_executor executor, pg::Pool& pool, Options options)
    : options_(options), impl_(std::make_unique<Impl>(executor, pool)) {}
Retention::~Retention() = default;

void Retention::stop() {
  impl_->stopped = true;
  impl_->pause.cancel();
}

asio::awaitable<void> Retention::run() {
  bool reported = false;
  while (!impl_->stopped) {
    Seconds wait = kEvery;
    try {
      co_await run_once();
      reported = false;
    } catch (const pg::Error& error) {
      if (!reported) log::warning("retention is interrupted", {{"error", error.what()}});
      reported = true;
      wait = kRetry;
    }
    if (impl_->stopped) break;
    impl_->pause.expires_after(wait);
    boost::system::error_code cancelled;
    co_await impl_->pause.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

asio::awaitable<void> Retention::run_once() {
  const int made = co_await store::create_partitions(impl_->pool);
  if (made > 0) log::info("partitions made", {{"count", made}});
  const std::optional<Seconds> keeps[] = {options_.raw, options_.minutes, options_.hours, options_.days};
  for (std::int16_t level = 0; level < 4 && !impl_->stopped; ++level) {
    if (!keeps[level]) continue;
    const Instant kept_from = co_await store::keep_from(impl_->pool, level, *keeps[level]);
    const int dropped = co_await store::drop_partitions(impl_->pool, level, kept_from);
    if (dropped > 0) log::info("old partitions dropped", {{"level", level}, {"count", dropped}});
  }
  while (options_.audit && !impl_->stopped) {
    const std::int64_t dropped = co_await store::drop_audit(impl_->pool, *options_.audit, kAtOnce);
    if (dropped < static_cast<std::int64_t>(kAtOnce)) break;
  }
  co_await store::drop_expired(impl_->pool);
}

}  // namespace openseer::control
