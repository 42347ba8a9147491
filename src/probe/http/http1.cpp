#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "probe/http/body.h"
#include "probe/http/exchange.h"
#include "probe/http/http1_text.h"
#include "probe/plain_text.h"

// HTTP/1.1 (RFC 9112) as a client speaks it. Beast parses; what it leaves to its
// users (limits over all of a header, interim answers, framing that two parsers
// could read differently) is decided here.
namespace openseer::probe::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::string_view;
using domain::Reason;
using Error = boost::system::error_code;

// What the line before a chunk may take.
constexpr std::size_t kChunkLine = 8 * 1024;
constexpr int kMaxInterimAnswers = 20;
// A body up to this size travels with the header in one write.
constexpr std::size_t kSmallBody = 16 * 1024;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

// Passes on what Beast finds in one answer.
class Parser final : public beast::basic_parser<false> {
 public:
  Parser(Answer& answer, Body& body, bool without_body) : answer_(answer), body_(body) {
    skip(without_body);
    body_limit(boost::none);  // Body counts
  }

  int status() const { return status_; }
  bool old() const { return version_ < 11; }
  bool between_chunks() const { return is_header_done() && chunked() && chunk_left_ == 0; }

 private:
  void on_request_impl(beast::verb, string_view, string_view, int, Error&) override {}
  void on_response_impl(int code, string_view, int version, Error&) override {
    status_ = code;
    version_ = version;
  }
  void on_field_impl(beast::field, string_view name, string_view value, Error&) override {
    if (!header_over_) answer_.headers.add(view(name), view(value));
  }
  void on_header_impl(Error&) override { header_over_ = true; }
  void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) override {}
  std::size_t on_body_impl(string_view bytes, Error& error) override {
    if (!body_.receive(view(bytes))) error = beast::error::body_limit;
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, string_view, Error&) override { chunk_left_ = size; }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, Error& error) override {
    chunk_left_ -= bytes.size();
    return on_body_impl(bytes, error);
  }
  void on_finish_impl(Error&) override {}

  Answer& answer_;
  Body& body_;
  int status_ = 0;
  int version_ = 11;
  bool header_over_ = false;
  std::uint64_t chunk_left_ = 0;
};

class Http1 final : public Exchange {
 public:
  void begin(Message message, const ExchangeLimits& limits) override;

  std::string_view output() override;
  void sent(std::size_t bytes) override;
  void stop_sending() override;
  void receive(std::string_view bytes) override;
  void end(End how) override;

  Stage stage() const override { return stage_; }
  bool request_sent() const override { return stage_ != Stage::kIdle && unsent_ == 0; }
  bool reusable() const override { return stage_ == Stage::kDone && keeps_alive_ && !over_ && unsent_ == 0; }
  bool retryable() const override { return exchanges_ > 1 && fault_.reason == Reason::kRequestReset; }

 private:
  void begin_answer();
  std::string_view parse(std::string_view bytes);
  void keep(std::string_view rest, std::size_t fresh);
  std::size_t put(std::string_view bytes, Error& error);
  bool has_status_line(std::string_view bytes);
  void finish_header();
  void check_framing();
  void finish_answer();
  void explain(const Error& error);
  void look_at_pending();
  void end_of_body(End how);
  void fail(Reason reason, std::string message);

  Stage stage_ = Stage::kIdle;
  ExchangeLimits limits_;
  int exchanges_ = 0;
  bool over_ = false;  // nothing more can come, or something came that nobody asked for

  std::string head_;  // of the request, with a small body
  std::string body_;  // of the request, when it is large
  std::size_t unsent_ = 0;
  bool without_body_ = false;  // the answer, as to HEAD; or none that matters, as to CONNECT

  std::optional<Parser> parser_;
  Body answer_body_;
  std::string pending_;  // received, not yet parsed: an incomplete header or chunk line
  std::size_t header_bytes_ = 0;
  int interim_answers_ = 0;
  bool keeps_alive_ = false;
};

void Http1::begin(Message message, const ExchangeLimits& limits) {
  limits_ = limits;
  fault_ = {};
  answer_ = {};
  without_body_ = message.method == "HEAD" || message.method == "CONNECT";
  head_ = http1_head(message);
  body_ = std::move(message.body);
  if (body_.size() <= kSmallBody) {
    head_ += body_;
    body_.clear();
  }
  unsent_ = head_.size() + body_.size();
  ++exchanges_;
  header_bytes_ = 0;
  interim_answers_ = 0;
  keeps_alive_ = false;
  stage_ = Stage::kWaiting;
  begin_answer();
}

