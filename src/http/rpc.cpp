#include "http/rpc.h"

#include <cstdio>
#include <cstdlib>

#include <boost/asio/this_coro.hpp>
#include <google/protobuf/stubs/logging.h>

#include "base/log.h"
#include "http/compression.h"
#include "http/connect_codec.h"
#include "http/connect_error.h"
#include "http/deadline.h"
#include "http/fields.h"
#include "http/response_head.h"
#include "http/static_files.h"

namespace openseer::http {
namespace {

constexpr std::size_t kLargestRequest = 1024 * 1024;  // decoded
constexpr std::size_t kWorthCompressing = 1024;
constexpr Seconds kLongestUnary{75};  // a check that somebody waits for takes a minute and a bit

[[noreturn]] void abort_with(std::string_view full_name, const std::string& why) {
  const std::string line = "openseer: RPC " + std::string(full_name) + ": " + why + "\n";
  std::fputs(line.c_str(), stderr);
  std::abort();
}

const google::protobuf::MethodDescriptor& described(std::string_view full_name,
                                                    const google::protobuf::Descriptor& input) {
  const auto* method =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(full_name));
  if (method == nullptr) abort_with(full_name, "no such method in the proto files");
  if (method->input_type() != &input) abort_with(full_name, "takes a " + method->input_type()->full_name());
  return *method;
}

std::string path_of(const google::protobuf::MethodDescriptor& method) {
  return "/" + method.service()->full_name() + "/" + method.name();
}

void add_all(Headers& to, const Headers& from) {
  for (const auto& [name, value] : from.all()) to.add(name, value);
}

Headers answer_headers(const std::string& content_type) {
  Headers headers;
  headers.set("Content-Type", content_type);
  headers.set("Cache-Control", "no-store");
  return headers;
}

Response error_response(const Refusal& refusal, int status) {
  Response response;
  response.status = status;
  response.headers = answer_headers("application/json");
  response.body = error_json(refusal);
  add_security_headers(response, false);
  return response;
}

Response wrong_method() {
  Response response = text_response(405, "RPCs are called by POST");
  response.headers.set("Allow", "POST");
  return response;
}

// Also what keeps other sites' forms out: a browser sends none of these types
// across origins without asking first.
Response wrong_content_type(bool stream) {
  const std::string json = content_type_name({Codec::kJson, stream});
  const std::string proto = content_type_name({Codec::kProto, stream});
  Response response = text_response(415, "the content type must be " + json + " or " + proto);
  response.headers.set("Accept-Post", json + ", " + proto);
  return response;
}

// What the caller is told about an exception that a handler let out.
Refusal refusal_of(std::exception_ptr failure, const Call& call, const asio::cancellation_state& state) {
  if (state.cancelled() != asio::cancellation_type::none)
    return {Code::kUnavailable, "the server ended the call", {}};
  std::string what = "unknown exception";
  try {
    std::rethrow_exception(std::move(failure));
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  log::error("rpc failed", {{"method", call.method.full_name()}, {"error", what}});
  return {Code::kInternal, "internal error", {}};
}

Refusal too_late() { return {Code::kDeadlineExceeded, "the call took too long", {}}; }

Response unary_response(Call& call, Codec codec, const Result<MessagePtr>& outcome) {
  if (!outcome) {
    Response response = error_response(outcome.error(), http_status(outcome.error().code));
    add_all(response.headers, call.response_headers);
    return response;
  }
  Response response;
  response.headers = answer_headers(content_type_name({codec, false}));
  response.body = encode(**outcome, codec);
  if (response.body.size() > kWorthCompressing) {
    response.headers.set("Vary", "Accept-Encoding");
    if (accepts_coding(call.request.headers.get("Accept-Encoding"), "gzip")) {
      response.body = gzip(response.body);
      response.headers.set("Content-Encoding", "gzip");
    }
  }
  add_security_headers(response, false);
  add_all(response.headers, call.response_headers);
  return response;
}

}  // namespace

// The response side of a server stream.
class Router::StreamSink final : public EventSink {
 public:
  StreamSink(Exchange& exchange, Call& call, Codec codec) : exchange_(exchange), call_(call), codec_(codec) {
    gzip_ = accepts_coding(call.request.headers.get("Connect-Accept-Encoding"), "gzip");
  }

