#include "store/results.h"

#include "pg/pool.h"
#include "store/result_columns.h"

namespace openseer::store {
namespace {

// By the epochs, which outlive a job whose region was taken off its monitor.
const pg::Statement kFind{"results_find", "SELECT r.job_id, r.slot, r.worker_id, " RESULT_COLUMNS R"(
FROM ts.results_raw r
WHERE r.slot = $4 AND r.job_id = ANY (ARRAY(
  SELECT e.job_id FROM app.job_epochs e
  JOIN app.monitors m ON m.id = e.monitor_id JOIN app.regions g ON g.id = e.region_id
  WHERE m.workspace_id = $1 AND e.monitor_id = $2 AND g.name = $3))
LIMIT 1)"};

const pg::Statement kEvidence{"results_evidence",
                              "SELECT r.attempt, r.evidence, r.worker_id, " RESULT_COLUMNS
                              " FROM ts.evidence r WHERE r.slot = $1 AND r.job_id = $2 ORDER BY r.attempt"};

}  // namespace

asio::awaitable<std::optional<RawResult>> find_result(pg::Pool& pool, std::int64_t workspace_id,
                                                      std::int64_t monitor_id, std::string region,
                                                      Instant slot) {
  const pg::Rows rows = co_await pool.query(kFind, pg::bind(workspace_id, monitor_id, region, slot));
  if (rows.empty()) co_return std::nullopt;
  const pg::Row row = rows[0];
  co_return RawResult{row.get<std::int64_t>(0), row.get<Instant>(1), row.get<std::int32_t>(2),
                      read_check(row, 3)};
}

asio::awaitable<Kept> load_evidence(pg::Pool& pool, std::int64_t job_id, Instant slot) {
  const pg::Rows rows = co_await pool.query(kEvidence, pg::bind(slot, job_id));
  Kept kept;
  for (const pg::Row row : rows) {
    std::optional<pg::Bytes> evidence = row.get<std::optional<pg::Bytes>>(1);
    std::string bytes = evidence ? std::move(evidence->data) : std::string();
    if (row.get<std::int16_t>(0) == 0)
      kept.evidence = std::move(bytes);
    else
      kept.attempts.push_back(
          {{job_id, slot, row.get<std::int32_t>(2), read_check(row, 3)}, std::move(bytes)});
  }
  co_return kept;
}

}  // namespace openseer::store
