#include "probe/http/http2_session.h"

#include <array>
#include <new>
#include <string>
#include <vector>

#include "probe/http/headers.h"

namespace openseer::probe::http {
namespace {

constexpr std::size_t kMaxUnsentAcks = 100;

std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// The user data of the callbacks.
Http2Events& self(void* user) { return *static_cast<Http2Events*>(user); }

nghttp2_session_callbacks* make_callbacks() {
  nghttp2_session_callbacks* c = nullptr;
  if (nghttp2_session_callbacks_new(&c) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      c, [](auto*, const nghttp2_frame* frame, void* user) { return self(user).on_begin_headers(*frame); });
  nghttp2_session_callbacks_set_on_header_callback(
      c, [](auto*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
            const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user) {
        return self(user).on_header(*frame, view(name, name_size), view(value, value_size));
      });
  nghttp2_session_callbacks_set_on_invalid_header_callback(
      c, [](auto*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size, const std::uint8_t*,
            std::size_t, std::uint8_t,
            void* user) { return self(user).on_invalid_header(view(name, name_size)); });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      c, [](auto*, const nghttp2_frame* frame, void* user) { return self(user).on_frame(*frame); });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      c, [](auto*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
            void* user) { return self(user).on_data(stream, view(data, size)); });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      c, [](auto*, std::int32_t stream, std::uint32_t code, void* user) {
        return self(user).on_stream_close(stream, code);
      });
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
      c, [](auto*, const nghttp2_frame* frame, int error, void* user) {
        self(user).on_invalid_frame(*frame, error);
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(c, [](auto*, const nghttp2_frame* frame, void* user) {
    self(user).on_sent(*frame);
    return 0;
  });
  return c;
}

nghttp2_option* make_options() {
  nghttp2_option* options = nullptr;
  if (nghttp2_option_new(&options) != 0) throw std::bad_alloc();
  nghttp2_option_set_max_outbound_ack(options, kMaxUnsentAcks);
  nghttp2_option_set_max_reserved_remote_streams(options, 0);
  nghttp2_option_set_no_closed_streams(options, 1);
  return options;
}

// Headers that belong to HTTP/1 connections (RFC 9113, section 8.2.2) stay out.
bool belongs_to_http1(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 6> kNames{"connection",        "keep-alive", "proxy-connection",
                                                   "transfer-encoding", "upgrade",    "host"};
  for (const std::string_view known : kNames) {
    if (same_name(name, known)) return true;
  }
  return same_name(name, "te") && value != "trailers";
}

}  // namespace

Http2Session make_http2_session(Http2Events& events) {
  // Both are read-only once made, and shared by all.
  static nghttp2_session_callbacks* const callbacks = make_callbacks();
  static nghttp2_option* const options = make_options();
  nghttp2_session* session = nullptr;
  if (nghttp2_session_client_new2(&session, callbacks, &events, options) != 0) throw std::bad_alloc();
  return Http2Session(session);
}

std::int32_t submit_request(nghttp2_session* session, Message& message) {
  std::vector<nghttp2_nv> fields;
  fields.reserve(message.headers.size() + 5);
  const auto add = [&](std::string_view name, std::string_view value) {
    const auto bytes = [](std::string_view text) {
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    fields.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  };
  add(":method", message.method);
  add(":scheme", message.scheme);
  add(":authority", message.authority);
  add(":path", message.path);
  for (domain::Header& header : message.headers) {
    if (belongs_to_http1(header.name, header.value)) continue;
    for (char& c : header.name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    add(header.name, header.value);
  }
  const std::string length = std::to_string(message.body.size());
  if (!message.body.empty() || message.sends_length) add("content-length", length);
  nghttp2_data_provider body{};
  body.read_callback = [](auto*, std::int32_t, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                          auto*, void* user) {
    bool last = false;
    const std::size_t size = self(user).read_body(to, room, last);
    if (last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  };
  const std::int32_t stream = nghttp2_submit_request(session, nullptr, fields.data(), fields.size(),
                                                     message.body.empty() ? nullptr : &body, nullptr);
  if (stream == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  return stream;
}

}  // namespace openseer::probe::http
