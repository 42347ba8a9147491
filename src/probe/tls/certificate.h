#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "domain/result.h"
#include "probe/tls/library.h"

namespace openseer::probe::tls {

using Fingerprint = std::array<unsigned char, 32>;

struct FingerprintHash {
  std::size_t operator()(const Fingerprint& f) const {
    std::size_t hash = 0;
    std::copy_n(f.begin(), sizeof hash, reinterpret_cast<unsigned char*>(&hash));
    return hash;
  }
};

// SHA-256 of the certificate as it was sent.
Fingerprint fingerprint_of(const X509* certificate);

std::optional<Instant> instant_of(const ASN1_TIME* time);

// Summaries by fingerprint: a target shows the same certificates check after check,
// and printing them costs more than looking them up. One per loop.
class Summaries {
 public:
  std::shared_ptr<const domain::CertificateSummary> of(const X509* certificate, const Fingerprint& print);

 private:
  std::unordered_map<Fingerprint, std::shared_ptr<const domain::CertificateSummary>, FingerprintHash> known_;
};

}  // namespace openseer::probe::tls
