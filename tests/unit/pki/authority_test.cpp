#include "pki/authority.h"

#include <gtest/gtest.h>

#include "pki/openssl.h"

namespace openseer::pki {
namespace {

using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), Freed<[](STACK_OF(X509_EXTENSION) * s) {
                                        sk_X509_EXTENSION_pop_free(s, X509_EXTENSION_free);
                                      }>>;

constexpr Seconds kDay = std::chrono::hours{24};

CertificateAuthority new_authority() {
  KeyAndCertificate made = CertificateAuthority::create();
  return {std::move(made.private_key_pem), std::move(made.certificate_pem)};
}

// What OpenSSL says of the chain leaf -> authority, for the purpose given.
int verify(const CertificateAuthority& authority, const std::string& leaf_pem, int purpose,
           const char* host = nullptr, const char* address = nullptr) {
  const CertificatePtr ca = parse_certificate(authority.certificate_pem());
  const CertificatePtr leaf = parse_certificate(leaf_pem);
  const StorePtr store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), ca.get());
  const StoreContextPtr context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_VERIFY_PARAM* const param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_purpose(param, purpose);
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
  if (host != nullptr) X509_VERIFY_PARAM_set1_host(param, host, 0);
  if (address != nullptr) X509_VERIFY_PARAM_set1_ip_asc(param, address);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

std::string sign_request(EVP_PKEY* key, const char* common_name, const char* subject_alt_name = nullptr) {
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key);
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  if (subject_alt_name != nullptr) {
    const ExtensionsPtr extensions(sk_X509_EXTENSION_new_null());
    sk_X509_EXTENSION_push(extensions.get(), X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                                                 const_cast<char*>(subject_alt_name)));
    sk_X509_EXTENSION_push(extensions.get(), X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints,
                                                                 const_cast<char*>("critical,CA:TRUE")));
    X509_REQ_add_extensions(request.get(), extensions.get());
  }
  const bool ed25519 = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
  X509_REQ_sign(request.get(), key, ed25519 ? nullptr : EVP_sha256());
  return to_pem(request.get());
}

