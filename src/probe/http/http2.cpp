#include <array>
#include <charconv>
#include <new>
#include <utility>

#include "probe/http/body.h"
#include "probe/http/exchange.h"
#include "probe/http/http2_session.h"
#include "probe/plain_text.h"

// HTTP/2 (RFC 9113) as a client speaks it, one request at a time. nghttp2 does the
// framing, HPACK and flow control (http2_session.h); what bounds a hostile server, and
// what its errors mean, is decided here.
namespace openseer::probe::http {
namespace {

using domain::Reason;

constexpr std::int32_t kStreamWindow = 256 * 1024;
// Frames that bring an exchange no further (PING, SETTINGS, empty DATA, ...).
constexpr int kMaxIdleFrames = 1'000;
constexpr int kMaxInterimAnswers = 20;
// What is put together for one write.
constexpr std::size_t kWrite = 16 * 1024;

std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

class Http2 final : public Exchange, private Http2Events {
 public:
  void begin(Message message, const ExchangeLimits& limits) override;

  std::string_view output() override;
  void sent(std::size_t bytes) override;
  void stop_sending() override;
  void receive(std::string_view bytes) override;
  void end(End how) override;

  Stage stage() const override { return stage_; }
  bool request_sent() const override { return request_queued_ && unsent_.empty(); }
  bool reusable() const override;
  bool retryable() const override { return retryable_; }

 private:
  int on_begin_headers(const nghttp2_frame& frame) override;
  int on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) override;
  int on_invalid_header(std::string_view name) override;
  int on_frame(const nghttp2_frame& frame) override;
  int on_data(std::int32_t stream, std::string_view bytes) override;
  int on_stream_close(std::int32_t stream, std::uint32_t code) override;
  void on_invalid_frame(const nghttp2_frame& frame, int error) override;
  void on_sent(const nghttp2_frame& frame) override;
  std::size_t read_body(std::uint8_t* to, std::size_t room, bool& last) override;

  void submit();
  void fill();
  bool ours(std::int32_t stream) const { return stream == stream_ && stage_ != Stage::kIdle; }
  bool over() const { return failed() || stage_ == Stage::kDone || stage_ == Stage::kIdle; }
  bool speaks_http2(std::string_view bytes);
  int finish_headers();
  int finish_answer();
  int count_idle_frame();
  void check_session();
  int fail(Reason reason, std::string message);
  Reason reset_reason() const;

  Http2Session session_ = make_http2_session(*this);
  Stage stage_ = Stage::kIdle;
  ExchangeLimits limits_;
  Message message_;
  std::size_t body_sent_ = 0;
  std::int32_t stream_ = 0;
  bool request_queued_ = false;
  bool retryable_ = false;
  bool over_ = false;  // the byte stream, one way or the other

  std::string unsent_;
  std::size_t unsent_at_ = 0;

  Body body_;
  int status_ = 0;  // of the header that is coming in
  std::size_t header_bytes_ = 0;
  int interim_answers_ = 0;
  int idle_frames_ = 0;
  bool reset_by_peer_ = false;
  bool going_away_ = false;
  std::string defect_;  // nghttp2's words for the last frame it refused

  std::string greeting_;  // the first bytes received, until they are told from HTTP/1
  bool greeted_ = false;
};

void Http2::begin(Message message, const ExchangeLimits& limits) {
  message_ = std::move(message);
  limits_ = limits;
  fault_ = {};
  answer_ = {};
  body_sent_ = 0;
  request_queued_ = retryable_ = reset_by_peer_ = false;
  status_ = interim_answers_ = idle_frames_ = 0;
  header_bytes_ = 0;
  defect_.clear();
  if (stream_ == 0) {
    const std::array<nghttp2_settings_entry, 3> settings{{
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes)},
    }};
    nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0, kStreamWindow);
  }
  stage_ = Stage::kWaiting;
  submit();
}

void Http2::submit() {
  stream_ = submit_request(session_.get(), message_);
  message_.headers.clear();
  if (stream_ < 0) fail(Reason::kMalformedHttp2, "no further request fits on the connection");
}

std::size_t Http2::read_body(std::uint8_t* to, std::size_t room, bool& last) {
  const std::size_t size = message_.body.copy(reinterpret_cast<char*>(to), room, body_sent_);
  body_sent_ += size;
  idle_frames_ = 0;  // an upload draws WINDOW_UPDATEs
  last = body_sent_ == message_.body.size();
  return size;
}

