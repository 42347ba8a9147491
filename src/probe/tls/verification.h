#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "probe/http/fault.h"
#include "probe/tls/certificate.h"

namespace openseer::probe::tls {

// Chains that were found good: checking the same signatures again tells nothing
// new. An entry says that these certificates, as sent, are good for this name under
// this trust store, between two dates that are compared each time; that the server
// has the leaf's key is proven by every handshake anew. One per loop.
class ChainCache {
 public:
  struct Window {
    Instant not_before = Instant::min();
    Instant not_after = Instant::max();
  };

  bool contains(const std::string& key, Instant now, Monotonic clock);
  void add(std::string key, const Window& window, Monotonic clock);

 private:
  struct Entry {
    Window window;
    Monotonic expires;
  };
  std::unordered_map<std::string, Entry> entries_;
};

// What verification has to say about a chain.
struct Verdict {
  int error = 0;  // X509_V_ERR_*; 0 when it is good
  int depth = 0;  // of the certificate at fault; 0 is the leaf
};

// The verdict of OpenSSL over `chain` for `name` (a host name or an address).
Verdict verify(X509_STORE_CTX* chain, const std::string& name, ChainCache::Window& window);

// The fault of a verdict that is not good, over `presented`.
http::Fault certificate_fault(const Verdict& verdict, const STACK_OF(X509) * presented,
                              const std::string& name);

// Whether the `response` that came with the handshake, signed by an authority of
// `store`, says that the leaf of `presented` is revoked.
bool is_revoked(std::span<const unsigned char> response, const STACK_OF(X509) * presented, X509_STORE* store);

}  // namespace openseer::probe::tls
