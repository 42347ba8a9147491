#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace openseer::probe {

// What a handshake showed of the target's certificate, whether or not it was
// accepted.
struct CertificateReport {
  std::optional<Instant> not_before;  // of the leaf
  std::optional<Instant> not_after;   // of the leaf
  std::vector<std::string> names;     // the first few the leaf is for, as it spells them
  int verify_error = 0;               // OpenSSL's X509_V_ERR_*; 0 when the chain is good
  int error_depth = 0;                // 0 is the leaf
};

// Makes `ssl_ctx` (an SSL_CTX*) fill `report` during its handshakes, which
// succeed and fail as before. `report` must outlive them.
void report_certificate(void* ssl_ctx, CertificateReport& report);

}  // namespace openseer::probe
