#pragma once

#include <cstdint>
#include <optional>
#include <string>

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

// What a caller shows. Only hashes (SHA-256, raw) go on from here.
struct Credential {
  enum class Kind { kSession, kApiToken };
  Kind kind = Kind::kSession;
  std::string hash;
};

// Who calls: what Call::identity holds for every RPC that is not public.
struct Identity {
  store::Caller caller;
  Credential credential;
  std::int64_t workspace_id = 0;  // 0: the RPC is not about a workspace
  store::Actor actor;             // the same, as the audit log knows them
};
const Identity& identity_of(const http::Call& call);

// Whom a credential stands for now, with their role in the workspace.
asio::awaitable<std::optional<store::Caller>> find_caller(pg::Pool& pool, Credential credential,
                                                          std::optional<std::int64_t> workspace_id);

// The same later on, for a stream that stays open: a session still stands when
// its cookie has been renewed.
asio::awaitable<std::optional<store::Caller>> find_caller_again(pg::Pool& pool, const Identity& identity);

// From where a call comes, for the audit log: an actor without a user.
store::Actor actor_of(const http::Call& call, const ApiOptions& options);

// Runs before every handler. Refuses with
//   PermissionDenied  a request from another site, a role that is too low, an
//                     API token where only a session will do
//   Unauthenticated   without a session or token where one is needed
//   NotFound          a workspace that the caller is no member of, existing or not
// A request with an Authorization header is one of a program: its cookies do not
// count, and neither does where it comes from, since no page can make a browser
// send such a header to us.
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
