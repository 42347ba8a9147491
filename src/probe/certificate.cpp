#include "probe/certificate.h"

#include <ctime>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

namespace openseer::probe {
namespace {

constexpr std::size_t kMaxNames = 3;

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Instant{Seconds{timegm(&parts)}};
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  using Names = std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)>;
  const Names list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; list != nullptr && i < sk_GENERAL_NAME_num(list.get()) && names.size() < kMaxNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list.get(), i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
  }
  if (!names.empty()) return names;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at >= 0) names.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  return names;
}

// Stands in for OpenSSL's verification, and calls it.
int verify(X509_STORE_CTX* chain, void* argument) {
  auto& report = *static_cast<CertificateReport*>(argument);
  report = {};
  if (const X509* leaf = X509_STORE_CTX_get0_cert(chain)) {
    report.not_before = instant_of(X509_get0_notBefore(leaf));
    report.not_after = instant_of(X509_get0_notAfter(leaf));
    report.names = names_of(leaf);
  }
  const int verdict = X509_verify_cert(chain);
  report.verify_error = X509_STORE_CTX_get_error(chain);
  report.error_depth = X509_STORE_CTX_get_error_depth(chain);
  return verdict;
}

}  // namespace

void report_certificate(void* ssl_ctx, CertificateReport& report) {
  SSL_CTX_set_cert_verify_callback(static_cast<SSL_CTX*>(ssl_ctx), verify, &report);
}

}  // namespace openseer::probe
