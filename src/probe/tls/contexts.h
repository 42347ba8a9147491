#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "domain/monitor.h"
#include "probe/http/fault.h"

namespace openseer::probe::tls {

// Which protocols are offered by ALPN.
enum class Offer : std::uint8_t { kBoth, kHttp1, kHttp2 };

class Context;

// Everything about TLS that checks share, one for a loop: trust stores and contexts,
// made once for each distinct setting (reading the system's authorities takes longer
// than twenty handshakes), chains that were verified, summaries of certificates.
class Contexts {
 public:
  struct Options {
    std::string ca_file;
    bool cache_chains = true;  // see ChainCache
  };
  struct Found {
    std::shared_ptr<Context> context;  // null: `fault` says why
    http::Fault fault;
  };

  explicit Contexts(Options options);
  ~Contexts();
  Contexts(const Contexts&) = delete;
  Contexts& operator=(const Contexts&) = delete;

  // Makes the trust store of `settings`, if it is not there: tens of milliseconds that
  // are the worker's own and in nobody's measurement.
  void prepare(const domain::TlsSettings& settings, Monotonic now);
  // Reads the file of authorities again when it has changed (looked at once a minute).
  Found get(const domain::TlsSettings& settings, Offer offer, Monotonic now);

 private:
  friend class Context;
  struct Trust;
  struct Shared;

  std::shared_ptr<Trust> trust(const domain::TlsSettings& settings, http::Fault& fault);
  void refresh(Monotonic now);

  const Options options_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace openseer::probe::tls
