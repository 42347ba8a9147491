#pragma once

#include <memory>
#include <string>
#include <vector>

#include "domain/monitor.h"
#include "domain/result.h"

namespace openseer::probe::tls {

// What a handshake showed, whether or not it went well.
struct Report {
  domain::TlsVersion version = domain::TlsVersion::kNone;
  std::string cipher;
  std::string protocol;  // by ALPN: "h2", "http/1.1"; empty: none was chosen
  std::vector<std::shared_ptr<const domain::CertificateSummary>> chain;  // leaf first, as presented
};

}  // namespace openseer::probe::tls
