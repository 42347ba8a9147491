#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/lease.h"

namespace openseer::pg {
class Pool;
}

// Stage one: due jobs become leases of connected workers.
namespace openseer::control {

namespace asio = boost::asio;

// Gathers the demand of this replica's workers and leases jobs for them in
// batches, a little before they are due: at once when a NOTIFY says that something
// became due, otherwise in time for the next job, never more often than every few
// tens of milliseconds. Regions are served beside each other, and while capacity
// is short, queues share it. Owned by app; runs on the control plane's executor
// (one thread); call everything from there.
class Dispatcher {
 public:
  struct Options {
    Milliseconds lease_duration{15'000};
    std::size_t batch = 1000;  // the most that one statement leases
  };
  // Jobs leased for the subscriber, about as many as it asked for at most. Called on
  // the executor; must not block.
  using Deliver = std::function<void(std::vector<domain::LeasedJob>)>;

  Dispatcher(asio::any_io_executor executor, pg::Pool& pool, Options options);
  ~Dispatcher();

  // A worker's stream, while it lives. Movable; unsubscribes when destroyed.
  // Jobs delivered before that stay leased: they are returned or expire.
  class Subscription {
   public:
    // Replaces the open demand: how many more jobs the worker can take.
    void set_demand(std::size_t capacity);
    Subscription() = default;
    Subscription(Subscription&&) noexcept;
    Subscription& operator=(Subscription&&) noexcept;
    ~Subscription();

   private:
    friend class Dispatcher;
    Subscription(Dispatcher* dispatcher, std::uint64_t key);
    Dispatcher* dispatcher_ = nullptr;
    std::uint64_t key_ = 0;
  };
  Subscription subscribe(std::int32_t worker_id, std::int16_t region_id, Deliver deliver);

  // Something may be due now (a NOTIFY, a returned job).
  void wake();
  Milliseconds lease_duration() const { return options_.lease_duration; }

  // Leases until stop(); survives a database that is away (retries with back-off).
  asio::awaitable<void> run();
  void stop();

 private:
  struct Impl;
  Options options_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace openseer::control
