#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/watch_hub.h"
#include "control/api/watch_stream.h"
#include "domain/state.h"
#include "store/monitor_views.h"
#include "store/overview.h"

namespace openseer::control {

// The live list: the monitors of a workspace, all or those wanted, and the overview.
class ListWatch {
 public:
  ListWatch(WatchHub& hub, WatchStream& stream, std::optional<std::vector<std::int64_t>> wanted);
  // Until the client goes (cancelled or not) or the session ends.
  asio::awaitable<Result<void>> run();

 private:
  bool is_wanted(std::int64_t id) const;
  asio::awaitable<void> send_everything();
  asio::awaitable<void> send_all_monitors();
  asio::awaitable<void> send_changed(std::vector<std::int64_t> ids);
  asio::awaitable<void> send_summaries(const std::vector<store::MonitorSummary>& summaries);
  asio::awaitable<void> send_deleted(std::int64_t id);
  asio::awaitable<void> send_overview();
  asio::awaitable<void> recheck_states();

  WatchHub& hub_;
  WatchStream& stream_;
  std::optional<std::vector<std::int64_t>> wanted_;  // ascending
  // What the client has been told; it says what is gone, and what went quiet.
  std::unordered_map<std::int64_t, domain::MonitorState> shown_;
  std::optional<store::Overview> overview_;
  bool overview_stale_ = false;
  Monotonic overview_at_{};
};

}  // namespace openseer::control