// Of a final or an interim answer.
void Http1::begin_answer() {
  answer_.headers.clear();
  parser_.emplace(answer_, answer_body_, without_body_);
  parser_->header_limit(static_cast<std::uint32_t>(limits_.header_bytes - header_bytes_));
}

std::string_view Http1::output() {
  if (failed()) return {};
  if (unsent_ > body_.size()) return std::string_view(head_).substr(head_.size() + body_.size() - unsent_);
  return std::string_view(body_).substr(body_.size() - unsent_);
}

void Http1::sent(std::size_t bytes) {
  unsent_ -= bytes;
  if (unsent_ > 0) return;
  head_ = {};
  body_ = {};
}

void Http1::stop_sending() {
  if (unsent_ > 0) keeps_alive_ = false;
  over_ = over_ || unsent_ > 0;
  head_ = {};
  body_ = {};
  unsent_ = 0;
}

void Http1::receive(std::string_view bytes) {
  if (bytes.empty() || failed()) return;
  if (stage_ == Stage::kIdle || stage_ == Stage::kDone) {
    over_ = true;
    return;
  }
  if (stage_ == Stage::kWaiting) stage_ = Stage::kHeader;
  if (pending_.empty()) return keep(parse(bytes), bytes.size());
  pending_ += bytes;
  keep(parse(pending_), bytes.size());
}

// Goes through as much of `bytes` as can be understood and returns the rest.
std::string_view Http1::parse(std::string_view bytes) {
  while (!bytes.empty() && !failed() && stage_ != Stage::kDone) {
    if (!parser_->got_some() && !has_status_line(bytes)) break;
    // The shortest end, "0 CR LF CR LF": with less Beast's own assertions fail.
    if (parser_->between_chunks() && bytes.size() < 5) break;
    Error error;
    const std::size_t used = put(bytes, error);
    if (stage_ == Stage::kHeader) header_bytes_ += used;
    bytes.remove_prefix(used);
    if (error && error != beast::error::need_more) {
      explain(error);
      break;
    }
    if (stage_ == Stage::kHeader && parser_->is_header_done()) {
      finish_header();
    } else if (parser_->is_done()) {
      finish_answer();
    } else if (error) {
      break;
    }
  }
  return bytes;
}

// What parse() left waits for more: part of a header, of a chunk's line or of the
// trailers. `fresh` bytes of it may be new.
void Http1::keep(std::string_view rest, std::size_t fresh) {
  if (failed() || stage_ == Stage::kDone) {
    over_ = over_ || !rest.empty();
    pending_ = {};
    return;
  }
  if (stage_ == Stage::kHeader) {
    if (header_bytes_ + rest.size() >= limits_.header_bytes) return explain(beast::error::header_limit);
    const std::size_t looked_at = rest.size() - std::min(rest.size(), fresh);
    if (has_bare_line_feed(rest, looked_at)) return explain(beast::error::bad_line_ending);
  } else if (rest.size() > limits_.header_bytes) {
    return fail(Reason::kHeaderLimit,
                "the trailers are larger than " + std::to_string(limits_.header_bytes) + " bytes");
  } else if (rest.size() > kChunkLine &&
             rest.substr(0, kChunkLine).find("\r\n", 2) == std::string_view::npos) {
    return fail(Reason::kMalformedChunk, "the line before a chunk is longer than 8 KiB");
  }
  if (rest.empty()) {
    pending_.clear();
  } else if (pending_.empty()) {
    pending_ = rest;
  } else {
    pending_.erase(0, pending_.size() - rest.size());
  }
}

// Many servers leave out the space before an empty reason phrase; Beast insists on it.
std::size_t Http1::put(std::string_view bytes, Error& error) {
  constexpr std::size_t kBare = std::string_view("HTTP/1.1 200").size();
  if (parser_->got_some() || bytes.find("\r\n") != kBare) {
    return parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  }
  const std::string line = std::string(bytes.substr(0, kBare)) + " \r\n";
  parser_->put(boost::asio::const_buffer(line.data(), line.size()), error);
  if (error == beast::error::need_more) error = {};
  return kBare + 2;
}

// Whether all of it is there. What is none is seen by the first bytes, rather than
// when a whole header is there.
bool Http1::has_status_line(std::string_view bytes) {
  constexpr std::string_view kStart = "HTTP/1.";
  const std::size_t length = std::min(bytes.size(), kStart.size());
  if (bytes.substr(0, length) == kStart.substr(0, length))
    return bytes.find("\r\n") != std::string_view::npos;
  fail(Reason::kMalformedStatusLine,
       "the answer is not HTTP/1: it begins with \"" +
           plain_text(bytes.substr(0, std::min<std::size_t>(bytes.size(), 32))) + "\"");
  return false;
}

