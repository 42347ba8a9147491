#pragma once

#include <memory>
#include <string_view>

#include "http/server.h"

namespace openseer::http {

// Reads one HTTP/1 request out of a stream of bytes (RFC 9112). No I/O: the
// connection feeds it, tests and the fuzzer feed it too.
//
//   kHeader -> kBody -> kComplete
//       \________\____-> kFailed (status says what to answer)
class RequestParser {
 public:
  enum class State { kHeader, kBody, kComplete, kFailed };

  explicit RequestParser(const Limits& limits);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Consumes a prefix of `bytes` and returns its length. What is left must come
  // again at the front of the next call, with more behind it. Stops at the end
  // of the header and at the end of the request.
  std::size_t put(std::string_view bytes);

  State state() const { return state_; }
  // In kBody: the client waits for "100 Continue" before it sends the body.
  bool expects_continue() const { return expects_continue_; }
  // In kComplete: whether another request may follow on the connection.
  bool keep_alive() const;
  bool http_1_0() const;
  // In kFailed: 400, 413, 417, 431, 501 or 505, and a line for people.
  int status() const { return status_; }
  std::string_view reason() const { return reason_; }

  // In kComplete, once. peer_address and tls are the caller's to fill.
  Request take();

 private:
  struct Parser;

  void finish_header();
  void check_framing();
  void fail(int status, std::string_view reason);

  std::unique_ptr<Parser> parser_;
  State state_ = State::kHeader;
  Request request_;
  bool expects_continue_ = false;
  int status_ = 0;
  std::string_view reason_;
};

}  // namespace openseer::http
