#include "http/request_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "http/fields.h"
#include "http/target.h"

namespace openseer::http {
namespace {

namespace beast = boost::beast::http;

// What chunk extensions and trailers may take in one piece.
constexpr std::size_t kChunkLine = 8 * 1024;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

bool is_known_method(std::string_view method) {
  constexpr std::array known{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  return std::find(known.begin(), known.end(), method) != known.end();
}

}  // namespace

struct RequestParser::Parser : beast::request_parser<beast::string_body> {};

RequestParser::RequestParser(const Limits& limits) : parser_(std::make_unique<Parser>()) {
  parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser_->body_limit(limits.body_bytes);
}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::put(std::string_view bytes) {
  if (state_ == State::kComplete || state_ == State::kFailed) return 0;
  // Empty lines before a request are ignored (RFC 9112, 2.2).
  if (state_ == State::kHeader && bytes.starts_with("\r\n")) return 2;
  if (state_ == State::kHeader && bytes == "\r") return 0;

  boost::system::error_code error;
  const std::size_t used = parser_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (error && error != beast::error::need_more) {
    if (error == beast::error::header_limit) {
      fail(431, "the request's header is too large");
    } else if (error == beast::error::body_limit) {
      fail(413, "the request's body is too large");
    } else if (error == beast::error::bad_version) {
      fail(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    } else {
      fail(400, "the request is not valid HTTP/1.1");
    }
    return used;
  }
  if (state_ == State::kHeader && parser_->is_header_done()) finish_header();
  if (state_ == State::kBody && used == 0 && bytes.size() > kChunkLine) {
    fail(400, "a chunk's header or trailer is too large");
  }
  if (state_ == State::kBody && parser_->is_done()) {
    request_.body = std::move(parser_->get().body());
    state_ = State::kComplete;
  }
  return used;
}

// The header is taken now, so that trailers can add nothing to it.
void RequestParser::finish_header() {
  const auto& message = parser_->get();
  request_.method = std::string(view(message.method_string()));
  for (const auto& field : message) {
    request_.headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  }
  state_ = State::kBody;
  parser_->eager(true);
  if (!is_known_method(request_.method)) return fail(501, "the method is not implemented");
  std::optional<Target> target = parse_target(view(message.target()));
  if (!target) return fail(400, "the request's target is not valid");
  request_.path = std::move(target->path);
  request_.query = std::move(target->query);
  check_framing();
}

void RequestParser::check_framing() {
  const auto& message = parser_->get();
  const bool old = message.version() < 11;
  const auto hosts = message.count(beast::field::host);
  if (hosts > 1 || (hosts == 0 && !old)) return fail(400, "exactly one Host header is needed");
  if (const auto coding = message.find(beast::field::transfer_encoding); coding != message.end()) {
    if (old || message.count(beast::field::content_length) > 0) {
      return fail(400, "the request's length is ambiguous");
    }
    if (!same_name(view(coding->value()), "chunked") || message.count(beast::field::transfer_encoding) > 1) {
      return fail(501, "no transfer coding but chunked is implemented");
    }
  }
  if (const auto expect = message.find(beast::field::expect); expect != message.end() && !old) {
    if (!same_name(view(expect->value()), "100-continue")) {
      return fail(417, "the expectation cannot be met");
    }
    expects_continue_ = true;
  }
}

bool RequestParser::keep_alive() const { return parser_->keep_alive(); }

bool RequestParser::http_1_0() const { return parser_->get().version() < 11; }

void RequestParser::fail(int status, std::string_view reason) {
  state_ = State::kFailed;
  status_ = status;
  reason_ = reason;
}

Request RequestParser::take() { return std::move(request_); }

}  // namespace openseer::http
