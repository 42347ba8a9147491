#include "control/api/worker_watch.h"

#include "control/api/answers.h"
#include "control/api/watch_hub.h"
#include "control/api/watch_stream.h"
#include "store/workers.h"

namespace openseer::control {
namespace {

constexpr Milliseconds kPace{2'000};
constexpr Milliseconds kFresh{1'000};

Monotonic now() { return std::chrono::steady_clock::now(); }

}  // namespace

asio::awaitable<WorkerBoard::Snapshot> WorkerBoard::look() {
  if (latest_ && now() < read_at_ + kFresh) co_return latest_;
  const std::vector<store::Region> regions = co_await store::list_regions(pool_);
  const std::vector<store::Worker> workers = co_await store::list_workers(pool_);
  auto snapshot = std::make_shared<v1::WatchResponse::Workers>();
  for (const store::Region& region : regions) *snapshot->add_regions() = to_proto(region);
  for (const store::Worker& worker : workers) *snapshot->add_workers() = to_proto(worker);
  latest_ = std::move(snapshot);
  read_at_ = now();
  co_return latest_;
}

asio::awaitable<Result<void>> WorkerWatch::run() {
  WatchHub::Interest interest(hub_, WatchHub::kWorkers, std::nullopt);
  co_await send_changed();
  v1::WatchResponse ready;
  ready.mutable_ready();
  co_await stream_.send(std::move(ready));
  while (!stream_.gone()) {
    co_await interest.wait(std::min(stream_.next(), now() + kPace));
    co_await send_changed();
    const Result<void> standing = co_await stream_.keep();
    if (!standing) co_return standing.error();
  }
  co_return Result<void>();
}

asio::awaitable<void> WorkerWatch::send_changed() {
  const WorkerBoard::Snapshot snapshot = co_await board_.look();
  v1::WatchResponse event;
  *event.mutable_workers() = *snapshot;
  if (!with_workers_) event.mutable_workers()->clear_workers();
  std::string bytes = event.SerializeAsString();
  if (bytes == shown_) co_return;
  shown_ = std::move(bytes);
  co_await stream_.send(std::move(event));
}

}  // namespace openseer::control
