#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/clock.h"

// Certificates made for one test: a key, who it is for, who vouches for it.
namespace openseer::probe::test {

struct Identity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

struct Wish {
  std::string common_name = "localhost";
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};
  Instant not_before = std::chrono::floor<Seconds>(std::chrono::system_clock::now()) - std::chrono::hours{24};
  Instant not_after = not_before + std::chrono::hours{24 * 30};
  bool authority = false;
  unsigned rsa_bits = 0;   // 0: a P-256 key
  bool sha1 = false;       // signed over SHA-1
  std::string issuer_url;  // where the issuer's certificate is published; empty: nowhere
};

// Signed by itself.
Identity make_identity(const Wish& wish);
// Signed by `issuer`.
Identity make_identity(const Wish& wish, const Identity& issuer);

std::string pem_of(const Identity& identity);
std::string key_pem_of(const Identity& identity);

std::shared_ptr<SSL_CTX> server_context(const Identity& identity);
// The server also sends `intermediate`.
void send_along(SSL_CTX* context, const Identity& intermediate);
// The server staples an answer of `issuer` that says the certificate is revoked, or good.
void staple(SSL_CTX* context, const Identity& identity, const Identity& issuer, bool revoked);
// Who has no certificate of `authority` is turned away.
void require_client(SSL_CTX* context, const Identity& authority);

}  // namespace openseer::probe::test
