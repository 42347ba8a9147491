#include "store/catch_up.h"

#include <optional>

#include "base/clock.h"
#include "pg/pool.h"
#include "store/lease_columns.h"

namespace openseer::store {
namespace {

// The outage is as long as the oldest jobs have waited, but for a few of which
// something else is the matter.
const pg::Statement kOutage{"catch_up_outage", R"(
SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY now() - next_attempt_at)
FROM app.jobs WHERE region_id = $1 AND next_attempt_at <= now() AND )" NOT_LEASED};

// Rows that others hold are being leased or committed.
const pg::Statement kSpread{"catch_up_spread", R"(
UPDATE app.jobs SET next_attempt_at = now() + random() * least($2::interval, every)
WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM app.jobs
  WHERE region_id = $1 AND next_attempt_at <= now() - $3::interval AND )" NOT_LEASED R"(
  LIMIT $4 FOR UPDATE SKIP LOCKED)))"};

constexpr Milliseconds kUsual{250};  // so late is nobody's absence
constexpr Microseconds kLongest = std::chrono::minutes{5};
constexpr std::int64_t kBatch = 20'000;

}  // namespace

asio::awaitable<void> spread_overdue(pg::Pool& pool, std::int16_t region_id) {
  const pg::Rows rows = co_await pool.query(kOutage, pg::bind(region_id));
  const auto outage = rows[0].get<std::optional<Microseconds>>(0);
  if (!outage || *outage < 2 * kUsual) co_return;
  const Microseconds over = std::min(*outage, kLongest);
  while (true) {
    const pg::Rows spread = co_await pool.query(kSpread, pg::bind(region_id, over, kUsual, kBatch));
    if (spread.affected() < kBatch) co_return;
  }
}

}  // namespace openseer::store
