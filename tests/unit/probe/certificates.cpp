#include "certificates.h"

#include <stdexcept>

#include <openssl/bio.h>
#include <openssl/ocsp.h>
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
  identity.key.reset(wish.rsa_bits > 0 ? EVP_RSA_gen(wish.rsa_bits) : EVP_EC_gen("P-256"), EVP_PKEY_free);
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
  if (!wish.issuer_url.empty())
    add_extension(certificate, NID_info_access, "caIssuers;URI:" + wish.issuer_url);
  EVP_PKEY* const signer = issuer ? issuer->key.get() : identity.key.get();
  require(X509_sign(certificate, signer, wish.sha1 ? EVP_sha1() : EVP_sha256()) > 0, "sign");
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

std::string key_pem_of(const Identity& identity) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  require(
      PEM_write_bio_PrivateKey(memory.get(), identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "pem");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void send_along(SSL_CTX* context, const Identity& intermediate) {
  require(SSL_CTX_add1_chain_cert(context, intermediate.certificate.get()) == 1, "chain");
}

void staple(SSL_CTX* context, const Identity& identity, const Identity& issuer, bool revoked) {
  OCSP_BASICRESP* const basic = OCSP_BASICRESP_new();
  OCSP_CERTID* const id = OCSP_cert_to_id(nullptr, identity.certificate.get(), issuer.certificate.get());
  ASN1_TIME* const from = X509_gmtime_adj(nullptr, -3600);
  ASN1_TIME* const until = X509_gmtime_adj(nullptr, 3600);
  OCSP_basic_add1_status(basic, id, revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
                         OCSP_REVOKED_STATUS_KEYCOMPROMISE, from, from, until);
  require(OCSP_basic_sign(basic, issuer.certificate.get(), issuer.key.get(), EVP_sha256(), nullptr, 0) == 1,
          "sign");
  OCSP_RESPONSE* const response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  unsigned char* bytes = nullptr;
  const int size = i2d_OCSP_RESPONSE(response, &bytes);
  // The contexts refer to them: kept for as long as the process lives.
  static std::deque<std::string> answers;
  std::string& kept = answers.emplace_back(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  OCSP_RESPONSE_free(response);
  OCSP_BASICRESP_free(basic);
  OCSP_CERTID_free(id);
  ASN1_TIME_free(from);
  ASN1_TIME_free(until);
  SSL_CTX_set_tlsext_status_arg(context, &kept);
  SSL_CTX_set_tlsext_status_cb(
      context, +[](SSL* ssl, void* argument) {
        const auto& answer = *static_cast<std::string*>(argument);
        void* const copy = OPENSSL_memdup(answer.data(), answer.size());
        SSL_set_tlsext_status_ocsp_resp(ssl, static_cast<unsigned char*>(copy),
                                        static_cast<long>(answer.size()));
        return SSL_TLSEXT_ERR_OK;
      });
}

void require_client(SSL_CTX* context, const Identity& authority) {
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.certificate.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

std::shared_ptr<SSL_CTX> server_context(const Identity& identity) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  require(context != nullptr, "context");
  require(SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1, "private key");
  return context;
}

}  // namespace openseer::probe::test