void Http2::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.stream_id == stream_ && (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
    request_queued_ = true;
}

std::string_view Http2::output() {
  if (failed() || over_) return {};
  if (unsent_at_ == unsent_.size()) fill();
  return std::string_view(unsent_).substr(unsent_at_);
}

// Never holds more than two writes, whatever waits in the session.
void Http2::fill() {
  if (unsent_at_ == unsent_.size()) {
    unsent_.clear();
    unsent_at_ = 0;
  }
  while (unsent_.size() < kWrite) {
    const std::uint8_t* data = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &data);
    if (size == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    if (size <= 0) break;
    unsent_ += view(data, static_cast<std::size_t>(size));
  }
}

void Http2::sent(std::size_t bytes) {
  unsent_at_ += bytes;
  if (unsent_at_ < unsent_.size()) return;
  unsent_ = {};
  unsent_at_ = 0;
}

void Http2::stop_sending() {
  over_ = true;
  unsent_ = {};
  unsent_at_ = 0;
}

void Http2::receive(std::string_view bytes) {
  if (failed() || !speaks_http2(bytes)) return;
  const std::string greeting = std::exchange(greeting_, {});
  const std::string_view in = greeting.empty() ? bytes : std::string_view(greeting);
  const ssize_t used =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(in.data()), in.size());
  if (used == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  over_ = over_ || used < 0;
  if (failed()) return;
  if (used == NGHTTP2_ERR_FLOODED) {
    fail(Reason::kMalformedHttp2, "the server floods the connection with frames that want an answer");
  } else if (used < 0) {
    fail(Reason::kMalformedHttp2,
         std::string("the server breaks HTTP/2: ") + nghttp2_strerror(static_cast<int>(used)));
  } else {
    check_session();
  }
}

// A server that knows only HTTP/1 answers the preface with an error in HTTP/1; the
// first frame of one that knows HTTP/2 is SETTINGS.
bool Http2::speaks_http2(std::string_view bytes) {
  if (greeted_) return true;
  constexpr std::size_t kFrameHeader = 9;
  greeting_ += bytes;
  const bool http1 = greeting_.starts_with("HTTP/1");
  if (!http1 && greeting_.size() < kFrameHeader) return false;
  greeted_ = true;
  if (!http1 && greeting_[3] == NGHTTP2_SETTINGS) return true;
  if (http1) {
    fail(Reason::kHttpVersionRefused, "the server answered in HTTP/1 to an HTTP/2 request");
  } else {
    fail(Reason::kMalformedHttp2, "the server's first bytes are no HTTP/2");
  }
  return false;
}

// nghttp2 ends a session itself over a connection error (RFC 9113, section 5.4.1), once
// it has said so.
void Http2::check_session() {
  if (!over_) fill();
  if (nghttp2_session_want_read(session_.get()) != 0) return;
  over_ = over_ || stage_ == Stage::kDone || stage_ == Stage::kIdle;
  if (over()) return;
  fail(Reason::kMalformedHttp2, "the server breaks HTTP/2" + (defect_.empty() ? "" : ": " + defect_));
}

int Http2::on_begin_headers(const nghttp2_frame& frame) {
  if (!ours(frame.hd.stream_id)) return count_idle_frame();
  if (stage_ == Stage::kWaiting) stage_ = Stage::kHeader;
  if (stage_ == Stage::kHeader) answer_.headers.clear();
  status_ = 0;
  return 0;
}

int Http2::on_header(const nghttp2_frame& frame, std::string_view name, std::string_view value) {
  if (!ours(frame.hd.stream_id)) return 0;
  header_bytes_ += name.size() + value.size() + 32;  // as RFC 9113 (section 6.5.2) counts
  if (header_bytes_ > limits_.header_bytes) {
    return fail(Reason::kHeaderLimit,
                "the answer's header is larger than " + std::to_string(limits_.header_bytes) + " bytes");
  }
  if (stage_ != Stage::kHeader) return 0;  // trailers
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), status_);
  } else {
    answer_.headers.add(name, value);
  }
  return 0;
}

int Http2::on_invalid_header(std::string_view name) {
  return fail(Reason::kMalformedHeader,
              "the header \"" + plain_text(name.substr(0, 64)) + "\" of the answer is malformed");
}

