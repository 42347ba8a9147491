#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// The TLS library: OpenSSL 3, or AWS-LC (-DOPENSEER_TLS=awslc), which is OpenSSL's
// interface but for what this file and library.cpp hold. Only src/probe/tls
// includes it.
namespace openseer::probe::tls {

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Deleter<T, Free>>;

using OwnedSsl = Owned<SSL, SSL_free>;
using OwnedX509 = Owned<X509, X509_free>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using OwnedBio = std::unique_ptr<BIO, BioDeleter>;

// Below this strength (112 bits) keys, digests and groups are weak.
inline constexpr int kSecurityLevel = 2;

// Strength of what is negotiated and, in verification, of certificates. TLS 1.0 and
// 1.1 sign with SHA-1: they need `old_protocols`.
void set_strength(SSL_CTX* context, bool old_protocols);
void set_verification_strength(X509_STORE_CTX* chain);
// What makes a chain that was verified too weak (X509_V_ERR_*, and at which depth), where
// verification does not see to it; 0: nothing.
int weakness_of(const STACK_OF(X509) * verified, int& depth);

// Asks for an OCSP answer with the certificate, and what came.
void ask_for_staple(SSL_CTX* context);
std::span<const unsigned char> staple(const SSL* ssl);

// The alert that the peer ended with, as the first error of the queue tells (RFC
// 8446, section 6).
std::optional<int> alert_of(unsigned long error);

// What an error of the library's says about the peer.
enum class Trouble {
  kOther,
  kNotTls,   // its bytes are no TLS record
  kVersion,  // no version in common
  kWeak,     // a key or group below the security level
};
Trouble trouble_of(unsigned long error);

}  // namespace openseer::probe::tls
