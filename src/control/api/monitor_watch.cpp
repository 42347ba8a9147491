#include "control/api/monitor_watch.h"

#include "control/api/answers.h"
#include "control/api/monitor_lookup.h"
#include "control/api/monitor_service.h"

namespace openseer::control {
namespace {

constexpr std::size_t kFirstResults = 50;
// Between two looks, 200 ms apart: far more than can arrive.
constexpr std::size_t kMoreResults = 100;

Monotonic now() { return std::chrono::steady_clock::now(); }

}  // namespace

asio::awaitable<Result<void>> MonitorWatch::run() {
  // Before the first look, so that no change falls in between.
  WatchHub::Interest interest(hub_, stream_.workspace_id(), view_.monitor_id);
  if (!co_await send_monitor()) co_return no_such_monitor();
  co_await send_results(kFirstResults);
  co_await send_charts();
  v1::WatchResponse ready;
  ready.mutable_ready();
  co_await stream_.send(std::move(ready));

  while (!stream_.gone()) {
    const Monotonic next =
        charts_stale_ ? std::min(stream_.next(), charts_at_ + charts_pace_) : stream_.next();
    const WatchHub::Changes changes = co_await interest.wait(next);
    if (changes.any() || stream_.is_recheck_due()) {
      if (!co_await send_monitor()) {
        co_await send_deleted();
        break;
      }
    }
    if (changes.any()) {
      co_await send_results(kMoreResults);
      charts_stale_ = true;
    }
    if (charts_stale_ && now() >= charts_at_ + charts_pace_) co_await send_charts();
    const Result<void> standing = co_await stream_.keep();
    if (!standing) co_return standing.error();
  }
  co_return Result<void>();
}

asio::awaitable<bool> MonitorWatch::send_monitor() {
  Result<v1::Monitor> monitor =
      co_await load_monitor(stream_.pool(), secrets_, stream_.workspace_id(), view_.monitor_id);
  if (!monitor) co_return false;
  std::string bytes = monitor->SerializeAsString();
  if (bytes == shown_monitor_) co_return true;
  shown_monitor_ = std::move(bytes);
  v1::WatchResponse event;
  *event.mutable_monitor() = std::move(*monitor);
  co_await stream_.send(std::move(event));
  co_return true;
}

// Regions finish a slot in any order, so what is new is what was not among the
// latest before.
asio::awaitable<void> MonitorWatch::send_results(std::size_t most) {
  const std::vector<StoredResult> latest =
      co_await list_results(stream_.pool(), stream_.workspace_id(), view_.monitor_id, std::nullopt, most);
  std::set<std::pair<Instant, std::int64_t>> seen;
  v1::WatchResponse event;
  v1::WatchResponse::Results& results = *event.mutable_results();
  for (auto result = latest.rbegin(); result != latest.rend(); ++result) {
    const std::pair key(result->slot, result->job_id);
    const bool before_first = !shown_results_.empty() && key < *shown_results_.begin();
    if (!before_first && !shown_results_.contains(key)) *results.add_results() = to_proto(*result);
    seen.insert(key);
  }
  shown_results_ = std::move(seen);
  if (results.results_size() > 0) co_await stream_.send(std::move(event));
}

asio::awaitable<void> MonitorWatch::send_charts() {
  const Latency line = co_await latency(stream_.pool(), stream_.workspace_id(), view_.monitor_id, view_.range,
                                        view_.by_region);
  v1::WatchResponse chart;
  *chart.mutable_latency() = to_proto(line, to_proto(view_.range));
  co_await stream_.send(std::move(chart));

  const std::vector<UptimeWindow> windows =
      co_await uptime(stream_.pool(), stream_.workspace_id(), view_.monitor_id);
  v1::WatchResponse event;
  for (const UptimeWindow& window : windows) *event.mutable_uptime()->add_windows() = to_proto(window);
  co_await stream_.send(std::move(event));

  // A chart moves by a sixtieth of a bucket at a time, or there is nothing to see.
  charts_pace_ = std::max(Seconds{1}, line.bucket / 60);
  charts_at_ = now();
  charts_stale_ = false;
}

asio::awaitable<void> MonitorWatch::send_deleted() {
  v1::WatchResponse event;
  event.mutable_monitor_deleted()->set_monitor_id(std::to_string(view_.monitor_id));
  co_await stream_.send(std::move(event));
}

}  // namespace openseer::control
