#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "probe/http/exchange.h"

namespace openseer::probe::http::test {

// nghttp2's own server side: answers each request with what was asked of it.
class Http2Server {
 public:
  Http2Server();
  ~Http2Server() { nghttp2_session_del(session_); }
  Http2Server(const Http2Server&) = delete;
  Http2Server& operator=(const Http2Server&) = delete;

  void answer_with(std::string status, std::string body);
  void go_away();

  void receive(std::string_view bytes);
  std::string output();

  // The header fields of each, one a line.
  const std::vector<std::string>& requests() const { return requests_; }
  std::size_t received() const { return received_; }  // bytes of bodies

 private:
  void answer(std::int32_t stream);

  nghttp2_session* session_ = nullptr;
  std::vector<std::string> requests_;
  std::size_t received_ = 0;
  std::string status_;
  std::string body_;
  std::size_t body_sent_ = 0;
};

// Carries bytes to and fro until neither side has more to say.
void converse(Exchange& client, Http2Server& server);

}  // namespace openseer::probe::http::test
