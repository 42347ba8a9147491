#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/refusal.h"

// The control plane's own certificate authority (ECDSA P-256, X.509 v3).
namespace openseer::pki {

struct KeyAndCertificate {
  std::string private_key_pem;
  std::string certificate_pem;
};

struct IssuedCertificate {
  std::string certificate_pem;
  Instant not_after;
};

// Who a worker's certificate says it is: subject CN "worker-<id>", URI SAN
// "openseer://worker/<id>". The server decided it; no CSR field is ever copied.
struct WorkerIdentity {
  std::int32_t worker_id = 0;
  bool operator==(const WorkerIdentity&) const = default;
};

class CertificateAuthority {
 public:
  // A new self-signed CA, valid for 10 years.
  static KeyAndCertificate create();

  // Throws std::runtime_error when they cannot be read or do not belong together.
  CertificateAuthority(std::string private_key_pem, std::string certificate_pem);

  const std::string& certificate_pem() const { return certificate_pem_; }
  // SHA-256 of the certificate's DER, lower-case hex: what enrolment tokens pin.
  std::string fingerprint() const;

  // A server certificate for the names and addresses given (SAN DNS / IP),
  // with a fresh key.
  KeyAndCertificate issue_server(const std::vector<std::string>& names, Seconds lifetime) const;

  // A client certificate for the key of a CSR (PKCS #10, PEM). InvalidArgument
  // when it does not parse, its signature is wrong, or its key is weak
  // (ECDSA P-256/P-384, Ed25519 or RSA >= 2048 are taken).
  Result<IssuedCertificate> issue_worker(const WorkerIdentity& worker, std::string_view csr_pem,
                                         Seconds lifetime) const;

 private:
  std::string private_key_pem_;
  std::string certificate_pem_;
};

// A new P-256 key and a CSR made with it.
struct KeyAndRequest {
  std::string private_key_pem;
  std::string request_pem;
};
KeyAndRequest make_certificate_request();

// Reads the identity from a worker's certificate; nothing when it is not one.
std::optional<WorkerIdentity> worker_identity(std::string_view certificate_pem);
std::optional<Instant> not_after(std::string_view certificate_pem);
std::optional<Instant> not_before(std::string_view certificate_pem);
// As CertificateAuthority::fingerprint; empty when it does not parse.
std::string certificate_fingerprint(std::string_view certificate_pem);
// Whether the certificate holds the private key's public half and is signed by
// `ca_pem`: what a worker checks before it keeps a certificate.
bool issued_for(std::string_view certificate_pem, std::string_view private_key_pem, std::string_view ca_pem);

}  // namespace openseer::pki
