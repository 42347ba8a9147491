// Certificates as RFC 5280 profiles them. Every field of an issued certificate
// is decided here; from a request only the public key is taken.
#include "pki/authority.h"

#include <ctime>

#include <openssl/rand.h>

#include "pki/openssl.h"
#include "pki/secret_box.h"
#include "pki/subject_names.h"

namespace openseer::pki {
namespace {

constexpr Seconds kAuthorityLifetime = std::chrono::hours{24} * 3653;
// A machine whose clock is an hour off, or set for the wrong time zone's summer
// time, still takes a new certificate for valid. Short lives are backdated less:
// workers renew at two thirds of what the certificate says.
constexpr Seconds kMostBackdated = std::chrono::hours{2};
Seconds backdated(Seconds lifetime) { return std::min(kMostBackdated, lifetime / 10); }

KeyPtr new_key() {
  KeyPtr key(EVP_EC_gen("P-256"));
  require(key != nullptr, "cannot make a key");
  return key;
}

std::string common_name(X509_NAME* name) {
  char text[256];
  const int length = X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text);
  return length < 0 ? std::string() : std::string(text, static_cast<std::size_t>(length));
}

void set_common_name(X509_NAME* name, const std::string& text) {
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()), -1, 0) == 1,
          "cannot name a certificate");
}

void set_random_serial(X509* certificate) {
  unsigned char bytes[16];
  require(RAND_bytes(bytes, sizeof bytes) == 1, "no random bytes");
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, of fixed length
  const BigNumberPtr number(BN_bin2bn(bytes, sizeof bytes, nullptr));
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr,
          "cannot number a certificate");
}

void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  require(extension != nullptr, "cannot make a certificate extension");
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  require(added, "cannot add a certificate extension");
}

// Version, serial number, dates, subject and key; no issuer yet.
CertificatePtr new_certificate(const std::string& subject, EVP_PKEY* key, Seconds lifetime) {
  CertificatePtr certificate(X509_new());
  X509* const c = certificate.get();
  require(c && X509_set_version(c, X509_VERSION_3) == 1, "cannot make a certificate");
  set_random_serial(c);
  const std::time_t now = std::time(nullptr);
  require(ASN1_TIME_set(X509_getm_notBefore(c), now - backdated(lifetime).count()) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(c), now + lifetime.count()) != nullptr,
          "cannot date a certificate");
  set_common_name(X509_get_subject_name(c), subject);
  require(X509_set_pubkey(c, key) == 1, "cannot use a public key");
  return certificate;
}

void sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
              X509_sign(certificate, issuer_key, EVP_sha256()) != 0,
          "cannot sign a certificate");
}

void add_leaf_extensions(X509* certificate, X509* issuer, const char* usage) {
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, usage);
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
}

struct Issuer {
  KeyPtr key;
  CertificatePtr certificate;
};

Issuer load_issuer(std::string_view key_pem, std::string_view certificate_pem) {
  Issuer issuer{parse_private_key(key_pem), parse_certificate(certificate_pem)};
  if (!issuer.key || !issuer.certificate)
    throw std::runtime_error("the certificate authority's key or certificate cannot be read");
  if (X509_check_private_key(issuer.certificate.get(), issuer.key.get()) != 1) {
    ERR_clear_error();
    throw std::runtime_error("the certificate authority's key and certificate do not belong together");
  }
  return issuer;
}

bool strong_enough(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192;
    case EVP_PKEY_ED25519:
      return true;
    case EVP_PKEY_EC: {
      char group[64] = "";
      if (EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1) return false;
      const std::string_view name = group;
      return name == "prime256v1" || name == "secp384r1" || name == "P-256" || name == "P-384";
    }
    default:
      return false;
  }
}

Refusal bad_request(const char* why) { return invalid({{"certificate_request_pem", why}}); }

// The public key of a request whose sender holds the private one.
Result<KeyPtr> proven_key(std::string_view csr_pem) {
  constexpr std::size_t kLongest = 32 * 1024;
  if (csr_pem.size() > kLongest) return bad_request("is too long");
  const RequestPtr request = parse_request(csr_pem);
  if (!request) return bad_request("is not a PKCS #10 request in PEM");
  KeyPtr key(X509_REQ_get_pubkey(request.get()));
  if (!key || !strong_enough(key.get())) {
    ERR_clear_error();
    return bad_request("must hold an ECDSA P-256 or P-384, Ed25519 or RSA key of 2048 bits or more");
  }
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    ERR_clear_error();
    return bad_request("is not signed by its own key");
  }
  return key;
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  return Instant{Seconds{timegm(&utc)}};
}

}  // namespace