  Headers headers() const {
    Response response;
    response.headers = answer_headers(content_type_name({codec_, true}));
    if (gzip_) response.headers.set("Connect-Content-Encoding", "gzip");
    response.headers.set("X-Accel-Buffering", "no");  // proxies pass events on at once
    add_security_headers(response, false);
    add_all(response.headers, call_.response_headers);
    return response.headers;
  }

  asio::awaitable<void> open() { writer_ = co_await exchange_.stream(200, headers()); }
  bool is_open() const { return writer_ != nullptr; }

  asio::awaitable<bool> send(const google::protobuf::Message& message) override {
    std::string payload = encode(message, codec_);
    const bool compress = gzip_ && payload.size() > kWorthCompressing;
    if (compress) payload = gzip(payload);
    const std::string bytes = envelope(compress ? kCompressed : 0, payload);
    co_return co_await writer_->write(bytes);
  }

  asio::awaitable<void> end(const Result<void>& outcome) {
    const std::string last = end_stream(outcome);
    co_await writer_->write(last);
  }

 private:
  Exchange& exchange_;
  Call& call_;
  Codec codec_;
  bool gzip_ = false;
  std::unique_ptr<BodyWriter> writer_;
};

namespace {

// What is checked before a call is begun. The deadline is max() without a time-out.
Result<Monotonic> preflight(const Request& request) {
  const std::string_view version = request.headers.get("Connect-Protocol-Version");
  if (!version.empty() && version != "1") {
    return Refusal{Code::kInvalidArgument, "Connect-Protocol-Version must be 1", {}};
  }
  const auto timeout = request_timeout(request.headers);
  if (!timeout) return timeout.error();
  if (!*timeout) return Monotonic::max();
  return std::chrono::steady_clock::now() + **timeout;
}

Result<MessagePtr> request_message(const Request& request, ContentType type,
                                   const google::protobuf::MethodDescriptor& method) {
  const auto payload = request_payload(request, type, kLargestRequest);
  if (!payload) return payload.error();
  MessagePtr message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.input_type())->New());
  if (const auto decoded = decode(*payload, type.codec, *message); !decoded) return decoded.error();
  return Result<MessagePtr>(std::move(message));
}

// Protobuf writes a line of its own for every string that is not UTF-8; anybody
// could fill the log with them.
void log_for_protobuf(google::protobuf::LogLevel level, const char*, int, const std::string& message) {
  log::write(level == google::protobuf::LOGLEVEL_FATAL ? log::Level::kError : log::Level::kDebug, "protobuf",
             {{"message", message}});
}

}  // namespace

std::string_view Call::cookie(std::string_view name) const {
  for (const auto& [field, value] : request.headers.all()) {
    if (!same_name(field, "Cookie")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view pair = next_element(rest, ';');
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
        return pair.substr(name.size() + 1);
      }
    }
  }
  return {};
}

Router::Router(Authoriser authorise) : authorise_(std::move(authorise)) {
  google::protobuf::SetLogHandler(log_for_protobuf);
}

std::vector<std::string> Router::methods() const {
  std::vector<std::string> names;
  for (const auto& [path, method] : methods_) names.push_back(method.descriptor->full_name());
  return names;
}

void Router::add_unary(std::string_view full_name, const google::protobuf::Descriptor& input,
                       const google::protobuf::Descriptor& output, UnaryHandler handler) {
  const auto& method = described(full_name, input);
  if (method.output_type() != &output)
    abort_with(full_name, "answers a " + method.output_type()->full_name());
  if (method.server_streaming() || method.client_streaming()) abort_with(full_name, "is not unary");
  const bool added = methods_.emplace(path_of(method), Method{&method, std::move(handler), {}}).second;
  if (!added) abort_with(full_name, "registered twice");
}

