#include "store/result_columns.h"

namespace openseer::store {

domain::CheckResult read_check(const pg::Row& row, int first) {
  domain::CheckResult check;
  check.started_at = row.get<Instant>(first);
  check.outcome = static_cast<domain::Outcome>(row.get<std::int16_t>(first + 1));
  domain::Measurement& m = check.measurement;
  m.reason = static_cast<domain::Reason>(row.get<std::int16_t>(first + 2));
  m.http_status = row.get<std::int16_t>(first + 3);
  m.http_version = static_cast<domain::HttpVersion>(row.get<std::int16_t>(first + 4));
  const auto phase = [&row, first](int column) {
    return Microseconds{row.get<std::int32_t>(first + column)};
  };
  m.phases = {phase(5), phase(6), phase(7), phase(8), phase(9), phase(10)};
  m.body_bytes = static_cast<std::uint64_t>(row.get<std::int32_t>(first + 11));
  m.certificate_expires_at = row.get<std::optional<Instant>>(first + 12);
  m.remote_address = row.get<std::optional<std::string>>(first + 13).value_or("");
  m.message = row.get<std::optional<std::string>>(first + 14).value_or("");
  return check;
}

}  // namespace openseer::store
