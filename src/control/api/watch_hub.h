#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"

namespace openseer::control {

namespace asio = boost::asio;

// Tells live views what has changed, so that they read it and nothing polls.
// Fed with the database's notifications. Owned by the API; runs on its executor.
class WatchHub {
 public:
  explicit WatchHub(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  WatchHub(const WatchHub&) = delete;
  WatchHub& operator=(const WatchHub&) = delete;

  // Channels openseer_results and openseer_monitors: "<workspace>:<monitor>",
  // several with commas between, or "*" for too many to name. openseer_workers: something. An empty channel:
  // some may have been lost. Other channels are not for the views.
  void notify(std::string_view channel, std::string_view payload);

  // What has changed since the last look.
  struct Changes {
    bool everything = false;
    std::vector<std::int64_t> monitors;
    bool any() const { return everything || !monitors.empty(); }
  };

  // A view's interest in a workspace, or in one monitor of it, while it lives.
  // The hub must outlive it.
  class Interest {
   public:
    Interest(WatchHub& hub, std::int64_t workspace_id, std::optional<std::int64_t> monitor_id);
    ~Interest();
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;

    // Waits for changes, until `deadline` at most. Changes are gathered: they
    // are given at most once in 200 ms.
    asio::awaitable<Changes> wait(Monotonic deadline);

   private:
    friend class WatchHub;
    void add(std::int64_t monitor_id);
    void add_everything();
    bool has_changes() const { return everything_ || !changed_.empty(); }
    Changes take();

    WatchHub& hub_;
    std::int64_t workspace_id_;
    std::optional<std::int64_t> monitor_id_;
    bool everything_ = false;
    std::unordered_set<std::int64_t> changed_;
    Monotonic quiet_until_{};
    asio::steady_timer timer_;
  };

  std::size_t interests() const { return count_; }
  // Those with interests, and what is told when one more has: replicas that
  // commit results have to know.
  std::vector<std::int64_t> workspaces() const;
  void on_workspace(std::function<void()> told) { on_workspace_ = std::move(told); }

  // The workspace whose Interest hears of the workers (channel openseer_workers);
  // no real one has it.
  static constexpr std::int64_t kWorkers = 0;

 private:
  void notify_pair(std::string_view pair);
  void refresh_all();

  asio::any_io_executor executor_;
  std::unordered_map<std::int64_t, std::unordered_set<Interest*>> by_workspace_;
  std::size_t count_ = 0;
  std::function<void()> on_workspace_;
};

}  // namespace openseer::control
