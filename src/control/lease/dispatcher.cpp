// A pass leases for every region with demand, its own jobs first and then the
// "global" ones. While jobs flow, passes are kGather apart, so that batches stay
// whole; when nothing was due, the next pass waits for the next due time, at most
// kIdle: a commit may meanwhile have brought an earlier one.
#include "control/lease/dispatcher.h"

#include <map>
#include <set>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "pg/error.h"
#include "store/catch_up.h"
#include "store/jobs.h"

namespace openseer::control {
namespace {

constexpr std::int16_t kGlobalRegionId = 1;
constexpr Milliseconds kGather{20};
constexpr Milliseconds kIdle{100};
constexpr Milliseconds kFirstRetry{200};
constexpr Milliseconds kLastRetry{5'000};

}  // namespace

struct Dispatcher::Impl {
  struct Subscriber {
    std::int32_t worker_id = 0;
    std::int16_t region_id = 0;
    std::size_t demand = 0;
    Deliver deliver;
  };

  pg::Pool& pool;
  asio::steady_timer pause;
  std::map<std::uint64_t, Subscriber> subscribers;
  std::uint64_t next_key = 1;
  std::uint64_t last_served = 0;  // workers take turns
  std::set<std::int16_t> served;  // regions, in the last pass
  bool woken = false;
  bool stopped = false;

  Impl(asio::any_io_executor executor, pg::Pool& p) : pool(p), pause(executor) {}

  void wake() {
    woken = true;
    pause.cancel();
  }

  asio::awaitable<void> sleep(Microseconds duration) {
    if (woken || stopped) co_return;
    pause.expires_after(duration);
    boost::system::error_code cancelled;
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }

  // Those with demand, starting after the one served first in the last pass.
  std::vector<std::uint64_t> in_turn() const {
    std::vector<std::uint64_t> keys;
    for (const auto& [key, subscriber] : subscribers) {
      if (subscriber.demand > 0) keys.push_back(key);
    }
    const auto after = std::upper_bound(keys.begin(), keys.end(), last_served);
    std::rotate(keys.begin(), keys.begin() + (after - keys.begin()), keys.end());
    return keys;
  }

  // Leases at most one batch of the region for one worker. Whether anything was due.
  asio::awaitable<bool> serve(std::uint64_t key, std::int16_t region_id, const Options& options) {
    const auto before = subscribers.find(key);
    if (before == subscribers.end() || before->second.demand == 0) co_return false;
    const std::size_t limit = std::min(before->second.demand, options.batch);
    const std::int32_t worker_id = before->second.worker_id;
    std::vector<domain::LeasedJob> jobs =
        co_await store::lease_due(pool, region_id, worker_id, limit, options.lease_duration);
    if (jobs.empty()) co_return false;
    const auto subscriber = subscribers.find(key);
    if (subscriber == subscribers.end()) {
      // The worker went away meanwhile: its jobs go to the next one.
      std::vector<domain::Lease> leases;
      for (const domain::LeasedJob& job : jobs) leases.push_back(job.lease);
      co_await store::return_leases(pool, worker_id, std::move(leases));
      co_return true;
    }
    subscriber->second.demand -= std::min(subscriber->second.demand, jobs.size());
    subscriber->second.deliver(std::move(jobs));
    co_return true;
  }

  // A region that comes into this replica's care may have been in nobody's.
  asio::awaitable<void> take_over() {
    std::set<std::int16_t> regions;
    for (const auto& [key, subscriber] : subscribers) regions.insert({kGlobalRegionId, subscriber.region_id});
    for (const std::int16_t region : regions) {
      if (!served.contains(region)) co_await store::spread_overdue(pool, region);
    }
    served = std::move(regions);
  }

  asio::awaitable<bool> pass(const Options& options) {
    co_await take_over();
    bool leased_any = false;
    const std::vector<std::uint64_t> keys = in_turn();
    for (const std::uint64_t key : keys) {
      const auto subscriber = subscribers.find(key);
      if (subscriber == subscribers.end()) continue;
      const std::int16_t region = subscriber->second.region_id;
      leased_any |= co_await serve(key, region, options);
      if (region != kGlobalRegionId) leased_any |= co_await serve(key, kGlobalRegionId, options);
    }
    if (!keys.empty()) last_served = keys.front();
    co_return leased_any;
  }

  asio::awaitable<Microseconds> until_next_due() {
    std::vector<std::int16_t> regions;
    for (const auto& [key, subscriber] : subscribers) {
      if (subscriber.demand == 0) continue;
      regions.push_back(kGlobalRegionId);
      regions.push_back(subscriber.region_id);
    }
    if (regions.empty()) co_return kIdle;
    std::sort(regions.begin(), regions.end());
    regions.erase(std::unique(regions.begin(), regions.end()), regions.end());
    const std::optional<Microseconds> due = co_await store::time_to_next_due(pool, std::move(regions));
    co_return std::clamp(due.value_or(kIdle), Microseconds{2'000}, Microseconds{kIdle});
  }
};

Dispatcher::Dispatcher(asio::any_io_executor executor, pg::Pool& pool, Options options)
    : options_(options), impl_(std::make_unique<Impl>(std::move(executor), pool)) {}
Dispatcher::~Dispatcher() = default;

Dispatcher::Subscription::Subscription(Dispatcher* dispatcher, std::uint64_t key)
    : dispatcher_(dispatcher), key_(key) {}
Dispatcher::Subscription::Subscription(Subscription&& other) noexcept
    : dispatcher_(std::exchange(other.dispatcher_, nullptr)), key_(other.key_) {}
Dispatcher::Subscription& Dispatcher::Subscription::operator=(Subscription&& other) noexcept {
  std::swap(dispatcher_, other.dispatcher_);
  std::swap(key_, other.key_);
  return *this;
}
Dispatcher::Subscription::~Subscription() {
  if (dispatcher_ != nullptr) dispatcher_->impl_->subscribers.erase(key_);
}

void Dispatcher::Subscription::set_demand(std::size_t capacity) {
  if (dispatcher_ == nullptr) return;
  std::size_t& demand = dispatcher_->impl_->subscribers.at(key_).demand;
  const bool was_idle = demand == 0;
  demand = capacity;
  // Raised demand of a busy worker waits for the next pass: batches stay whole.
  if (was_idle && capacity > 0) dispatcher_->wake();
}

Dispatcher::Subscription Dispatcher::subscribe(std::int32_t worker_id, std::int16_t region_id,
                                               Deliver deliver) {
  const std::uint64_t key = impl_->next_key++;
  impl_->subscribers.emplace(key, Impl::Subscriber{worker_id, region_id, 0, std::move(deliver)});
  return {this, key};
}

void Dispatcher::wake() { impl_->wake(); }

void Dispatcher::stop() {
  impl_->stopped = true;
  impl_->pause.cancel();
}

asio::awaitable<void> Dispatcher::run() {
  Milliseconds retry = kFirstRetry;
  while (!impl_->stopped) {
    Microseconds wait = kGather;
    try {
      impl_->woken = false;
      const bool leased = co_await impl_->pass(options_);
      if (!leased) wait = co_await impl_->until_next_due();
      if (retry != kFirstRetry) log::info("leasing works again");
      retry = kFirstRetry;
    } catch (const pg::Error& error) {
      impl_->served.clear();
      if (retry == kFirstRetry) log::warning("leasing is interrupted", {{"error", error.what()}});
      wait = retry;
      retry = std::min(retry * 2, kLastRetry);
    }
    co_await impl_->sleep(wait);
  }
}

}  // namespace openseer::control