TEST(Authority, IssuesWorkerCertificatesThatVerify) {
  const CertificateAuthority authority = new_authority();
  const KeyAndRequest request = make_certificate_request();
  const auto issued = authority.issue_worker({42}, request.request_pem, kDay);
  ASSERT_TRUE(issued.has_value());
  EXPECT_EQ(verify(authority, issued->certificate_pem, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_NE(verify(authority, issued->certificate_pem, X509_PURPOSE_SSL_SERVER), X509_V_OK);
  EXPECT_NE(verify(new_authority(), issued->certificate_pem, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  ASSERT_TRUE(worker_identity(issued->certificate_pem).has_value());
  EXPECT_EQ(worker_identity(issued->certificate_pem)->worker_id, 42);
  EXPECT_EQ(not_after(issued->certificate_pem), issued->not_after);
  EXPECT_GT(*not_after(issued->certificate_pem) - *not_before(issued->certificate_pem), kDay);
  EXPECT_TRUE(issued_for(issued->certificate_pem, request.private_key_pem, authority.certificate_pem()));
}

TEST(Authority, IgnoresEverythingARequestSaysAboutItself) {
  const CertificateAuthority authority = new_authority();
  const KeyPtr key(EVP_EC_gen("P-256"));
  const std::string forged =
      sign_request(key.get(), "worker-1", "URI:openseer://worker/1,DNS:control-plane.example");
  const auto issued = authority.issue_worker({7}, forged, kDay);
  ASSERT_TRUE(issued.has_value());
  EXPECT_EQ(worker_identity(issued->certificate_pem)->worker_id, 7);
  const CertificatePtr certificate = parse_certificate(issued->certificate_pem);
  EXPECT_EQ(X509_check_ca(certificate.get()), 0);
  EXPECT_EQ(X509_check_host(certificate.get(), "control-plane.example", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_get_ext_count(certificate.get()), 6);
}

TEST(Authority, RefusesWeakKeys) {
  const CertificateAuthority authority = new_authority();
  for (const KeyPtr& key :
       {KeyPtr(EVP_RSA_gen(1024)), KeyPtr(EVP_EC_gen("P-224")), KeyPtr(EVP_EC_gen("secp256k1"))}) {
    const auto issued = authority.issue_worker({1}, sign_request(key.get(), "x"), kDay);
    ASSERT_FALSE(issued.has_value());
    EXPECT_EQ(issued.error().code, Code::kInvalidArgument);
  }
}

TEST(Authority, TakesTheKeysItDocuments) {
  const CertificateAuthority authority = new_authority();
  for (const KeyPtr& key : {KeyPtr(EVP_RSA_gen(2048)), KeyPtr(EVP_EC_gen("P-384")),
                            KeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"))}) {
    const auto issued = authority.issue_worker({1}, sign_request(key.get(), "x"), kDay);
    ASSERT_TRUE(issued.has_value());
    EXPECT_EQ(verify(authority, issued->certificate_pem, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  }
}

TEST(Authority, RefusesRequestsNotSignedByTheirKey) {
  const CertificateAuthority authority = new_authority();
  const KeyPtr key(EVP_EC_gen("P-256"));
  const KeyPtr victim(EVP_EC_gen("P-256"));
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), victim.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  EXPECT_FALSE(authority.issue_worker({1}, to_pem(request.get()), kDay).has_value());
}

TEST(Authority, RefusesWhatIsNotARequest) {
  const CertificateAuthority authority = new_authority();
  const std::string good = make_certificate_request().request_pem;
  for (const std::string& text : {std::string(), std::string("hello"), good.substr(0, good.size() / 2),
                                  authority.certificate_pem(), std::string(1 << 20, 'A')})
    EXPECT_FALSE(authority.issue_worker({1}, text, kDay).has_value());
}

TEST(Authority, ServerCertificateCarriesNamesAndAddresses) {
  const CertificateAuthority authority = new_authority();
  const KeyAndCertificate server =
      authority.issue_server({"localhost", "127.0.0.1", "::1", "seer.example"}, kDay);
  const auto check = [&](const char* host, const char* address) {
    return verify(authority, server.certificate_pem, X509_PURPOSE_SSL_SERVER, host, address);
  };
  EXPECT_EQ(check("localhost", nullptr), X509_V_OK);
  EXPECT_EQ(check("seer.example", nullptr), X509_V_OK);
  EXPECT_EQ(check(nullptr, "127.0.0.1"), X509_V_OK);
  EXPECT_EQ(check(nullptr, "::1"), X509_V_OK);
  EXPECT_EQ(check("other.example", nullptr), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(check(nullptr, "127.0.0.2"), X509_V_ERR_IP_ADDRESS_MISMATCH);
  EXPECT_TRUE(issued_for(server.certificate_pem, server.private_key_pem, authority.certificate_pem()));
  EXPECT_EQ(worker_identity(server.certificate_pem), std::nullopt);
}

TEST(Authority, FingerprintIsThatOfItsCertificateAndStaysTheSame) {
  const KeyAndCertificate made = CertificateAuthority::create();
  const CertificateAuthority first(made.private_key_pem, made.certificate_pem);
  const CertificateAuthority again(made.private_key_pem, made.certificate_pem);
  EXPECT_EQ(first.fingerprint().size(), 64U);
  EXPECT_EQ(first.fingerprint(), again.fingerprint());
  EXPECT_EQ(first.fingerprint(), certificate_fingerprint(made.certificate_pem));
  EXPECT_NE(first.fingerprint(), new_authority().fingerprint());
}

TEST(Authority, RefusesAKeyThatIsNotItsCertificates) {
  const KeyAndCertificate one = CertificateAuthority::create();
  const KeyAndCertificate two = CertificateAuthority::create();
  EXPECT_THROW(CertificateAuthority(one.private_key_pem, two.certificate_pem), std::runtime_error);
  EXPECT_THROW(CertificateAuthority("", two.certificate_pem), std::runtime_error);
}

TEST(IssuedFor, RefusesAnotherKeyOrAuthority) {
  const CertificateAuthority authority = new_authority();
  const KeyAndRequest request = make_certificate_request();
  const auto issued = authority.issue_worker({1}, request.request_pem, kDay);
  EXPECT_FALSE(issued_for(issued->certificate_pem, make_certificate_request().private_key_pem,
                          authority.certificate_pem()));
  EXPECT_FALSE(
      issued_for(issued->certificate_pem, request.private_key_pem, new_authority().certificate_pem()));
  EXPECT_FALSE(issued_for("", request.private_key_pem, authority.certificate_pem()));
}

TEST(WorkerIdentity, IsNothingForOtherCertificates) {
  EXPECT_EQ(worker_identity(new_authority().certificate_pem()), std::nullopt);
  EXPECT_EQ(worker_identity("garbage"), std::nullopt);
  EXPECT_EQ(not_after("garbage"), std::nullopt);
  EXPECT_EQ(certificate_fingerprint("garbage"), "");
}

}  // namespace
}  // namespace openseer::pki
