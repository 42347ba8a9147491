#include "store/check_orders.h"

#include "pg/pool.h"

namespace openseer::store {
namespace {

// Old rows count towards the limit of a minute, then they go.
const pg::Statement kDropOld{"check_orders_drop_old",
                             "DELETE FROM app.check_orders WHERE created_at < now() - interval '5 min'"};
const pg::Statement kAdd{"check_orders_add", R"(
INSERT INTO app.check_orders (workspace_id, region_id, spec_sealed)
SELECT $1, $2, $3
WHERE (SELECT count(*) FROM app.check_orders
       WHERE workspace_id = $1 AND created_at > now() - interval '1 min') < $4
RETURNING id, pg_notify('openseer_checks', 'order:' || id || ':' || region_id)::text)"};

const pg::Statement kClaim{"check_orders_claim", R"(
UPDATE app.check_orders SET claimed_by = $2
WHERE id = $1 AND claimed_by IS NULL AND spec_sealed IS NOT NULL RETURNING spec_sealed)"};

const pg::Statement kRelease{"check_orders_release", R"(
UPDATE app.check_orders SET claimed_by = NULL
WHERE id = ANY ($2::bigint[]) AND claimed_by = $1 AND spec_sealed IS NOT NULL AND report_sealed IS NULL
RETURNING pg_notify('openseer_checks', 'order:' || id || ':' || region_id)::text)"};

const pg::Statement kReport{"check_orders_report", R"(
UPDATE app.check_orders SET report_sealed = $3
WHERE id = $1 AND claimed_by = $2 AND spec_sealed IS NOT NULL AND report_sealed IS NULL
RETURNING pg_notify('openseer_checks', 'report:' || id)::text)"};

const pg::Statement kState{"check_orders_state", R"(
SELECT claimed_by IS NOT NULL, report_sealed FROM app.check_orders WHERE id = $1)"};

const pg::Statement kClose{"check_orders_close", R"(
UPDATE app.check_orders SET spec_sealed = NULL, report_sealed = NULL WHERE id = $1)"};

const pg::Statement kOpen{"check_orders_open", R"(
SELECT id, region_id FROM app.check_orders
WHERE claimed_by IS NULL AND spec_sealed IS NOT NULL AND created_at > now() - interval '5 min'
ORDER BY id LIMIT 100)"};

}  // namespace

asio::awaitable<std::optional<std::int64_t>> add_order(pg::Pool& pool, std::int64_t workspace_id,
                                                       std::int16_t region_id, std::string spec_sealed) {
  std::vector<pg::Query> queries;
  queries.push_back({&kDropOld, {}});
  queries.push_back({&kAdd, pg::bind(workspace_id, region_id, pg::Bytes{std::move(spec_sealed)},
                                     std::int64_t{kOrdersPerMinute})});
  const std::vector<pg::Rows> results = co_await pool.pipeline(std::move(queries));
  if (results[1].empty()) co_return std::nullopt;
  co_return results[1][0].get<std::int64_t>(0);
}

asio::awaitable<std::optional<std::string>> claim_order(pg::Pool& pool, std::int64_t order,
                                                        std::int32_t worker_id) {
  const pg::Rows rows = co_await pool.query(kClaim, pg::bind(order, worker_id));
  if (rows.empty()) co_return std::nullopt;
  co_return rows[0].get<pg::Bytes>(0).data;
}

asio::awaitable<void> release_orders(pg::Pool& pool, std::int32_t worker_id,
                                     std::vector<std::int64_t> orders) {
  co_await pool.query(kRelease, pg::bind(worker_id, orders));
}

asio::awaitable<void> put_report(pg::Pool& pool, std::int64_t order, std::int32_t worker_id,
                                 std::string report_sealed) {
  co_await pool.query(kReport, pg::bind(order, worker_id, pg::Bytes{std::move(report_sealed)}));
}

asio::awaitable<OrderState> order_state(pg::Pool& pool, std::int64_t order) {
  const pg::Rows rows = co_await pool.query(kState, pg::bind(order));
  OrderState state;
  if (rows.empty()) co_return state;
  state.claimed = rows[0].get<bool>(0);
  if (auto report = rows[0].get<std::optional<pg::Bytes>>(1)) state.report_sealed = std::move(report->data);
  co_return state;
}

asio::awaitable<void> close_order(pg::Pool& pool, std::int64_t order) {
  co_await pool.query(kClose, pg::bind(order));
}

asio::awaitable<std::vector<OpenOrder>> open_orders(pg::Pool& pool) {
  const pg::Rows rows = co_await pool.query(kOpen);
  std::vector<OpenOrder> orders;
  for (const pg::Row row : rows) orders.push_back({row.get<std::int64_t>(0), row.get<std::int16_t>(1)});
  co_return orders;
}

}  // namespace openseer::store
