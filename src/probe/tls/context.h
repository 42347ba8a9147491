#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "probe/tls/contexts.h"
#include "probe/tls/library.h"
#include "probe/tls/verification.h"

// Inside of src/probe/tls only.
namespace openseer::probe::tls {

// A trust store; `generation` tells it from every other one of the process.
struct Contexts::Trust {
  Owned<X509_STORE, X509_STORE_free> store;
  std::uint64_t generation = 0;
};

struct Contexts::Shared {
  std::unordered_map<std::string, std::shared_ptr<Context>> contexts;  // by settings
  std::unordered_map<std::string, std::shared_ptr<Trust>> trusts;      // by CA bundle; "": the file
  std::int64_t file_changed = 0;
  Monotonic next_look{};
  ChainCache chains;
  Summaries summaries;
  BIO_METHOD* socket_method = nullptr;
};

// The settings of a handshake, ready to make sessions of. Lives as long as one
// needs it; the Contexts it came from must outlive its use.
class Context {
 public:
  Context(Contexts::Shared& shared, bool cache_chains) : shared(shared), cache_chains(cache_chains) {}

  Contexts::Shared& shared;
  const bool cache_chains;
  bool verifies = true;
  bool has_certificate = false;
  domain::TlsVersion minimum = domain::TlsVersion::k1_2;
  std::shared_ptr<Contexts::Trust> trust;  // null when nothing is verified
  Owned<SSL_CTX, SSL_CTX_free> ssl;
};

// Set on every context: hands the chain to the Session.
int verify_callback(X509_STORE_CTX* chain, void*);
int certificate_callback(SSL* ssl, void*);
BIO_METHOD* make_socket_method();

}  // namespace openseer::probe::tls
