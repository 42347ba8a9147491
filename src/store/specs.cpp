#include "store/specs.h"

#include "pg/pool.h"
#include "pki/secret_box.h"

namespace openseer::store {
namespace {

const pg::Statement kSpecs{"specs_load", R"(
SELECT id, spec_version, name, url, method, every, timeout_ms, header_names, header_values, header_sensitive,
       body_sealed, accepted_statuses, max_redirects, skip_tls_verification
FROM app.monitors WHERE id = ANY ($1))"};

}  // namespace

asio::awaitable<std::vector<VersionedSpec>> load_specs(pg::Pool& pool, const pki::SecretBox& secrets,
                                                       std::vector<std::int64_t> monitor_ids) {
  const pg::Rows rows = co_await pool.query(kSpecs, pg::bind(monitor_ids));
  std::vector<VersionedSpec> specs;
  specs.reserve(rows.size());
  for (const pg::Row row : rows) {
    auto spec = std::make_shared<domain::MonitorSpec>();
    spec->name = row.get<std::string>(2);
    spec->url = row.get<std::string>(3);
    spec->method = static_cast<domain::HttpMethod>(row.get<std::int16_t>(4));
    spec->interval = std::chrono::duration_cast<Seconds>(row.get<Microseconds>(5));
    spec->timeout = Milliseconds{row.get<std::int32_t>(6)};
    const auto names = row.get<std::vector<std::string>>(7);
    const auto values = row.get<std::vector<pg::Bytes>>(8);
    const auto sensitive = row.get<std::vector<bool>>(9);
    for (std::size_t i = 0; i < names.size(); ++i) {
      spec->headers.push_back({names[i], secrets.open(values.at(i).data, "monitor-header"), sensitive.at(i)});
    }
    if (const auto body = row.get<std::optional<pg::Bytes>>(10))
      spec->body = secrets.open(body->data, "monitor-body");
    const auto statuses = row.get<std::vector<std::int32_t>>(11);
    for (std::size_t i = 0; i + 1 < statuses.size(); i += 2) {
      spec->accepted_statuses.push_back({statuses[i], statuses[i + 1]});
    }
    spec->max_redirects = row.get<std::int16_t>(12);
    spec->skip_tls_verification = row.get<bool>(13);
    specs.push_back({row.get<std::int64_t>(0), row.get<std::int64_t>(1), std::move(spec)});
  }
  co_return specs;
}

}  // namespace openseer::store