void Http1::finish_header() {
  const int status = parser_->status();
  // 101 is final: nobody here asks for another protocol unless a person did.
  if (status / 100 == 1 && status != 101) {
    if (++interim_answers_ > kMaxInterimAnswers) {
      return fail(Reason::kMalformedStatusLine, "the server sends one interim answer after another");
    }
    return begin_answer();
  }
  if (status < 100) return fail(Reason::kMalformedStatusLine, "the answer's status is below 100");
  answer_.status = status;
  answer_.version = parser_->old() ? domain::HttpVersion::k1_0 : domain::HttpVersion::k1_1;
  stage_ = Stage::kBody;
  if (parser_->is_done()) return finish_answer();
  check_framing();
  if (!failed()) answer_body_.begin(answer_, limits_);
  if (answer_body_.fault()) fault_ = answer_body_.fault();
}

// Only for answers with a body. Beast has seen to Content-Length, and to both at once.
void Http1::check_framing() {
  if (const auto coding = answer_.headers.find("transfer-encoding"); coding && !parser_->chunked()) {
    fail(Reason::kMalformedHeader,
         "the answer's Transfer-Encoding \"" + plain_text(*coding) + "\" is not chunked");
  } else if (coding && !same_name(*coding, "chunked")) {
    fail(Reason::kMalformedHeader,
         "the answer's Transfer-Encoding \"" + plain_text(*coding) + "\" was not asked for");
  }
}

void Http1::finish_answer() {
  if (answer_.wire_bytes > 0 && !answer_body_.finish()) {
    fault_ = answer_body_.fault();
    return;
  }
  stage_ = Stage::kDone;
  // Framing of an HTTP/1.0 answer by Transfer-Encoding is not to be trusted.
  const bool doubtful = parser_->old() && answer_.headers.find("transfer-encoding");
  keeps_alive_ = parser_->keep_alive() && !doubtful && answer_.status != 101 && !over_;
}

void Http1::end(End how) {
  over_ = true;
  if (failed() || stage_ == Stage::kIdle || stage_ == Stage::kDone) return;
  const bool reset = how == End::kReset;
  if (stage_ == Stage::kWaiting) {
    return fail(Reason::kRequestReset, reset ? "the connection was reset before an answer came"
                                             : "the server closed the connection without an answer");
  }
  if (stage_ == Stage::kHeader) {
    look_at_pending();
    return fail(Reason::kHeaderReset, reset ? "the connection was reset within the answer's headers"
                                            : "the server closed the connection within the answer's headers");
  }
  end_of_body(how);
}

// Once Beast has asked for more, it waits for the end of the header. Whether the lines
// that came before the stream ended were any good, another parser tells.
void Http1::look_at_pending() {
  if (pending_.empty() || !parser_->got_some()) return;
  Answer answer;
  Parser parser(answer, answer_body_, true);
  const std::string lines = "HTTP/1.1 200 \r\n" + pending_;
  Error error;
  parser.put(boost::asio::const_buffer(lines.data(), lines.size()), error);
  if (error && error != beast::error::need_more) explain(error);
}

void Http1::end_of_body(End how) {
  if (how == End::kClosed && parser_->need_eof()) return finish_answer();
  std::string message = how == End::kReset ? "the connection was reset" : "the server closed the connection";
  message += " within the answer's body, after " + std::to_string(answer_.wire_bytes);
  if (const auto length = parser_->content_length()) message += " of " + std::to_string(*length);
  fail(Reason::kBodyReset, message + " bytes");
}

void Http1::explain(const Error& error) {
  if (answer_body_.fault() && stage_ == Stage::kBody) {
    fault_ = answer_body_.fault();
    pending_ = {};
    return;
  }
  Fault fault = http1_fault(error, stage_ == Stage::kBody, parser_->got_some() && parser_->status() > 0,
                            limits_.header_bytes);
  fail(fault.reason, std::move(fault.message));
}

void Http1::fail(Reason reason, std::string message) {
  if (!fault_) fault_ = {reason, std::move(message)};
  pending_ = {};
}

}  // namespace

std::unique_ptr<Exchange> make_http1() { return std::make_unique<Http1>(); }

}  // namespace openseer::probe::http
