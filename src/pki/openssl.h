#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

// OpenSSL's objects with owners; only this folder's .cpp files include it.
namespace openseer::pki {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioPtr = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freed<X509_free>>;
using RequestPtr = std::unique_ptr<X509_REQ, Freed<X509_REQ_free>>;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using BigNumberPtr = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>>;

// Throws std::runtime_error with OpenSSL's own reason, and clears its queue.
[[noreturn]] void fail(const char* what);
inline void require(bool ok, const char* what) {
  if (!ok) fail(what);
}

BioPtr read_bio(std::string_view bytes);
std::string contents(BIO* bio);
// Null, with OpenSSL's queue cleared, when it does not parse.
CertificatePtr parse_certificate(std::string_view pem);
RequestPtr parse_request(std::string_view pem);
KeyPtr parse_private_key(std::string_view pem);
std::string to_pem(X509* certificate);
std::string to_pem(EVP_PKEY* private_key);
std::string to_pem(X509_REQ* request);

}  // namespace openseer::pki
