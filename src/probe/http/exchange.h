#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "domain/monitor.h"
#include "probe/http/headers.h"
#include "probe/http/protocol.h"

// One request and its answer over a byte stream, by HTTP/1.1 or HTTP/2.
namespace openseer::probe::http {

// A request as it goes out: every header is decided (probe/http/compose.h does
// that). `headers` has neither Host nor Content-Length: they follow from
// `authority` and `body`.
struct Message {
  std::string method;
  std::string scheme;     // "http" or "https"
  std::string authority;  // what Host or :authority says: "example.com:8080"
  std::string path;       // with the query, from its slash; "*" for OPTIONS
  std::string absolute;   // HTTP/1.1 to an HTTP proxy: the whole URL, the request's target; else empty
  std::vector<domain::Header> headers;
  std::string body;
  bool sends_length = false;  // "Content-Length: 0" also without a body, as POST does
};

struct ExchangeLimits {
  std::size_t header_bytes = 64 * 1024;            // of the answer, interim answers and trailers included
  std::uint64_t wire_bytes = 10 * 1024 * 1024;     // of the body as received
  std::uint64_t decoded_bytes = 10 * 1024 * 1024;  // of the body as decoded
  std::size_t kept_bytes = 16 * 1024;              // of the decoded body, in Answer::body
};

struct Answer {
  int status = 0;  // of the final answer; 0 before its headers are complete
  domain::HttpVersion version = domain::HttpVersion::kNone;
  Headers headers;                  // of the final answer; trailers are ignored
  std::uint64_t wire_bytes = 0;     // body bytes received, without chunk framing
  std::uint64_t decoded_bytes = 0;  // after Content-Encoding
  std::string body;                 // the first kept_bytes of the decoded body
  bool body_truncated = false;      // there was more than `body` has
};

// What has come so far. Only grows, but for kIdle.
enum class Stage {
  kIdle,     // begin() has not been called, or the last exchange is over
  kWaiting,  // nothing of the answer yet
  kHeader,   // its first byte came; for HTTP/2, its first frame (SETTINGS are no answer)
  kBody,     // the final answer's headers are complete: see answer()
  kDone,     // all of it is there
};

// HTTP on one connection, one exchange after another. Made when the connection
// (with its proxy and TLS) stands, by the version that was negotiated.
//
//   auto http = make_http1();                    // or make_http2()
//   http->begin(message, limits);                // marks.requested
//   ... the loop of Protocol, and after each call:
//   request_sent() turned true                   // the wait begins
//   stage() turned kHeader, kBody, kDone         // first byte, headers, end of download
//   failed(): fault() says why; answer() has what came until then
//
// At stage kBody a driver may judge the headers and stop: a redirect's body is
// nothing it needs. After kDone, reusable() tells whether begin() may be called
// again on the connection; otherwise close it. While a kept connection idles, the
// driver goes on with its loop (HTTP/2 answers PINGs) and closes it as soon as
// reusable() is false.
//
// On a kept connection, failed() with retryable() means that the server gave the
// connection up without looking at the request: begin anew on a new connection.
//
// Memory: an HTTP/1.1 exchange holds its request until it is sent and nothing else
// while it waits.
class Exchange : public Protocol {
 public:
  // Only when new or reusable().
  virtual void begin(Message message, const ExchangeLimits& limits) = 0;

  virtual Stage stage() const = 0;
  // The last byte of the request has gone out (HTTP/2: into output() and sent).
  virtual bool request_sent() const = 0;
  virtual bool reusable() const = 0;
  virtual bool retryable() const = 0;

  bool done() const final { return stage() == Stage::kDone; }
  const Answer& answer() const { return answer_; }
  // Moves the answer out, for the driver to keep.
  Answer take_answer() { return std::move(answer_); }

 protected:
  Answer answer_;
};

std::unique_ptr<Exchange> make_http1();
// From the connection preface on: after ALPN chose h2, or by prior knowledge.
std::unique_ptr<Exchange> make_http2();

}  // namespace openseer::probe::http
