#include "pki/pem_check.h"

#include "pki/openssl.h"

namespace openseer::pki {

std::string certificates_fault(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  int found = 0;
  for (std::size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + 1)) {
    const std::string_view block = pem.substr(at);
    if (!block.starts_with("-----BEGIN CERTIFICATE-----") &&
        !block.starts_with("-----BEGIN TRUSTED CERTIFICATE-----"))
      return "must contain nothing but certificates (PEM)";
    ++found;
    if (!parse_certificate(block))
      return "has a certificate that cannot be read: number " + std::to_string(found);
  }
  return found > 0 ? "" : "must be a certificate in PEM (-----BEGIN CERTIFICATE-----)";
}

std::string client_key_fault(std::string_view certificate_pem, std::string_view key_pem) {
  if (key_pem.find("ENCRYPTED") != std::string_view::npos)
    return "must be a key without a passphrase (openssl pkey -in key.pem -out plain.pem)";
  const KeyPtr key = parse_private_key(key_pem);
  if (!key) return "must be a private key in PEM (-----BEGIN PRIVATE KEY-----)";
  const CertificatePtr certificate = parse_certificate(certificate_pem);
  if (certificate && X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return "must be the key of the client certificate";
  }
  return "";
}

}  // namespace openseer::pki
