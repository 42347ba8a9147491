#include "control/api/list_watch.h"

#include <unordered_set>

#include "control/api/answers.h"

namespace openseer::control {
namespace {

constexpr std::size_t kPage = 500;
constexpr Seconds kOverviewPace{1};
constexpr std::size_t kMostQuiet = 100'000;

Monotonic now() { return std::chrono::steady_clock::now(); }

}  // namespace

ListWatch::ListWatch(WatchHub& hub, WatchStream& stream, std::optional<std::vector<std::int64_t>> wanted)
    : hub_(hub), stream_(stream), wanted_(std::move(wanted)) {
  if (wanted_) std::sort(wanted_->begin(), wanted_->end());
}

bool ListWatch::is_wanted(std::int64_t id) const {
  return !wanted_ || std::binary_search(wanted_->begin(), wanted_->end(), id);
}

asio::awaitable<Result<void>> ListWatch::run() {
  // Before the first look, so that no change falls in between.
  WatchHub::Interest interest(hub_, stream_.workspace_id(), std::nullopt);
  co_await send_everything();
  co_await send_overview();
  v1::WatchResponse ready;
  ready.mutable_ready();
  co_await stream_.send(std::move(ready));

  while (!stream_.gone()) {
    const Monotonic next =
        overview_stale_ ? std::min(stream_.next(), overview_at_ + kOverviewPace) : stream_.next();
    const WatchHub::Changes changes = co_await interest.wait(next);
    if (changes.everything) {
      co_await send_everything();
    } else if (changes.any()) {
      co_await send_changed(changes.monitors);
    }
    if (stream_.is_recheck_due()) co_await recheck_states();
    if (overview_stale_ && now() >= overview_at_ + kOverviewPace) co_await send_overview();
    const Result<void> standing = co_await stream_.keep();
    if (!standing) co_return standing.error();
  }
  co_return Result<void>();
}

asio::awaitable<void> ListWatch::send_everything() {
  if (wanted_) {
    overview_stale_ = true;
    co_await send_changed(*wanted_);
  } else {
    co_await send_all_monitors();
  }
}

asio::awaitable<void> ListWatch::send_all_monitors() {
  std::unordered_set<std::int64_t> missing;
  for (const auto& [id, state] : shown_) missing.insert(id);
  store::ListCursor after;
  while (!stream_.gone()) {
    const store::MonitorPage page = co_await store::list_monitors(stream_.pool(), stream_.workspace_id(), {},
                                                                  store::ListOrder::kName, after, kPage);
    co_await send_summaries(page.monitors);
    for (const store::MonitorSummary& summary : page.monitors) missing.erase(summary.id);
    if (page.monitors.size() < kPage) break;
    after = page.monitors.back().cursor;
  }
  for (const std::int64_t id : missing) co_await send_deleted(id);
}

asio::awaitable<void> ListWatch::send_changed(std::vector<std::int64_t> ids) {
  // The overview is of all monitors, whichever are shown.
  overview_stale_ = overview_stale_ || !ids.empty();
  std::erase_if(ids, [this](std::int64_t id) { return !is_wanted(id); });
  for (std::size_t begin = 0; begin < ids.size() && !stream_.gone(); begin += kPage) {
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<std::int64_t> part(
        first, first + static_cast<std::ptrdiff_t>(std::min(kPage, ids.size() - begin)));
    const std::vector<store::MonitorSummary> found =
        co_await store::find_monitors(stream_.pool(), stream_.workspace_id(), part);
    std::unordered_set<std::int64_t> missing(part.begin(), part.end());
    for (const store::MonitorSummary& summary : found) missing.erase(summary.id);
    co_await send_summaries(found);
    for (const std::int64_t id : missing) co_await send_deleted(id);
  }
}

asio::awaitable<void> ListWatch::send_summaries(const std::vector<store::MonitorSummary>& summaries) {
  for (const store::MonitorSummary& summary : summaries) {
    v1::WatchResponse event;
    *event.mutable_monitor_changed() = to_proto(summary);
    co_await stream_.send(std::move(event));
    shown_[summary.id] = summary.state;
    overview_stale_ = true;
  }
}

asio::awaitable<void> ListWatch::send_deleted(std::int64_t id) {
  if (shown_.erase(id) == 0) co_return;
  overview_stale_ = true;
  v1::WatchResponse event;
  event.mutable_monitor_deleted()->set_monitor_id(std::to_string(id));
  co_await stream_.send(std::move(event));
}

asio::awaitable<void> ListWatch::send_overview() {
  const store::Overview overview = co_await store::overview(stream_.pool(), stream_.workspace_id());
  overview_at_ = now();
  overview_stale_ = false;
  if (overview_ == overview) co_return;
  overview_ = overview;
  v1::WatchResponse event;
  *event.mutable_overview() = to_proto(overview);
  co_await stream_.send(std::move(event));
}

// Going quiet is no event: nothing says so but the time. Workers come and go
// without a word to the views, too.
asio::awaitable<void> ListWatch::recheck_states() {
  const std::vector<std::int64_t> quiet =
      co_await store::list_without_data(stream_.pool(), stream_.workspace_id(), kMostQuiet);
  std::vector<std::int64_t> news;
  for (const std::int64_t id : quiet) {
    if (!is_wanted(id)) continue;
    const auto known = shown_.find(id);
    if (known == shown_.end() || known->second != domain::MonitorState::kNoData) news.push_back(id);
  }
  co_await send_changed(std::move(news));
  overview_stale_ = true;
}

}  // namespace openseer::control
