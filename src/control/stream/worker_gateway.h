#pragma once

#include <cstdint>
#include <memory>
#include <string>

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
class Dispatcher;
class Committer;
class SpecCache;

// The workers' edge: WorkerStreamService over gRPC with mutual TLS. gRPC's own
// threads only move messages; every decision runs on the control plane's
// executor. Owned by app.
class WorkerGateway {
 public:
  struct Options {
    std::string address = "0.0.0.0";
    std::uint16_t port = 8081;
    Seconds revocation_check{5};  // how often open streams are checked
  };

  WorkerGateway(asio::any_io_executor executor, pg::Pool& pool, const pki::CertificateAuthority& authority,
                Dispatcher& dispatcher, Committer& committer, SpecCache& specs, Options options);
  ~WorkerGateway();

  // Returns the port bound. Throws std::runtime_error naming the port when it is taken.
  std::uint16_t start();
  // Tells workers to go elsewhere, acknowledges what is being committed, closes
  // the streams after at most `grace`.
  asio::awaitable<void> drain(Milliseconds grace);
  std::size_t connected() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace openseer::control
