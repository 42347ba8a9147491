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
};

// Signed by itself.
Identity make_identity(const Wish& wish);
// Signed by `issuer`.
Identity make_identity(const Wish& wish, const Identity& issuer);

std::string pem_of(const Identity& identity);

std::shared_ptr<SSL_CTX> server_context(const Identity& identity);

}  // namespace openseer::probe::test