int Http2::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY) going_away_ = true;
  if (!ours(frame.hd.stream_id)) return count_idle_frame();
  if (frame.hd.type == NGHTTP2_RST_STREAM) {
    reset_by_peer_ = true;  // on_stream_close() follows
  } else if (frame.hd.type == NGHTTP2_HEADERS) {
    if (stage_ == Stage::kHeader && finish_headers() != 0) return NGHTTP2_ERR_CALLBACK_FAILURE;
  } else if (frame.hd.type != NGHTTP2_DATA || frame.data.hd.length == frame.data.padlen) {
    if (count_idle_frame() != 0) return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
  return (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 ? finish_answer() : 0;
}

int Http2::finish_headers() {
  if (status_ < 100) return fail(Reason::kMalformedHeader, "the answer's status is below 100");
  if (status_ / 100 == 1) {
    if (++interim_answers_ <= kMaxInterimAnswers) return 0;
    return fail(Reason::kMalformedHttp2, "the server sends one interim answer after another");
  }
  answer_.status = status_;
  answer_.version = domain::HttpVersion::k2;
  stage_ = Stage::kBody;
  if (message_.method != "HEAD") body_.begin(answer_, limits_);
  return body_.fault() ? fail(body_.fault().reason, body_.fault().message) : 0;
}

int Http2::on_data(std::int32_t stream, std::string_view bytes) {
  if (!ours(stream) || stage_ != Stage::kBody || body_.receive(bytes)) return 0;
  return fail(body_.fault().reason, body_.fault().message);
}

int Http2::finish_answer() {
  if (stage_ != Stage::kBody) return 0;
  if (answer_.wire_bytes > 0 && !body_.finish()) return fail(body_.fault().reason, body_.fault().message);
  stage_ = Stage::kDone;
  return 0;
}

// What a server's RST_STREAM or GOAWAY means by how far the answer had come.
Reason Http2::reset_reason() const {
  if (stage_ == Stage::kWaiting) return Reason::kRequestReset;
  return stage_ == Stage::kHeader ? Reason::kHeaderReset : Reason::kBodyReset;
}

int Http2::on_stream_close(std::int32_t stream, std::uint32_t code) {
  if (!ours(stream) || over()) return 0;
  if (reset_by_peer_ || going_away_) {
    retryable_ = code == NGHTTP2_REFUSED_STREAM && stage_ == Stage::kWaiting;
    if (code == NGHTTP2_HTTP_1_1_REQUIRED) {
      return fail(Reason::kHttpVersionRefused, "the server wants HTTP/1.1 for this request");
    }
    return fail(reset_reason(),
                std::string("the server ended the exchange with ") + nghttp2_http2_strerror(code));
  }
  // nghttp2 itself refused what the server sent.
  if (stage_ == Stage::kBody && answer_.headers.find("content-length")) {
    return fail(Reason::kMalformedLength, "the body's size is not what Content-Length says");
  }
  if (stage_ == Stage::kHeader)
    return fail(Reason::kMalformedHeader, "the answer's header breaks HTTP/2's rules");
  return fail(Reason::kMalformedHttp2, "the server breaks HTTP/2" + (defect_.empty() ? "" : ": " + defect_));
}

void Http2::on_invalid_frame(const nghttp2_frame&, int error) { defect_ = nghttp2_strerror(error); }

int Http2::count_idle_frame() {
  if (++idle_frames_ <= kMaxIdleFrames) return 0;
  over_ = true;
  return fail(Reason::kMalformedHttp2, "the server floods the connection with frames that bring no answer");
}

void Http2::end(End how) {
  over_ = true;
  if (over()) return;
  retryable_ = stage_ == Stage::kWaiting && stream_ > 1;
  std::string message = how == End::kReset ? "the connection was reset" : "the server closed the connection";
  if (stage_ == Stage::kWaiting) message += " before an answer came";
  if (stage_ == Stage::kHeader) message += " within the answer's headers";
  if (stage_ == Stage::kBody) {
    message += " within the answer's body, after " + std::to_string(answer_.wire_bytes) + " bytes";
  }
  fail(reset_reason(), std::move(message));
}

bool Http2::reusable() const {
  return stage_ == Stage::kDone && !failed() && !over_ && !going_away_ && request_queued_ &&
         nghttp2_session_check_request_allowed(session_.get()) != 0;
}

int Http2::fail(Reason reason, std::string message) {
  if (!fault_ && stage_ != Stage::kDone) fault_ = {reason, std::move(message)};
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

}  // namespace

std::unique_ptr<Exchange> make_http2() { return std::make_unique<Http2>(); }

}  // namespace openseer::probe::http
