#pragma once

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "base/refusal.h"
#include "http/server.h"

// RPCs over the Connect protocol (https://connectrpc.com/docs/protocol): unary
// calls in JSON and binary protobuf, server streaming with the EndStream
// envelope, gzip both ways, Connect-Timeout-Ms, error details.
namespace openseer::http {

enum class Codec;  // how messages are encoded (http/connect_codec.h)

// The call a handler answers.
struct Call {
  const Request& request;
  const google::protobuf::MethodDescriptor& method;
  Monotonic deadline;  // when the caller stops waiting
  // Who calls; set by the authoriser, read by the handlers.
  std::any identity;
  Headers response_headers;  // e.g. Set-Cookie

  // The value of a request cookie, or "".
  std::string_view cookie(std::string_view name) const;
};

// A server stream's outgoing side.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // False when the client has gone.
  virtual asio::awaitable<bool> send(const google::protobuf::Message& message) = 0;
};

using MessagePtr = std::unique_ptr<google::protobuf::Message>;
using UnaryHandler =
    std::function<asio::awaitable<Result<MessagePtr>>(Call&, const google::protobuf::Message&)>;
// Returns when the stream is over; cancelled (terminal) when the client goes.
using StreamHandler =
    std::function<asio::awaitable<Result<void>>(Call&, const google::protobuf::Message&, EventSink&)>;
// Decides whether `call` may go on; runs before every handler.
using Authoriser = std::function<asio::awaitable<Result<void>>(Call&, const google::protobuf::Message&)>;

// The table of RPCs. Filled once at start, then only read.
class Router {
 public:
  explicit Router(Authoriser authorise);

  // Registers the handler of one method of Service, e.g.
  //   router.unary<CreateMonitorRequest, CreateMonitorResponse>("openseer.v1.MonitorService.CreateMonitor",
  //   ...)
  // Handler: asio::awaitable<Result<Res>>(Call&, const Req&). Aborts on a name
  // or type that the descriptors do not have.
  template <class Req, class Res, class Handler>
  void unary(std::string_view full_name, Handler handler) {
    auto shared = std::make_shared<Handler>(std::move(handler));
    add_unary(full_name, *Req::descriptor(), *Res::descriptor(),
              [shared](Call& call, const google::protobuf::Message& request) {
                return call_unary<Req, Res, Handler>(shared, call, static_cast<const Req&>(request));
              });
  }

  // Handler: asio::awaitable<Result<void>>(Call&, const Req&, EventSink&).
  template <class Req, class Handler>
  void server_stream(std::string_view full_name, Handler handler) {
    auto shared = std::make_shared<Handler>(std::move(handler));
    add_stream(full_name, *Req::descriptor(),
               [shared](Call& call, const google::protobuf::Message& request, EventSink& sink) {
                 return (*shared)(call, static_cast<const Req&>(request), sink);
               });
  }

  // Full names of the methods registered.
  std::vector<std::string> methods() const;

  // Answers a request whose path below `prefix` ("" or "/api") is
  // "/openseer.v1.Service/Method"; 404 with a Connect error otherwise.
  asio::awaitable<Response> answer(Exchange& exchange, std::string_view prefix) const;

 private:
  struct Method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    UnaryHandler unary;
    StreamHandler stream;
  };

  template <class Req, class Res, class Handler>
  static asio::awaitable<Result<MessagePtr>> call_unary(std::shared_ptr<Handler> handler, Call& call,
                                                        const Req& request) {
    Result<Res> result = co_await (*handler)(call, request);
    if (!result) co_return result.error();
    MessagePtr message = std::make_unique<Res>(std::move(*result));
    co_return std::move(message);
  }

  void add_unary(std::string_view full_name, const google::protobuf::Descriptor& input,
                 const google::protobuf::Descriptor& output, UnaryHandler handler);
  void add_stream(std::string_view full_name, const google::protobuf::Descriptor& input,
                  StreamHandler handler);

  class StreamSink;

  asio::awaitable<Response> answer_unary(Exchange& exchange, const Method& method, Codec codec) const;
  asio::awaitable<void> run_unary(const Method& method, Call& call, const google::protobuf::Message& request,
                                  Result<MessagePtr>& outcome) const;
  asio::awaitable<Response> answer_stream(Exchange& exchange, const Method& method, Codec codec) const;
  asio::awaitable<void> run_stream(const Method& method, Call& call, const google::protobuf::Message& request,
                                   StreamSink& sink, Result<void>& outcome) const;

  Authoriser authorise_;
  std::map<std::string, Method, std::less<>> methods_;  // by "/package.Service/Method"
};

}  // namespace openseer::http
