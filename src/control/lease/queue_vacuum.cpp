#include "control/lease/queue_vacuum.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/clock.h"
#include "base/log.h"
#include "pg/pool.h"
#include "store/jobs.h"

namespace openseer::control {
namespace {

constexpr std::size_t kFewest = 5000;  // results: less is not worth it
constexpr Seconds kPause{1};           // between two

}  // namespace

struct QueueVacuum::Impl {
  pg::Pool& pool;
  asio::steady_timer wake;
  std::size_t results = 0;  // since the last one
  std::size_t enough = kFewest;
  bool stopped = false;
  Impl(const asio::any_io_executor& executor, pg::Pool& p) : pool(p), wake(executor) {}

  asio::awaitable<void> sleep(Monotonic until) {
    if (stopped) co_return;
    wake.expires_at(until);
    boost::system::error_code cancelled;
    co_await wake.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
};

QueueVacuum::QueueVacuum(asio::any_io_executor executor, pg::Pool& pool)
    : impl_(std::make_unique<Impl>(executor, pool)) {}
QueueVacuum::~QueueVacuum() = default;

void QueueVacuum::committed(std::size_t results) {
  impl_->results += results;
  if (impl_->results >= impl_->enough) impl_->wake.cancel();
}

void QueueVacuum::stop() {
  impl_->stopped = true;
  impl_->wake.cancel();
}

asio::awaitable<void> QueueVacuum::run() {
  Impl& self = *impl_;
  while (!self.stopped) {
    if (self.results < self.enough) co_await self.sleep(Monotonic::max());
    if (self.stopped || self.results < self.enough) continue;
    self.results = 0;
    try {
      const std::int64_t jobs = co_await store::vacuum_queue(self.pool);
      self.enough = std::max(kFewest, static_cast<std::size_t>(jobs) / 2);
    } catch (const pg::Error& error) {
      // Too large for the time there is, perhaps: autovacuum takes what it wants.
      self.enough *= 2;
      log::debug("the queue was not vacuumed", {{"error", error.what()}});
    }
    const Monotonic next = std::chrono::steady_clock::now() + kPause;
    while (!self.stopped && std::chrono::steady_clock::now() < next) co_await self.sleep(next);
  }
}

}  // namespace openseer::control
