#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <nghttp2/nghttp2.h>

#include "probe/http/exchange.h"

// nghttp2's client side behind C++: its callbacks as an interface, its request from a
// Message. Only http2.cpp includes it.
namespace openseer::probe::http {

// What nghttp2 calls; negative: give the connection up.
class Http2Events {
 public:
  virtual int on_begin_headers(const nghttp2_frame& frame) = 0;
  virtual int on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) = 0;
  virtual int on_invalid_header(std::string_view name) = 0;
  virtual int on_frame(const nghttp2_frame& frame) = 0;
  virtual int on_data(std::int32_t stream, std::string_view bytes) = 0;
  virtual int on_stream_close(std::int32_t stream, std::uint32_t code) = 0;
  virtual void on_invalid_frame(const nghttp2_frame& frame, int error) = 0;
  virtual void on_sent(const nghttp2_frame& frame) = 0;
  // The next bytes of the request's body, at most `room`.
  virtual std::size_t read_body(std::uint8_t* to, std::size_t room, bool& last) = 0;

 protected:
  ~Http2Events() = default;
};

struct Http2SessionDelete {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};
using Http2Session = std::unique_ptr<nghttp2_session, Http2SessionDelete>;

// `events` must outlive it.
Http2Session make_http2_session(Http2Events& events);

// The request's stream; negative: nghttp2 takes none. The names of `message`'s headers
// become lower case; its body is asked for by read_body().
std::int32_t submit_request(nghttp2_session* session, Message& message);

}  // namespace openseer::probe::http
