#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probe/http/exchange.h"

namespace openseer::probe::http::test {

inline Message get(std::string path = "/") {
  return {.method = "GET", .scheme = "http", .authority = "example.com", .path = std::move(path)};
}

inline Message request(std::string method, std::string body = "") {
  Message message = get();
  message.method = std::move(method);
  message.body = std::move(body);
  return message;
}

// Everything the protocol has to say now.
inline std::string sent_by(Protocol& protocol) {
  std::string out;
  while (!protocol.output().empty()) {
    const std::string_view piece = protocol.output();
    out += piece;
    protocol.sent(piece.size());
  }
  return out;
}

// `bytes` in pieces of `step`, with the protocol's output taken in between.
inline void feed(Protocol& protocol, std::string_view bytes, std::size_t step) {
  while (!bytes.empty() && !protocol.failed()) {
    const std::size_t size = std::min(step, bytes.size());
    protocol.receive(bytes.substr(0, size));
    bytes.remove_prefix(size);
    sent_by(protocol);
  }
}

inline constexpr std::size_t kSteps[] = {1, 2, 7, 1'000'000};

// The exchange of `message` with an answer of `bytes`, and `end` after them.
inline std::unique_ptr<Exchange> exchange1(std::string_view bytes, std::size_t step,
                                           std::optional<End> end = {}, Message message = get(),
                                           ExchangeLimits limits = {}) {
  std::unique_ptr<Exchange> exchange = make_http1();
  exchange->begin(std::move(message), limits);
  sent_by(*exchange);
  feed(*exchange, bytes, step);
  if (end && !exchange->failed()) exchange->end(*end);
  return exchange;
}

}  // namespace openseer::probe::http::test
