#include "unit/probe/http/http2_server.h"

#include <stdexcept>

#include "unit/probe/http/conversation.h"

namespace openseer::probe::http::test {
namespace {

std::uint8_t* bytes_of(const std::string& text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

Http2Server::Http2Server() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, [](auto*, auto*, void* user) {
    static_cast<Http2Server*>(user)->requests_.emplace_back();
    return 0;
  });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](auto*, auto*, const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                    std::size_t value_size, std::uint8_t, void* user) {
        std::string& request = static_cast<Http2Server*>(user)->requests_.back();
        request.append(reinterpret_cast<const char*>(name), name_size).append(": ");
        request.append(reinterpret_cast<const char*>(value), value_size).append("\n");
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](auto*, std::uint8_t, std::int32_t, const std::uint8_t*, std::size_t size, void* user) {
        static_cast<Http2Server*>(user)->received_ += size;
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](auto*, const nghttp2_frame* frame, void* user) {
        const bool last = frame->hd.stream_id != 0 && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (last) static_cast<Http2Server*>(user)->answer(frame->hd.stream_id);
        return 0;
      });
  nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
}

void Http2Server::answer_with(std::string status, std::string body) {
  status_ = std::move(status);
  body_ = std::move(body);
  body_sent_ = 0;
}

void Http2Server::answer(std::int32_t stream) {
  const std::string name = ":status";
  const nghttp2_nv field{bytes_of(name), bytes_of(status_), name.size(), status_.size(),
                         NGHTTP2_NV_FLAG_NONE};
  nghttp2_data_provider body{};
  body.read_callback = [](auto*, std::int32_t, std::uint8_t* to, std::size_t room, std::uint32_t* flags,
                          auto*, void* user) {
    auto& self = *static_cast<Http2Server*>(user);
    const std::size_t size = self.body_.copy(reinterpret_cast<char*>(to), room, self.body_sent_);
    self.body_sent_ += size;
    if (self.body_sent_ == self.body_.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  };
  nghttp2_submit_response(session_, stream, &field, 1, &body);
}

void Http2Server::go_away() { nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR); }

void Http2Server::receive(std::string_view bytes) {
  if (nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) <
      0) {
    throw std::runtime_error("the server does not understand the client");
  }
}

std::string Http2Server::output() {
  std::string out;
  const std::uint8_t* data = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &data)) > 0;) {
    out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size));
  }
  return out;
}

void converse(Exchange& client, Http2Server& server) {
  for (;;) {
    const std::string to_server = sent_by(client);
    server.receive(to_server);
    const std::string to_client = server.output();
    if (to_server.empty() && to_client.empty()) return;
    client.receive(to_client);
  }
}

}  // namespace openseer::probe::http::test
