#include "store/spec_columns.h"

#include "pki/secret_box.h"

namespace openseer::store {

domain::MonitorSpec read_spec(const pki::SecretBox& secrets, const pg::Row& row, int first) {
  domain::MonitorSpec spec;
  spec.name = row.get<std::string>(first);
  spec.url = row.get<std::string>(first + 1);
  spec.method = row.get<std::string>(first + 2);
  spec.interval = std::chrono::duration_cast<Seconds>(row.get<Microseconds>(first + 3));
  spec.timeout = Milliseconds{row.get<std::int32_t>(first + 4)};
  const auto names = row.get<std::vector<std::string>>(first + 5);
  const auto values = row.get<std::vector<pg::Bytes>>(first + 6);
  const auto sensitive = row.get<std::vector<bool>>(first + 7);
  for (std::size_t i = 0; i < names.size(); ++i) {
    spec.headers.push_back({names[i], secrets.open(values.at(i).data, kHeaderContext), sensitive.at(i)});
  }
  if (const auto body = row.get<std::optional<pg::Bytes>>(first + 8))
    spec.body = secrets.open(body->data, kBodyContext);
  const auto statuses = row.get<std::vector<std::int32_t>>(first + 9);
  for (std::size_t i = 0; i + 1 < statuses.size(); i += 2) {
    spec.accepted_statuses.push_back({statuses[i], statuses[i + 1]});
  }
  spec.max_redirects = row.get<std::int16_t>(first + 10);
  spec.tls.skip_verification = row.get<bool>(first + 11);
  return spec;
}

}  // namespace openseer::store
