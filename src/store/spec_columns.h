#pragma once

#include "domain/monitor.h"
#include "pg/result.h"

namespace openseer::pki {
class SecretBox;
}

// A specification as the columns of app.monitors.
namespace openseer::store {

// What header values and bodies are sealed for.
inline constexpr auto kHeaderContext = "monitor-header";
inline constexpr auto kBodyContext = "monitor-body";

#define SPEC_COLUMNS                                                                     \
  "name, url, method, every, timeout_ms, header_names, header_values, header_sensitive," \
  " body_sealed, accepted_statuses, max_redirects, skip_tls_verification"

// Reads SPEC_COLUMNS, which begin at column `first`, and opens the secrets.
// Regions are not among them: they are jobs.
domain::MonitorSpec read_spec(const pki::SecretBox& secrets, const pg::Row& row, int first);

}  // namespace openseer::store