KeyAndCertificate CertificateAuthority::create() {
  const KeyPtr key = new_key();
  const CertificatePtr certificate =
      new_certificate("OpenSeer CA " + random_hex(4), key.get(), kAuthorityLifetime);
  X509* const c = certificate.get();
  add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(c, c, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(c, c, NID_subject_key_identifier, "hash");
  sign(c, c, key.get());
  return {to_pem(key.get()), to_pem(c)};
}

CertificateAuthority::CertificateAuthority(std::string private_key_pem, std::string certificate_pem)
    : private_key_pem_(std::move(private_key_pem)), certificate_pem_(std::move(certificate_pem)) {
  load_issuer(private_key_pem_, certificate_pem_);
}

std::string CertificateAuthority::fingerprint() const { return certificate_fingerprint(certificate_pem_); }

KeyAndCertificate CertificateAuthority::issue_server(const std::vector<std::string>& names,
                                                     Seconds lifetime) const {
  const Issuer issuer = load_issuer(private_key_pem_, certificate_pem_);
  const KeyPtr key = new_key();
  const CertificatePtr certificate = new_certificate("OpenSeer control plane", key.get(), lifetime);
  add_leaf_extensions(certificate.get(), issuer.certificate.get(), "serverAuth");
  add_server_names(certificate.get(), names);
  sign(certificate.get(), issuer.certificate.get(), issuer.key.get());
  return {to_pem(key.get()), to_pem(certificate.get())};
}

Result<IssuedCertificate> CertificateAuthority::issue_worker(const WorkerIdentity& worker,
                                                             std::string_view csr_pem,
                                                             Seconds lifetime) const {
  const Result<KeyPtr> key = proven_key(csr_pem);
  if (!key) return key.error();
  const Issuer issuer = load_issuer(private_key_pem_, certificate_pem_);
  const CertificatePtr certificate =
      new_certificate("worker-" + std::to_string(worker.worker_id), key->get(), lifetime);
  add_leaf_extensions(certificate.get(), issuer.certificate.get(), "clientAuth");
  add_worker_name(certificate.get(), worker.worker_id);
  sign(certificate.get(), issuer.certificate.get(), issuer.key.get());
  const auto expires = instant_of(X509_get0_notAfter(certificate.get()));
  require(expires.has_value(), "cannot read a date back");
  return IssuedCertificate{to_pem(certificate.get()), *expires};
}

KeyAndRequest make_certificate_request() {
  const KeyPtr key = new_key();
  const RequestPtr request(X509_REQ_new());
  require(request && X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) == 1 &&
              X509_REQ_set_pubkey(request.get(), key.get()) == 1,
          "cannot make a certificate request");
  set_common_name(X509_REQ_get_subject_name(request.get()), "openseer-worker");
  require(X509_REQ_sign(request.get(), key.get(), EVP_sha256()) != 0, "cannot sign a certificate request");
  return {to_pem(key.get()), to_pem(request.get())};
}

std::optional<WorkerIdentity> worker_identity(std::string_view certificate_pem) {
  const CertificatePtr certificate = parse_certificate(certificate_pem);
  if (!certificate) return std::nullopt;
  const auto id = worker_name(certificate.get());
  // Both places that the authority writes must agree.
  if (!id || common_name(X509_get_subject_name(certificate.get())) != "worker-" + std::to_string(*id))
    return std::nullopt;
  return WorkerIdentity{*id};
}

std::optional<Instant> not_after(std::string_view certificate_pem) {
  const CertificatePtr certificate = parse_certificate(certificate_pem);
  return certificate ? instant_of(X509_get0_notAfter(certificate.get())) : std::nullopt;
}

std::optional<Instant> not_before(std::string_view certificate_pem) {
  const CertificatePtr certificate = parse_certificate(certificate_pem);
  return certificate ? instant_of(X509_get0_notBefore(certificate.get())) : std::nullopt;
}

std::string certificate_fingerprint(std::string_view certificate_pem) {
  const CertificatePtr certificate = parse_certificate(certificate_pem);
  if (!certificate) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  require(X509_digest(certificate.get(), EVP_sha256(), digest, &length) == 1, "cannot hash a certificate");
  return to_hex({reinterpret_cast<const char*>(digest), length});
}

bool issued_for(std::string_view certificate_pem, std::string_view private_key_pem, std::string_view ca_pem) {
  const CertificatePtr certificate = parse_certificate(certificate_pem);
  const KeyPtr key = parse_private_key(private_key_pem);
  const CertificatePtr ca = parse_certificate(ca_pem);
  const bool fits = certificate && key && ca && X509_check_private_key(certificate.get(), key.get()) == 1 &&
                    X509_check_issued(ca.get(), certificate.get()) == X509_V_OK &&
                    X509_verify(certificate.get(), X509_get0_pubkey(ca.get())) == 1;
  ERR_clear_error();
  return fits;
}

}  // namespace openseer::pki
