#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/monitor.h"
#include "store/audit.h"

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
                                             std::int64_t workspace_id, domain::MonitorSpec spec,
                                             const Actor& by);

// Replaces the whole specification; `changes` are what differs, for the audit log.
// False when there is no such monitor.
asio::awaitable<bool> update_monitor(pg::Pool& pool, const pki::SecretBox& secrets, std::int64_t workspace_id,
                                     std::int64_t monitor_id, domain::MonitorSpec spec,
                                     std::vector<FieldChange> changes, const Actor& by);

// One change to many monitors at once, in one transaction: to all or, when the
// workspace lacks one of them (nothing is returned then), to none. How many have
// changed: pausing what is paused, or resuming what runs, changes nothing.
using Changed = std::optional<std::int64_t>;
asio::awaitable<Changed> pause_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                        std::vector<std::int64_t> ids, const Actor& by);
asio::awaitable<Changed> resume_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                         std::vector<std::int64_t> ids, const Actor& by);
// With their jobs and epochs; retention removes their results.
asio::awaitable<Changed> delete_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                         std::vector<std::int64_t> ids, const Actor& by);
// Adds tags and takes others away. A refusal when a monitor would have more than
// `most`.
asio::awaitable<Result<Changed>> tag_monitors(pg::Pool& pool, std::int64_t workspace_id,
                                              std::vector<std::int64_t> ids, std::vector<std::string> add,
                                              std::vector<std::string> remove, std::int32_t most,
                                              const Actor& by);

struct StoredSpec {
  domain::MonitorSpec spec;  // secrets opened
  Instant created_at;
  Instant updated_at;
};
asio::awaitable<std::optional<StoredSpec>> find_spec(pg::Pool& pool, const pki::SecretBox& secrets,
                                                     std::int64_t workspace_id, std::int64_t monitor_id);

}  // namespace openseer::store
