#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class CertificateAuthority;
}

namespace openseer::control {

namespace asio = boost::asio;
class CheckDesk;
class Dispatcher;
class Committer;
class SpecCache;

// The workers' edge: WorkerStreamService over gRPC with mutual TLS. gRPC's own
// threads only move messages; every decision runs on the control plane's
// executor (one thread). Owned by app, which drains it before the committer and
// destroys it before the dispatcher, the committer and the pool.
class WorkerGateway {
 public:
  struct Options {
    std::string address = "0.0.0.0";  // numeric, IPv4 or IPv6
    std::uint16_t port = 8081;        // 0: any
    Seconds revocation_check{5};      // how often open streams are checked
    // What workers connect to, beside localhost, 127.0.0.1, ::1 and the host's
    // name: DNS names and numeric addresses for the server's certificate.
    std::vector<std::string> names;
    CheckDesk* checks = nullptr;  // outlives the gateway; null: nobody orders checks
    Seconds certificate_lifetime = std::chrono::hours{24} * 30;  // of renewed certificates
  };

  WorkerGateway(asio::any_io_executor executor, pg::Pool& pool, const pki::CertificateAuthority& authority,
                Dispatcher& dispatcher, Committer& committer, SpecCache& specs, Options options);
  ~WorkerGateway();

  // Returns the port bound. Throws std::runtime_error naming the port when it is taken.
  std::uint16_t start();
  // Tells workers to go elsewhere, acknowledges what is being committed, closes
  // the streams after at most `grace`.
  asio::awaitable<void> drain(Milliseconds grace);
  // Registered workers. On the executor.
  std::size_t connected() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace openseer::control
