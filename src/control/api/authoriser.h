#pragma once

#include <cstdint>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"
#include "store/sessions.h"

namespace google::protobuf {
class Message;
}
namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http

// Who may call what: the access policy that every RPC declares in its proto.
namespace openseer::control {

namespace asio = boost::asio;

// Who calls: what Call::identity holds for every RPC that is not public.
struct Identity {
  store::Caller caller;
  std::string token_hash;
  std::int64_t workspace_id = 0;  // 0: the RPC is not about a workspace
};
const Identity& identity_of(const http::Call& call);

// Runs before every handler. Refuses with
//   PermissionDenied  a request from another site, or a role that is too low
//   Unauthenticated   without a session where one is needed
//   NotFound          a workspace that the caller is no member of, existing or not
class Authoriser {
 public:
  Authoriser(pg::Pool& pool, const ApiOptions& options) : pool_(pool), options_(options) {}
  asio::awaitable<Result<void>> authorise(http::Call& call, const google::protobuf::Message& request) const;

 private:
  pg::Pool& pool_;
  const ApiOptions& options_;
};

// Every RPC must declare its access; those of workers must not be in `router`,
// all others must be; those about a workspace must name it. Throws
// std::logic_error naming the RPC.
void check_policies(const http::Router& router);

}  // namespace openseer::control
