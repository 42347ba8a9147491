#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "domain/monitor.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}

// What a worker needs to know of a monitor.
namespace openseer::store {

namespace asio = boost::asio;

struct VersionedSpec {
  std::int64_t monitor_id = 0;
  std::int64_t version = 0;
  std::shared_ptr<const domain::MonitorSpec> spec;  // without regions: the job has its own
};

// The present specifications of those monitors that exist, secrets opened.
asio::awaitable<std::vector<VersionedSpec>> load_specs(pg::Pool& pool, const pki::SecretBox& secrets,
                                                       std::vector<std::int64_t> monitor_ids);

}  // namespace openseer::store
