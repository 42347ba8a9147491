#include "certificates.h"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace openseer::probe::test {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

std::time_t seconds_of(Instant instant) {
  return std::chrono::floor<Seconds>(instant).time_since_epoch().count();
}

void add_extension(X509* certificate, int id, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  require(extension != nullptr, "extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Identity issue(const Wish& wish, const Identity* issuer) {
  Identity identity;
  identity.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  identity.certificate.reset(X509_new(), X509_free);
  X509* const certificate = identity.certificate.get();
  require(identity.key != nullptr && certificate != nullptr, "key");
  static long serial = 1;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  ASN1_TIME_set(X509_getm_notBefore(certificate), seconds_of(wish.not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate), seconds_of(wish.not_after));
  X509_set_pubkey(certificate, identity.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer ? issuer->certificate.get() : certificate));
  std::string names;
  for (const std::string& name : wish.names) names += (names.empty() ? "" : ",") + name;
  if (!names.empty()) add_extension(certificate, NID_subject_alt_name, names);
  if (wish.authority) {
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  EVP_PKEY* const signer = issuer ? issuer->key.get() : identity.key.get();
  require(X509_sign(certificate, signer, EVP_sha256()) > 0, "sign");
  return identity;
}

}  // namespace

Identity make_identity(const Wish& wish) { return issue(wish, nullptr); }

Identity make_identity(const Wish& wish, const Identity& issuer) { return issue(wish, &issuer); }

std::string pem_of(const Identity& identity) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  require(PEM_write_bio_X509(memory.get(), identity.certificate.get()) == 1, "pem");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::shared_ptr<SSL_CTX> server_context(const Identity& identity) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  require(context != nullptr, "context");
  require(SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1, "private key");
  return context;
}

}  // namespace openseer::probe::test
