#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "domain/monitor.h"
#include "domain/result.h"

// The exchange with a target and its timings.
namespace openseer::probe {

// Which addresses a probe may connect to. Link-local and cloud metadata
// addresses are always refused.
struct EgressPolicy {
  bool allow_private = false;  // RFC 1918, RFC 4193, loopback, and their mapped spellings
};

struct Limits {
  std::uint64_t body_bytes = 10 * 1024 * 1024;  // decoded
  std::size_t header_bytes = 64 * 1024;
};

struct Options {
  EgressPolicy egress;
  Limits limits;
  std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";
  bool cache_chains = true;  // a chain that was found good is not verified again for an hour
  std::string user_agent;
};

// Runs many probes at once on one event loop. Owned by the worker; every method
// and every callback runs on the executor given (one thread).
class Prober {
 public:
  using Callback = std::function<void(domain::Measurement)>;

  // `executor` is that of an io_context.
  Prober(boost::asio::any_io_executor executor, Options options);
  // Abandons what is still running; its callbacks are never called. May happen
  // within a callback.
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  // Starts one probe of spec's target. `done` is called exactly once, never from
  // within start(), at the latest spec.timeout + 100 ms later, whatever the
  // target does. Never throws for a target's sake.
  void start(std::shared_ptr<const domain::MonitorSpec> spec, Callback done);
  void start(const domain::MonitorSpec& spec, Callback done);

  std::size_t in_flight() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace openseer::probe
