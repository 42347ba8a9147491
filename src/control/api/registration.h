#pragma once

#include <string_view>

#include "base/log.h"
#include "http/rpc.h"
#include "pg/error.h"

// Puts members of a service into the table of RPCs. A database that is away
// becomes Unavailable: the caller may try again.
namespace openseer::control {

namespace asio = boost::asio;

inline Refusal database_is_away(const http::Call& call, const pg::Unavailable& error) {
  log::warning("database is not available", {{"method", call.method.full_name()}, {"error", error.what()}});
  return {Code::kUnavailable, "the database is not available, try again", {}};
}

template <class Req, class Res, class Service>
using UnaryMember = asio::awaitable<Result<Res>> (Service::*)(http::Call&, const Req&);
template <class Req, class Service>
using StreamMember = asio::awaitable<Result<void>> (Service::*)(http::Call&, const Req&, http::EventSink&);

template <class Req, class Res, class Service>
asio::awaitable<Result<Res>> call_member(Service* service, UnaryMember<Req, Res, Service> member,
                                         http::Call& call, const Req& request) {
  try {
    co_return co_await (service->*member)(call, request);
  } catch (const pg::Unavailable& error) {
    co_return database_is_away(call, error);
  }
}

template <class Req, class Service>
asio::awaitable<Result<void>> call_stream_member(Service* service, StreamMember<Req, Service> member,
                                                 http::Call& call, const Req& request,
                                                 http::EventSink& sink) {
  try {
    co_return co_await (service->*member)(call, request, sink);
  } catch (const pg::Unavailable& error) {
    co_return database_is_away(call, error);
  }
}

template <class Req, class Res, class Service>
void add_unary(http::Router& router, std::string_view full_name, Service* service,
               UnaryMember<Req, Res, Service> member) {
  router.unary<Req, Res>(full_name, [service, member](http::Call& call, const Req& request) {
    return call_member<Req, Res, Service>(service, member, call, request);
  });
}

template <class Req, class Service>
void add_stream(http::Router& router, std::string_view full_name, Service* service,
                StreamMember<Req, Service> member) {
  router.server_stream<Req>(full_name,
                            [service, member](http::Call& call, const Req& request, http::EventSink& sink) {
                              return call_stream_member<Req, Service>(service, member, call, request, sink);
                            });
}

}  // namespace openseer::control
