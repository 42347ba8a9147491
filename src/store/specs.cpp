#include "store/specs.h"

#include "pg/pool.h"
#include "store/spec_columns.h"

namespace openseer::store {
namespace {

const pg::Statement kSpecs{"specs_load",
                           "SELECT id, spec_version, " SPEC_COLUMNS " FROM app.monitors WHERE id = ANY ($1)"};

}  // namespace

asio::awaitable<std::vector<VersionedSpec>> load_specs(pg::Pool& pool, const pki::SecretBox& secrets,
                                                       std::vector<std::int64_t> monitor_ids) {
  const pg::Rows rows = co_await pool.query(kSpecs, pg::bind(monitor_ids));
  std::vector<VersionedSpec> specs;
  specs.reserve(rows.size());
  for (const pg::Row row : rows) {
    auto spec = std::make_shared<const domain::MonitorSpec>(read_spec(secrets, row, 2));
    specs.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1), std::move(spec)});
  }
  co_return specs;
}

}  // namespace openseer::store
