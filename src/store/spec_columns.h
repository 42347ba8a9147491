#pragma once

#include "domain/monitor.h"
#include "pg/result.h"

namespace openseer::pki {
class SecretBox;
}

// A specification as the columns of app.monitors.
namespace openseer::store {

#define SPEC_COLUMNS                                                                                  \
  "name, url, method, every, timeout_ms, header_names, header_values, header_sensitive, body_sealed," \
  " body_type, accepted_statuses, max_redirects, reuse_connection, auth_scheme, auth_username,"       \
  " auth_secret_sealed, auth_token_url, auth_client_id, auth_scope, auth_audience, proxy_url,"        \
  " proxy_username, proxy_password_sealed, http_policy, ip_family, connect_address, dns_server,"      \
  " tls_minimum, skip_tls_verification, tls_server_name, tls_ca_pem, tls_client_certificate_pem,"     \
  " tls_client_key_sealed, assertion_sources, assertion_properties, assertion_comparisons,"           \
  " assertion_targets, assertion_severities, retry_count, retry_pause_ms, tags"
// Where a statement takes them: $1 is another one.
#define SPEC_PARAMETERS                                                                                   \
  "$2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23," \
  " $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42"

// Reads SPEC_COLUMNS, which begin at column `first`, and opens the secrets.
// Regions are not among them: they are jobs.
domain::MonitorSpec read_spec(const pki::SecretBox& secrets, const pg::Row& row, int first);

// Appends SPEC_COLUMNS' values to `params`, the secrets sealed.
void write_spec(const pki::SecretBox& secrets, const domain::MonitorSpec& spec, pg::Params& params);

}  // namespace openseer::store
