#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/lease.h"
#include "store/audit.h"

namespace openseer::pg {
class Pool;
}

// Regions, enrolment tokens and workers.
namespace openseer::store {

namespace asio = boost::asio;

struct Region {
  std::int16_t id = 0;
  std::string name;
  std::int64_t workers_online = 0;
  std::int64_t in_flight = 0;
  double checks_per_second = 0;
};

struct Worker {
  std::int32_t id = 0;
  std::string name;
  std::string region;
  std::int16_t region_id = 0;
  std::string version;
  bool online = false;  // seen within the last 30 s
  Instant enrolled_at;
  std::optional<Instant> last_seen_at;
  Instant certificate_expires_at;
  std::optional<Instant> revoked_at;
  std::int32_t in_flight = 0;    // checks that it has; 0 while offline
  double checks_per_second = 0;  // results that it sent lately; 0 while offline
};

struct EnrollmentToken {
  std::int64_t id = 0;
  std::string region;
  std::int32_t uses_left = 0;
  Instant created_at;
  Instant expires_at;
};

asio::awaitable<std::vector<Region>> list_regions(pg::Pool& pool);
asio::awaitable<std::vector<Worker>> list_workers(pg::Pool& pool);
// Nothing when there is no such worker.
asio::awaitable<std::optional<Worker>> find_worker(pg::Pool& pool, std::int32_t id);
// False when there is no such worker. Also NOTIFYs openseer_workers.
asio::awaitable<bool> revoke_worker(pg::Pool& pool, std::int32_t id, const Actor& by);

// Makes the region when it is new. `token_hash` is SHA-256, raw.
asio::awaitable<EnrollmentToken> create_token(pg::Pool& pool, std::string region, std::string token_hash,
                                              std::int32_t uses, Seconds lifetime, const Actor& by);
asio::awaitable<std::vector<EnrollmentToken>> list_tokens(pg::Pool& pool);
asio::awaitable<bool> revoke_token(pg::Pool& pool, std::int64_t id, const Actor& by);

// Uses the token once and makes the worker row; nothing when the token is
// unknown, expired, used up or revoked (one statement, so that a token of one
// use lets one worker in however many try at once).
// `by` is the machine: its address.
asio::awaitable<std::optional<Worker>> enroll(pg::Pool& pool, std::string token_hash, std::string name,
                                              Instant certificate_expires_at, Actor by);
// What a connected worker does now.
struct WorkerFigures {
  std::int32_t id = 0;
  std::int32_t in_flight = 0;
  double checks_per_second = 0;
};
// Every few seconds while they are connected, in one statement for all; each
// worker once.
asio::awaitable<void> touch_workers(pg::Pool& pool, std::vector<WorkerFigures> figures);
asio::awaitable<void> set_worker_version(pg::Pool& pool, std::int32_t id, std::string version);
asio::awaitable<void> set_certificate_expiry(pg::Pool& pool, std::int32_t id, Instant expires_at);
// Those of `ids` that are revoked.
asio::awaitable<std::vector<std::int32_t>> revoked_among(pg::Pool& pool, std::vector<std::int32_t> ids);

}  // namespace openseer::store
