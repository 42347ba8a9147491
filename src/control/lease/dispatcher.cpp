// The workers of one region are served together by a loop of their own, so that
// no region waits for another: each pass is one statement over the region's
// queues and those of "global", dealt out to the region's workers. Passes are
// kGather apart while jobs flow, so that batches stay whole, and lease what comes
// due until the pass after the next one; the workers wait for the slot. When
// nothing was due, the next pass waits for the next due time, at most kIdle: a
// commit may meanwhile have brought an earlier one.
#include "control/lease/dispatcher.h"

#include <deque>
#include <map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "control/lease/dealing.h"
#include "control/lease/queue_shares.h"
#include "pg/error.h"
#include "store/catch_up.h"
#include "store/jobs.h"

namespace openseer::control {
namespace {

using std::chrono::steady_clock;

constexpr std::int16_t kGlobalRegionId = 1;
constexpr Milliseconds kGather{50};
constexpr Milliseconds kAhead{100};  // a pass, and the way to the worker
constexpr Milliseconds kSoon{10};    // after a wake
constexpr Milliseconds kIdle{100};
constexpr Milliseconds kFirstRetry{200};
constexpr Milliseconds kLastRetry{5'000};
constexpr std::size_t kMostStatements = 4;
// A pass looks for what came due lately, and further back the longer it leaves
// something behind. What came due before that (leases that expired, a clock set
// back, a change that was committed late) is for the sweep: four times a second, but
// seldom when it takes long, for a snapshot held open elsewhere leaves it thousands
// of dead entries to walk over, and beside the passes, which must not wait for it.
constexpr Milliseconds kLookBack{2'000};
constexpr Milliseconds kSweepEvery{250};
constexpr int kSweepShare = 20;
constexpr Milliseconds kLeastCost{1};
constexpr std::size_t kSweepMost = 100;

// Counts places that a statement may fill, while it runs.
class Reservation {
 public:
  Reservation(std::size_t& reserved, std::size_t places) : reserved_(reserved), places_(places) {
    reserved_ += places_;
  }
  ~Reservation() { reserved_ -= places_; }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

 private:
  std::size_t& reserved_;
  const std::size_t places_;
};

}  // namespace

struct Dispatcher::Impl : std::enable_shared_from_this<Impl> {
  struct Subscriber {
    std::int32_t worker_id = 0;
    std::int16_t region_id = 0;
    std::size_t demand = 0;
    Deliver deliver;
  };

  // The workers of a region, and the loop that serves them.
  struct Group {
    std::int16_t region_id;
    QueueShares shares;
    Dealing dealing;
    std::size_t subscribers = 0;
    asio::steady_timer pause;
    bool woken = false;
    bool taken_over = false;
    Milliseconds look_back = store::kEverything;
    Monotonic next_sweep{};
    Monotonic::duration sweep_cost = kLeastCost;
    bool sweeping = false;
    bool look_far = false;  // for the next pass: the sweep has found more than it takes
    std::size_t reserved = 0;
    Milliseconds retry = kFirstRetry;
    Group(const asio::any_io_executor& executor, std::int16_t region)
        : region_id(region), shares(region), pause(executor) {}
  };
  using GroupPtr = std::shared_ptr<Group>;

  asio::any_io_executor executor;
  pg::Pool& pool;
  Options options;
  std::map<std::uint64_t, Subscriber> subscribers;
  std::map<std::int16_t, GroupPtr> groups;
  std::uint64_t next_key = 1;
  std::size_t loops = 0;
  std::size_t statements = 0;
  asio::steady_timer changed;               // cancelled when a loop ends
  std::deque<asio::steady_timer*> waiting;  // for a statement's turn
  bool running = false;
  bool stopped = false;

  Impl(asio::any_io_executor e, pg::Pool& p, Options o)
      : executor(e), pool(p), options(o), changed(e, asio::steady_timer::time_point::max()) {}

  void wake(Group& group) {
    group.woken = true;
    group.pause.cancel();
  }

  void spawn(asio::awaitable<void> loop) {
    ++loops;
    asio::co_spawn(executor, std::move(loop), [self = shared_from_this()](std::exception_ptr failure) {
      --self->loops;
      self->changed.cancel();
      if (failure) std::rethrow_exception(failure);
    });
  }
  void start(const GroupPtr& group) { spawn(serve(shared_from_this(), group)); }

  void subscribe(std::uint64_t key, Subscriber subscriber) {
    GroupPtr& group = groups[subscriber.region_id];
    const bool fresh = !group;
    if (fresh) group = std::make_shared<Group>(executor, subscriber.region_id);
    ++group->subscribers;
    subscribers.emplace(key, std::move(subscriber));
    if (fresh && running) start(group);
  }

  void unsubscribe(std::uint64_t key) {
    const auto subscriber = subscribers.find(key);
    const auto group = groups.find(subscriber->second.region_id);
    subscribers.erase(subscriber);
    if (--group->second->subscribers > 0) return;
    group->second->pause.cancel();  // the loop ends
    groups.erase(group);
  }

  static asio::awaitable<void> sleep_until(asio::steady_timer& timer, Monotonic at) {
    timer.expires_at(at);
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }

  // At most kMostStatements lease at once, however many regions there are.
  asio::awaitable<std::vector<store::DealtJob>> lease(const store::LeaseOrder& order) {
    while (statements >= kMostStatements) {
      asio::steady_timer turn(executor, asio::steady_timer::time_point::max());
      waiting.push_back(&turn);
      boost::system::error_code cancelled;
      co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    ++statements;
    struct Leave {
      Impl& self;
      ~Leave() {
        --self.statements;
        if (self.waiting.empty()) return;
        self.waiting.front()->cancel();
        self.waiting.pop_front();
      }
    } leave{*this};
    co_return co_await store::lease_due(pool, order);
  }

  std::vector<Dealing::Worker> workers_of(const Group& group) const {
    std::vector<Dealing::Worker> workers;
    for (const auto& [key, subscriber] : subscribers) {
      if (subscriber.region_id == group.region_id)
        workers.push_back({subscriber.worker_id, subscriber.demand});
    }
    return workers;
  }

  // Jobs of a worker that went away meanwhile go to the next one.
  asio::awaitable<void> deliver(std::vector<store::DealtJob> dealt) {
    std::map<std::int32_t, std::vector<domain::LeasedJob>> by_worker;
    for (store::DealtJob& one : dealt) by_worker[one.worker_id].push_back(one.job);
    for (auto& [key, subscriber] : subscribers) {
      const auto jobs = by_worker.find(subscriber.worker_id);
      if (jobs == by_worker.end()) continue;
      subscriber.demand -= std::min(subscriber.demand, jobs->second.size());
      subscriber.deliver(std::move(jobs->second));
      by_worker.erase(jobs);
    }
    for (const auto& [worker_id, jobs] : by_worker) {
      std::vector<domain::Lease> leases;
      for (const domain::LeasedJob& job : jobs) leases.push_back(job.lease);
      co_await store::return_leases(pool, worker_id, std::move(leases));
    }
  }

  enum class Found { kNoPlace, kNothing, kAll, kMore };

  // Places for jobs that no statement under way may fill, at most `most`.
  static std::size_t free_places(const Group& group, const std::vector<Dealing::Worker>& workers,
                                 std::size_t most) {
    std::size_t total = 0;
    for (const Dealing::Worker& worker : workers) total += worker.demand;
    return std::min(total - std::min(total, group.reserved), most);
  }

  // One statement for the group, for at most `most` jobs.
  asio::awaitable<Found> lease_for(Group& group, std::size_t most, Milliseconds look_back, bool sweeps) {
    const std::vector<Dealing::Worker> workers = workers_of(group);
    const std::size_t total = free_places(group, workers, most);
    if (total == 0) co_return Found::kNoPlace;
    const Reservation reservation(group.reserved, total);
    group.dealing.seat(workers, total);
    const std::vector<store::QueueShare> plan = group.shares.plan(total);
    const store::LeaseOrder order{.shares = plan,
                                  .limit = total,
                                  .workers = group.dealing.seats(),
                                  .others = group.dealing.others(),
                                  .lease_duration = options.lease_duration,
                                  .ahead = kAhead,
                                  .look_back = look_back};
    std::vector<store::DealtJob> jobs = co_await lease(order);
    const bool full = jobs.size() >= total;
    const bool more = (sweeps ? QueueShares::exhausted(plan, jobs) : group.shares.learn(plan, jobs)) || full;
    if (jobs.empty()) co_return Found::kNothing;
    co_await deliver(std::move(jobs));
    co_return more ? Found::kMore : Found::kAll;
  }

  // A region that comes into this replica's care may have been in nobody's; so may
  // "global" with the first one.
  asio::awaitable<void> take_over(Group& group) {
    if (group.region_id != kGlobalRegionId) co_await store::spread_overdue(pool, group.region_id);
    if (groups.size() == 1) co_await store::spread_overdue(pool, kGlobalRegionId);
    group.taken_over = true;
  }

  asio::awaitable<Found> pass(const GroupPtr& group) {
    if (!group->taken_over) co_await take_over(*group);
    if (std::exchange(group->look_far, false)) group->look_back = store::kEverything;
    if (!group->sweeping && steady_clock::now() >= group->next_sweep) spawn(sweep(shared_from_this(), group));
    const Found found = co_await lease_for(*group, options.batch, group->look_back, false);
    if (found == Found::kMore)
      group->look_back = std::min(2 * group->look_back, store::kEverything);
    else if (found != Found::kNoPlace)
      group->look_back = kLookBack;
    co_return found;
  }

  static asio::awaitable<void> sweep(std::shared_ptr<Impl> self, GroupPtr group) {
    group->sweeping = true;
    const Monotonic began = steady_clock::now();
    try {
      // That much from long ago is a backlog; so may be what there is no place for.
      const bool crowded = free_places(*group, self->workers_of(*group), kSweepMost) < kSweepMost;
      const Found found = co_await self->lease_for(*group, kSweepMost, store::kEverything, true);
      if (found == Found::kMore || crowded) group->look_far = true;
    } catch (const pg::Error&) {
      // The passes say so.
    }
    // One that took long for once had to wait for something else.
    const Monotonic now = steady_clock::now();
    group->sweep_cost = std::clamp<Monotonic::duration>(now - began, kLeastCost, 2 * group->sweep_cost);
    group->next_sweep = now + std::max<Monotonic::duration>(kSweepEvery, kSweepShare * group->sweep_cost);
    group->sweeping = false;
  }

  // When the next pass is due, after one that began at `began`.
  asio::awaitable<Monotonic> next_pass(Group& group, Found found, Monotonic began) {
    if (found == Found::kMore) co_return began;
    if (found == Found::kAll) co_return began + kGather;
    if (workers_of(group).empty()) co_return Monotonic::max();  // until there is demand
    std::vector<std::int16_t> regions{kGlobalRegionId};
    if (group.region_id != kGlobalRegionId) regions.push_back(group.region_id);
    const std::optional<Microseconds> due =
        co_await store::time_to_next_due(pool, std::move(regions), kLookBack);
    co_return steady_clock::now() +
        std::clamp(due.value_or(kIdle) - kAhead / 2, Microseconds{kSoon}, Microseconds{kIdle});
  }

  static asio::awaitable<void> serve(std::shared_ptr<Impl> self, GroupPtr group) {
    while (!self->stopped && group->subscribers > 0) {
      const Monotonic began = steady_clock::now();
      Monotonic next = began;
      group->woken = false;
      try {
        const Found found = co_await self->pass(group);
        next = co_await self->next_pass(*group, found, began);
        if (group->retry != kFirstRetry) log::info("leasing works again");
        group->retry = kFirstRetry;
      } catch (const pg::Error& error) {
        group->taken_over = false;
        if (group->retry == kFirstRetry) log::warning("leasing is interrupted", {{"error", error.what()}});
        next = steady_clock::now() + group->retry;
        group->retry = std::min(group->retry * 2, kLastRetry);
      }
      const auto ended = [&] { return self->stopped || group->subscribers == 0; };
      if (!group->woken && !ended()) co_await sleep_until(group->pause, next);
      // A wake brings the pass forward, but not to the heels of the last one.
      if (group->woken && !ended()) co_await sleep_until(group->pause, std::min(next, began + kSoon));
    }
  }
};

Dispatcher::Dispatcher(asio::any_io_executor executor, pg::Pool& pool, Options options)
    : options_(options), impl_(std::make_shared<Impl>(std::move(executor), pool, options)) {}
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
  if (dispatcher_ != nullptr) dispatcher_->impl_->unsubscribe(key_);
}

void Dispatcher::Subscription::set_demand(std::size_t capacity) {
  if (dispatcher_ == nullptr) return;
  Impl::Subscriber& subscriber = dispatcher_->impl_->subscribers.at(key_);
  const bool was_idle = subscriber.demand == 0;
  subscriber.demand = capacity;
  // Raised demand of a busy worker waits for the next pass: batches stay whole.
  if (was_idle && capacity > 0)
    dispatcher_->impl_->wake(*dispatcher_->impl_->groups.at(subscriber.region_id));
}

Dispatcher::Subscription Dispatcher::subscribe(std::int32_t worker_id, std::int16_t region_id,
                                               Deliver deliver) {
  const std::uint64_t key = impl_->next_key++;
  impl_->subscribe(key, {worker_id, region_id, 0, std::move(deliver)});
  return {this, key};
}

void Dispatcher::wake() {
  for (const auto& [region, group] : impl_->groups) impl_->wake(*group);
}

void Dispatcher::stop() {
  impl_->stopped = true;
  impl_->changed.cancel();
  for (const auto& [region, group] : impl_->groups) group->pause.cancel();
}

asio::awaitable<void> Dispatcher::run() {
  impl_->running = true;
  for (const auto& [region, group] : impl_->groups) impl_->start(group);
  while (!impl_->stopped || impl_->loops > 0)
    co_await Impl::sleep_until(impl_->changed, asio::steady_timer::time_point::max());
}

}  // namespace openseer::control
