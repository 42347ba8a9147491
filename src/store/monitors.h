#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/monitor.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}

// Monitors, their jobs and their schedules. Every function acts within one
// workspace: a monitor of another one does not exist.
//
// What a change does to the ledger (expected = ok + failed + missed): slots that
// came due and were overtaken by the next one are missed, and are written down;
// the latest slot, which may be in flight, is withdrawn: its lease is revoked, its
// epoch ends before it. A monitor that goes on running begins a new epoch at the
// instant of the change, the same one in all its regions, and is due at once.
namespace openseer::store {

namespace asio = boost::asio;

// A completed and valid spec (domain/monitor.h), with all header values.
asio::awaitable<std::int64_t> create_monitor(pg::Pool& pool, const pki::SecretBox& secrets,
                                             std::int64_t workspace_id, domain::MonitorSpec spec);

// Replaces the whole specification. False when there is no such monitor.
asio::awaitable<bool> update_monitor(pg::Pool& pool, const pki::SecretBox& secrets, std::int64_t workspace_id,
                                     std::int64_t monitor_id, domain::MonitorSpec spec);

// Pausing what is paused, or resuming what runs, changes nothing. False when
// there is no such monitor.
asio::awaitable<bool> pause_monitor(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id);
asio::awaitable<bool> resume_monitor(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id);

// With its jobs and epochs; retention removes its results. False when there is
// no such monitor.
asio::awaitable<bool> delete_monitor(pg::Pool& pool, std::int64_t workspace_id, std::int64_t monitor_id);

struct StoredSpec {
  domain::MonitorSpec spec;  // secrets opened
  Instant created_at;
  Instant updated_at;
};
asio::awaitable<std::optional<StoredSpec>> find_spec(pg::Pool& pool, const pki::SecretBox& secrets,
                                                     std::int64_t workspace_id, std::int64_t monitor_id);

}  // namespace openseer::store
