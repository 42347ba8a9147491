#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"

namespace openseer::http {
class Router;
}
namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class CertificateAuthority;
class SecretBox;
}  // namespace openseer::pki

// The users' edge of the control plane: all RPCs that come over HTTP.
namespace openseer::control {

namespace asio = boost::asio;
class CheckDesk;

// Builds the services and their table. Owned by app, outlives the HTTP servers
// that use router(); runs on the control plane's executor (one thread), except
// password hashing, which has threads of its own.
class Api {
 public:
  // Whether this replica can do its work; the refusal's message says why not.
  using Readiness = std::function<Result<void>()>;

  // Everything by reference must outlive the object. Throws std::logic_error
  // when an RPC has no access policy or no handler.
  Api(asio::any_io_executor executor, pg::Pool& pool, const pki::SecretBox& secrets,
      const pki::CertificateAuthority& authority, ApiOptions options, Readiness readiness);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  const http::Router& router() const;
  // Where the workers' edge takes orders from (RunCheck).
  CheckDesk& checks();

  // What a pg::Listener hears on openseer_results, _monitors and _checks; an
  // empty channel says that something may have been missed.
  void notify(const std::string& channel, const std::string& payload);

  // Tells the replicas which workspaces are looked at here, at once when one is
  // and then again and again, until stop().
  asio::awaitable<void> announce();
  void stop();

 private:
  struct Services;
  std::unique_ptr<Services> services_;
};

}  // namespace openseer::control
