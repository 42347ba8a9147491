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
// returns only ids. Owned by app; runs on the control plane's executor.
class SpecCache {
 public:
  SpecCache(pg::Pool& pool, const pki::SecretBox& secrets, std::size_t capacity = 200'000);

  using Spec = std::shared_ptr<const domain::MonitorSpec>;
  // The specifications of `jobs`, in their order; null for a monitor that has
  // been deleted or has moved on to another version (the job is then dropped:
  // the change has revoked its lease).
  asio::awaitable<std::vector<Spec>> get(const std::vector<domain::LeasedJob>& jobs);

 private:
  struct Entry {
    std::int64_t version = 0;
    Spec spec;
  };
  pg::Pool& pool_;
  const pki::SecretBox& secrets_;
  std::size_t capacity_;
  std::unordered_map<std::int64_t, Entry> entries_;
};

}  // namespace openseer::control
