#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"

namespace openseer::control {

// The workspaces whose results somebody looks at, on any replica: a NOTIFY holds
// up the commits of all replicas, so it is sent about these only. Replicas with
// open pages announce them on openseer_watching, again and again. Pure; one thread.
class Watched {
 public:
  static constexpr Seconds kAnnounceEvery{15};
  static constexpr Seconds kLasts{40};

  void heard(std::string_view payload, Monotonic now) {
    std::int64_t workspace_id = 0;
    const auto [end, error] = std::from_chars(payload.data(), payload.data() + payload.size(), workspace_id);
    if (error != std::errc{} || end != payload.data() + payload.size()) return;
    until_[workspace_id] = now + kLasts;
    workspaces_.insert(workspace_id);
  }
  // Announcements may have been lost: until the next ones, everything is watched.
  void missed(Monotonic now) { everything_until_ = now + kLasts; }

  // Null: all. Valid until the next call.
  const std::unordered_set<std::int64_t>* at(Monotonic now) {
    if (now < everything_until_) return nullptr;
    std::erase_if(until_, [&](const auto& entry) {
      if (entry.second > now) return false;
      workspaces_.erase(entry.first);
      return true;
    });
    return &workspaces_;
  }

 private:
  std::unordered_map<std::int64_t, Monotonic> until_;
  std::unordered_set<std::int64_t> workspaces_;  // the keys
  Monotonic everything_until_ = Monotonic::min();
};

}  // namespace openseer::control