void Router::add_stream(std::string_view full_name, const google::protobuf::Descriptor& input,
                        StreamHandler handler) {
  const auto& method = described(full_name, input);
  if (!method.server_streaming() || method.client_streaming())
    abort_with(full_name, "is not a server stream");
  const bool added = methods_.emplace(path_of(method), Method{&method, {}, std::move(handler)}).second;
  if (!added) abort_with(full_name, "registered twice");
}

asio::awaitable<Response> Router::answer(Exchange& exchange, std::string_view prefix) const {
  const Request& request = exchange.request;
  const std::string_view path = request.path;
  const auto found = path.starts_with(prefix) ? methods_.find(path.substr(prefix.size())) : methods_.end();
  if (found == methods_.end()) {
    const Refusal unknown{Code::kUnimplemented, "there is no such RPC", {}};
    co_return error_response(unknown, 404);
  }
  const Method& method = found->second;
  const bool stream = method.stream != nullptr;
  if (request.method != "POST") co_return wrong_method();
  const auto type = parse_content_type(request.headers.get("Content-Type"));
  if (!type || type->stream != stream) co_return wrong_content_type(stream);
  if (stream) co_return co_await answer_stream(exchange, method, type->codec);
  co_return co_await answer_unary(exchange, method, type->codec);
}

asio::awaitable<Response> Router::answer_unary(Exchange& exchange, const Method& method, Codec codec) const {
  const Request& request = exchange.request;
  const ContentType type{codec, false};
  const auto deadline = preflight(request);
  if (!deadline) co_return error_response(deadline.error(), http_status(deadline.error().code));
  const auto message = request_message(request, type, *method.descriptor);
  if (!message) co_return error_response(message.error(), http_status(message.error().code));

  const auto longest = std::chrono::steady_clock::now() + kLongestUnary;
  Call call{request, *method.descriptor, std::min(*deadline, longest), {}, {}};
  Result<MessagePtr> outcome = Refusal{};
  const bool in_time = co_await finish_by(run_unary(method, call, **message, outcome), call.deadline);
  if (!in_time) outcome = too_late();
  co_return unary_response(call, codec, outcome);
}

asio::awaitable<void> Router::run_unary(const Method& method, Call& call,
                                        const google::protobuf::Message& request,
                                        Result<MessagePtr>& outcome) const {
  std::exception_ptr failure;
  try {
    const Result<void> allowed = co_await authorise_(call, request);
    if (!allowed) {
      outcome = allowed.error();
    } else {
      outcome = co_await method.unary(call, request);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) outcome = refusal_of(std::move(failure), call, co_await asio::this_coro::cancellation_state);
}

asio::awaitable<void> Router::run_stream(const Method& method, Call& call,
                                         const google::protobuf::Message& request, StreamSink& sink,
                                         Result<void>& outcome) const {
  std::exception_ptr failure;
  try {
    outcome = co_await authorise_(call, request);
    if (outcome) {
      co_await sink.open();
      outcome = co_await method.stream(call, request, sink);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) outcome = refusal_of(std::move(failure), call, co_await asio::this_coro::cancellation_state);
}

asio::awaitable<Response> Router::answer_stream(Exchange& exchange, const Method& method, Codec codec) const {
  const Request& request = exchange.request;
  const ContentType type{codec, true};
  const auto deadline = preflight(request);
  Call call{request, *method.descriptor, deadline ? *deadline : Monotonic::max(), {}, {}};
  StreamSink sink(exchange, call, codec);
  Result<void> outcome;
  if (!deadline) outcome = deadline.error();
  if (outcome) {
    const auto message = request_message(request, type, *method.descriptor);
    if (!message) {
      outcome = message.error();
    } else if (!co_await finish_by(run_stream(method, call, **message, sink, outcome), call.deadline)) {
      outcome = too_late();
    }
  }
  // Cancelled or not, the client is told how the stream ended.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  Response response;
  if (sink.is_open()) {
    co_await sink.end(outcome);
  } else {
    response.headers = sink.headers();
    response.body = end_stream(outcome);
  }
  co_return response;
}

}  // namespace openseer::http
