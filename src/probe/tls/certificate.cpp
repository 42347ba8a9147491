#include "probe/tls/certificate.h"

#include <ctime>

#include <boost/asio/ip/address.hpp>

#include "probe/plain_text.h"

namespace openseer::probe::tls {
namespace {

constexpr std::size_t kMaxNames = 100;
constexpr std::size_t kMaxSummaries = 10'000;

std::string hex_of(const Fingerprint& print) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : print) {
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// RFC 2253, but for UTF-8 where it would write escapes.
std::string name_text(const X509_NAME* name) {
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  const OwnedBio memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || X509_NAME_print_ex(memory.get(), name, 0, kFlags) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return plain_text({data, static_cast<std::size_t>(std::max(size, 0L))});
}

std::string bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  const std::string bytes = bytes_of(octets);
  if (bytes.size() == 4) {
    boost::asio::ip::address_v4::bytes_type raw;
    std::copy(bytes.begin(), bytes.end(), raw.begin());
    return boost::asio::ip::address_v4(raw).to_string();
  }
  if (bytes.size() != 16) return {};
  boost::asio::ip::address_v6::bytes_type raw;
  std::copy(bytes.begin(), bytes.end(), raw.begin());
  return boost::asio::ip::address_v6(raw).to_string();
}

std::vector<std::string> names_of(const X509* certificate) {
  std::vector<std::string> names;
  const Owned<GENERAL_NAMES, GENERAL_NAMES_free> list(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (list == nullptr) return names;
  const auto count = static_cast<std::size_t>(sk_GENERAL_NAME_num(list.get()));
  for (std::size_t i = 0; i < count && names.size() < kMaxNames; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(list.get(), static_cast<int>(i));
    if (name->type == GEN_DNS) names.push_back(plain_text(bytes_of(name->d.dNSName)));
    if (name->type == GEN_IPADD) names.push_back(address_text(name->d.iPAddress));
  }
  return names;
}

}  // namespace

Fingerprint fingerprint_of(const X509* certificate) {
  Fingerprint print{};
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), print.data(), &size);
  return print;
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Instant{Seconds{timegm(&parts)}};
}

std::shared_ptr<const domain::CertificateSummary> Summaries::of(const X509* certificate,
                                                                const Fingerprint& print) {
  const auto found = known_.find(print);
  if (found != known_.end()) return found->second;
  auto made = std::make_shared<domain::CertificateSummary>();
  made->subject = name_text(X509_get_subject_name(certificate));
  made->issuer = name_text(X509_get_issuer_name(certificate));
  made->names = names_of(certificate);
  made->not_before = instant_of(X509_get0_notBefore(certificate)).value_or(Instant{});
  made->not_after = instant_of(X509_get0_notAfter(certificate)).value_or(Instant{});
  made->sha256 = hex_of(print);
  if (known_.size() >= kMaxSummaries) known_.clear();
  known_.emplace(print, made);
  return made;
}

}  // namespace openseer::probe::tls
