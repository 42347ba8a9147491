#include "control/api/watch_hub.h"

#include <charconv>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace openseer::control {
namespace {

constexpr Milliseconds kGather{200};
// More than this at once, and looking at everything is cheaper.
constexpr std::size_t kMostNamed = 2000;

bool read_number(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

void WatchHub::notify(std::string_view channel, std::string_view payload) {
  if (channel.empty() || payload == "*") {
    refresh_all();
    return;
  }
  if (channel == "openseer_workers") notify_pair(std::to_string(kWorkers) + ":0");
  if (channel != "openseer_results" && channel != "openseer_monitors") return;
  while (!payload.empty()) {
    const std::size_t comma = std::min(payload.find(','), payload.size());
    notify_pair(payload.substr(0, comma));
    payload.remove_prefix(std::min(comma + 1, payload.size()));
  }
}

void WatchHub::notify_pair(std::string_view pair) {
  const std::size_t colon = pair.find(':');
  if (colon == std::string_view::npos) return;
  std::int64_t workspace_id = 0;
  std::int64_t monitor_id = 0;
  if (!read_number(pair.substr(0, colon), workspace_id) || !read_number(pair.substr(colon + 1), monitor_id))
    return;
  const auto found = by_workspace_.find(workspace_id);
  if (found == by_workspace_.end()) return;
  for (Interest* interest : found->second) interest->add(monitor_id);
}

void WatchHub::refresh_all() {
  for (auto& [workspace_id, interests] : by_workspace_) {
    for (Interest* interest : interests) interest->add_everything();
  }
}

std::vector<std::int64_t> WatchHub::workspaces() const {
  std::vector<std::int64_t> ids;
  for (const auto& [workspace_id, interests] : by_workspace_) ids.push_back(workspace_id);
  return ids;
}

WatchHub::Interest::Interest(WatchHub& hub, std::int64_t workspace_id, std::optional<std::int64_t> monitor_id)
    : hub_(hub), workspace_id_(workspace_id), monitor_id_(monitor_id), timer_(hub.executor_) {
  auto& interests = hub_.by_workspace_[workspace_id_];
  interests.insert(this);
  ++hub_.count_;
  if (interests.size() == 1 && hub_.on_workspace_) hub_.on_workspace_();
}

WatchHub::Interest::~Interest() {
  const auto found = hub_.by_workspace_.find(workspace_id_);
  found->second.erase(this);
  if (found->second.empty()) hub_.by_workspace_.erase(found);
  --hub_.count_;
}

void WatchHub::Interest::add(std::int64_t monitor_id) {
  if (monitor_id_ && *monitor_id_ != monitor_id) return;
  if (everything_) return;
  changed_.insert(monitor_id);
  if (changed_.size() > kMostNamed) {
    add_everything();
  } else {
    timer_.cancel();
  }
}

void WatchHub::Interest::add_everything() {
  everything_ = true;
  changed_.clear();
  timer_.cancel();
}

WatchHub::Changes WatchHub::Interest::take() {
  Changes changes;
  changes.everything = std::exchange(everything_, false);
  changes.monitors.assign(changed_.begin(), changed_.end());
  changed_.clear();
  return changes;
}

asio::awaitable<WatchHub::Changes> WatchHub::Interest::wait(Monotonic deadline) {
  while (true) {
    const Monotonic now = std::chrono::steady_clock::now();
    const bool ready = has_changes() && now >= quiet_until_;
    if (ready) quiet_until_ = now + kGather;
    if (ready || now >= deadline) co_return ready ? take() : Changes{};
    // Cancelled by the next change; a cancelled coroutine leaves at the next await.
    timer_.expires_at(has_changes() ? std::min(quiet_until_, deadline) : deadline);
    boost::system::error_code woken;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

}  // namespace openseer::control
