#pragma once

#include "domain/result.h"
#include "pg/result.h"

// A result as the columns of ts.results_raw, or of an attempt in ts.evidence.
namespace openseer::store {

// Of a table named or aliased r.
#define STARTED_AT "r.slot + r.lateness_ms * interval '1 ms'"
#define RESULT_COLUMNS                                                                      \
  STARTED_AT                                                                                \
  ", r.outcome, r.reason, r.http_status, r.http_version, r.dns_us, r.connect_us, r.tls_us," \
  " r.wait_us, r.download_us, r.total_us, r.body_bytes, r.certificate_expires_at,"          \
  " host(r.remote_address), r.message"

// Reads RESULT_COLUMNS, which begin at column `first`.
domain::CheckResult read_check(const pg::Row& row, int first);

}  // namespace openseer::store
