#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "domain/lease.h"
#include "domain/monitor.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}

namespace openseer::control {

namespace asio = boost::asio;

// Monitors' specifications by (id, version), secrets opened, so that a lease
// returns only ids. Bounded in bytes: what has not been asked for while half of
// that was filled anew is forgotten. Owned by app; runs on the control plane's
// executor.
class SpecCache {
 public:
  SpecCache(pg::Pool& pool, const pki::SecretBox& secrets, std::size_t bytes = 32U << 20U);

  using Spec = std::shared_ptr<const domain::MonitorSpec>;
  using Specs = std::unordered_map<std::int64_t, Spec>;  // by monitor
  // The specifications of `jobs` that are still at the lease's version. A monitor
  // that is not there has been deleted or changed, which has revoked its lease: the
  // job is to be dropped.
  asio::awaitable<Specs> get(std::vector<domain::LeasedJob> jobs);

  std::size_t bytes() const { return bytes_ + older_bytes_; }

 private:
  struct Entry {
    std::int64_t version = 0;
    Spec spec;
  };
  using Entries = std::unordered_map<std::int64_t, Entry>;
  const Entry* find(std::int64_t monitor_id);
  void put(std::int64_t monitor_id, Entry entry);

  pg::Pool& pool_;
  const pki::SecretBox& secrets_;
  std::size_t limit_;
  Entries entries_, older_;
  std::size_t bytes_ = 0;
  std::size_t older_bytes_ = 0;
};

}  // namespace openseer::control
