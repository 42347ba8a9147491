#include "control/ingest/committer.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/lease/queue_vacuum.h"
#include "pg/error.h"
#include "store/jobs.h"

namespace openseer::control {
namespace {

// Commits under way: while one waits for the disk another one works.
constexpr std::size_t kMostFlushes = 2;

}  // namespace

struct Committer::Impl {
  // One caller's results, waiting for their commit.
  struct Waiting {
    std::int32_t worker_id = 0;
    std::vector<domain::LeasedResult> results;
    std::vector<domain::Acceptance> acceptances;
    std::exception_ptr failure;
    bool done = false;
    asio::steady_timer signal;
    explicit Waiting(const asio::any_io_executor& executor)
        : signal(executor, asio::steady_timer::time_point::max()) {}
  };
  using WaitingPtr = std::shared_ptr<Waiting>;

  asio::any_io_executor executor;
  pg::Pool& pool;
  Options options;
  std::vector<WaitingPtr> gathered;
  std::size_t gathered_results = 0;
  std::size_t flushing = 0;  // flush() that run
  bool closed = false;
  asio::steady_timer gather_timer;
  asio::steady_timer idle;  // cancelled when a flush ends

  Impl(asio::any_io_executor e, pg::Pool& p, Options o)
      : executor(e), pool(p), options(o), gather_timer(e), idle(e, asio::steady_timer::time_point::max()) {}

  asio::awaitable<void> commit_batch(std::vector<WaitingPtr> batch) {
    std::vector<std::int32_t> workers;
    std::vector<domain::LeasedResult> results;
    for (const WaitingPtr& waiting : batch) {
      workers.insert(workers.end(), waiting->results.size(), waiting->worker_id);
      for (domain::LeasedResult& result : waiting->results) results.push_back(std::move(result));
    }
    const auto* watched =
        options.watched == nullptr ? nullptr : options.watched->at(std::chrono::steady_clock::now());
    try {
      const std::vector<domain::Acceptance> all =
          co_await store::commit_results(pool, std::move(workers), std::move(results), watched);
      if (options.vacuum != nullptr) options.vacuum->committed(all.size());
      auto next = all.begin();
      for (const WaitingPtr& waiting : batch) {
        const auto count = static_cast<std::ptrdiff_t>(waiting->results.size());
        waiting->acceptances.assign(next, next + count);
        next += count;
      }
    } catch (...) {
      for (const WaitingPtr& waiting : batch) waiting->failure = std::current_exception();
    }
    for (const WaitingPtr& waiting : batch) {
      waiting->done = true;
      waiting->signal.cancel();
    }
  }

  // The oldest of what is gathered, about one batch.
  std::vector<WaitingPtr> take_batch() {
    std::size_t results = 0;
    auto end = gathered.begin();
    while (end != gathered.end() && results < options.batch) results += (*end++)->results.size();
    std::vector<WaitingPtr> batch(std::make_move_iterator(gathered.begin()), std::make_move_iterator(end));
    gathered.erase(gathered.begin(), end);
    gathered_results -= results;
    return batch;
  }

  // Waits until enough is gathered or long enough, then commits; until nothing is left.
  static asio::awaitable<void> flush(std::shared_ptr<Impl> self) {
    boost::system::error_code ignored;
    while (!self->gathered.empty()) {
      if (self->gathered_results < self->options.batch && !self->closed) {
        self->gather_timer.expires_after(self->options.gather);
        co_await self->gather_timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      }
      if (!self->gathered.empty()) co_await self->commit_batch(self->take_batch());
    }
    --self->flushing;
    self->idle.cancel();
  }

  static asio::awaitable<std::vector<domain::Acceptance>> commit(std::shared_ptr<Impl> self,
                                                                 WaitingPtr waiting) {
    if (self->closed) throw pg::Unavailable("this replica is shutting down");
    self->gathered.push_back(waiting);
    self->gathered_results += waiting->results.size();
    const bool enough = self->gathered_results >= self->options.batch;
    if (enough) self->gather_timer.cancel();
    if (self->flushing == 0 || (enough && self->flushing < kMostFlushes)) {
      ++self->flushing;
      asio::co_spawn(self->executor, flush(self), asio::detached);
    }
    boost::system::error_code cancelled;
    while (!waiting->done) {
      co_await waiting->signal.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) throw boost::system::system_error(cancelled);
    }
    if (waiting->failure) std::rethrow_exception(waiting->failure);
    co_return std::move(waiting->acceptances);
  }
};

Committer::Committer(asio::any_io_executor executor, pg::Pool& pool, Options options)
    : impl_(std::make_shared<Impl>(std::move(executor), pool, options)) {}
Committer::~Committer() = default;

asio::awaitable<std::vector<domain::Acceptance>> Committer::commit(
    std::int32_t worker_id, std::vector<domain::LeasedResult> results) {
  auto waiting = std::make_shared<Impl::Waiting>(impl_->executor);
  waiting->worker_id = worker_id;
  waiting->results = std::move(results);
  co_return co_await Impl::commit(impl_, std::move(waiting));
}

asio::awaitable<void> Committer::drain() {
  impl_->closed = true;
  impl_->gather_timer.cancel();
  boost::system::error_code ignored;
  while (impl_->flushing > 0) {
    co_await impl_->idle.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

}  // namespace openseer::control
