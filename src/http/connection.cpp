#include "http/connection.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "http/response_head.h"

namespace openseer::http {
namespace {

constexpr std::size_t kReadSize = 8 * 1024;
// A body up to this size leaves in one piece with its header.
constexpr std::size_t kOnePiece = 16 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// How long, and how much, a client that was refused may go on sending before
// the connection is reset, which could cost it the answer.
constexpr Seconds kLingerTime{1};
constexpr std::size_t kLingerBytes = 4 * 1024 * 1024;

bool has_no_body(int status) { return status == 204 || status == 304; }

}  // namespace

// Handed to the handler, which returns before the connection ends.
class Connection::ChunkWriter final : public BodyWriter {
 public:
  explicit ChunkWriter(Connection& connection) : connection_(connection) {}
  asio::awaitable<bool> write(std::string_view bytes) override { return connection_.write_chunk(bytes); }

 private:
  Connection& connection_;
};

Connection::Connection(asio::any_io_executor executor, std::unique_ptr<Transport> transport,
                       std::shared_ptr<const Serving> serving, std::string peer_address, bool tls)
    : executor_(executor),
      transport_(std::move(transport)),
      serving_(std::move(serving)),
      peer_address_(std::move(peer_address)),
      tls_(tls),
      watchdog_(executor),
      watch_over_(executor, Monotonic::max()) {}

asio::awaitable<void> Connection::run() {
  idle_since_ = std::chrono::steady_clock::now();
  arm(serving_->limits.header_time);
  bool open = co_await transport_->handshake();
  while (open && !aborted_) {
    RequestParser parser(serving_->limits);
    open = co_await receive(parser) && co_await answer(parser);
  }
  if (!aborted_) co_await linger();
  abort();
}

// Reads one request. False when the connection is over, by the client's wish,
// a deadline, or an error that has been answered.
asio::awaitable<bool> Connection::receive(RequestParser& parser) {
  const Limits& limits = serving_->limits;
  idle_since_ = std::chrono::steady_clock::now();
  arm(first_ ? limits.header_time : limits.idle_time);
  bool begun = false;
  while (true) {
    if (!input_.empty() && !begun) {
      begun = true;
      first_ = false;
      idle_since_ = Monotonic::max();
      arm(limits.header_time);
    }
    if (!co_await feed(parser)) co_return false;
    if (parser.state() == RequestParser::State::kComplete) co_return true;
    if (!begun && serving_->draining) co_return false;
    if (begun) transport_->acknowledge();
    if (!co_await fill()) co_return false;
  }
}

// Parses what has been received. False after an error, which has been answered.
asio::awaitable<bool> Connection::feed(RequestParser& parser) {
  while (!input_.empty()) {
    const auto before = parser.state();
    const std::size_t used = parser.put(input_);
    input_.erase(0, used);
    if (parser.state() == RequestParser::State::kFailed) {
      Response refusal = text_response(parser.status(), parser.reason());
      now_ = {};
      co_await send(std::move(refusal), false);
      co_return false;
    }
    if (parser.state() == RequestParser::State::kComplete) co_return true;
    if (before == RequestParser::State::kHeader && parser.state() == RequestParser::State::kBody) {
      arm(serving_->limits.body_time);
      if (parser.expects_continue() && input_.empty()) {
        if (!co_await write(kContinue)) co_return false;
        arm(serving_->limits.body_time);
      }
      continue;
    }
    if (used == 0) break;
  }
  co_return true;
}

asio::awaitable<bool> Connection::fill() {
  const std::size_t size = input_.size();
  input_.resize(size + kReadSize);
  const std::size_t n = co_await transport_->read_some(std::span(input_).subspan(size));
  input_.resize(size + n);
  co_return n > 0;
}

// Has the request answered. False when the connection must end.
asio::awaitable<bool> Connection::answer(RequestParser& parser) {
  disarm();
  Exchange exchange;
  exchange.request = parser.take();
  exchange.request.peer_address = peer_address_;
  exchange.request.tls = tls_;
  exchange.stream = [this](int status, Headers headers) { return open_stream(status, std::move(headers)); };
  now_ = {};
  now_.head_only = exchange.request.method == "HEAD";
  now_.http_1_0 = parser.http_1_0();
  now_.keep_alive = parser.keep_alive();

  now_.running = true;
  Response response =
      co_await asio::co_spawn(executor_, call_handler(exchange),
                              asio::bind_cancellation_slot(cancel_handler_.slot(), asio::use_awaitable));
  now_.running = false;

  if (now_.streamed) co_return co_await close_stream();
  if (aborted_) co_return false;
  co_return co_await send(std::move(response), now_.keep_alive && !serving_->draining);
}

asio::awaitable<Response> Connection::call_handler(Exchange& exchange) {
  std::string what;
  try {
    co_return co_await serving_->handler(exchange);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
    what = "unknown exception";
  }
  now_.failed = true;
  // A handler that was cut off has failed at nothing.
  if (!now_.cancelled) {
    log::error("request failed",
               {{"method", exchange.request.method}, {"path", exchange.request.path}, {"error", what}});
  }
  co_return text_response(500, "internal error");
}

asio::awaitable<bool> Connection::send(Response response, bool keep_alive) {
  const std::string_view body =
      response.static_body.empty() ? std::string_view(response.body) : response.static_body;
  const Framing framing = has_no_body(response.status) ? Framing::kNone : Framing::kLength;
  std::string head =
      response_head(response.status, response.headers, framing, body.size(), keep_alive, now_.http_1_0);
  const bool bodiless = now_.head_only || framing == Framing::kNone;
  if (!bodiless && body.size() <= kOnePiece) head.append(body);
  bool sent = co_await write(head);
  if (sent && !bodiless && body.size() > kOnePiece) sent = co_await write(body);
  co_return sent&& keep_alive;
}

asio::awaitable<std::unique_ptr<BodyWriter>> Connection::open_stream(int status, Headers headers) {
  if (now_.streamed) throw std::logic_error("a response is streamed twice");
  now_.streamed = true;
  now_.chunked = !now_.http_1_0 && !has_no_body(status);
  now_.keep_alive = now_.keep_alive && !now_.http_1_0 && !serving_->draining;
  const Framing framing = has_no_body(status) ? Framing::kNone
                          : now_.http_1_0     ? Framing::kClose
                                              : Framing::kChunked;
  std::string head = response_head(status, headers, framing, 0, now_.keep_alive, now_.http_1_0);
  watching_ = true;
  asio::co_spawn(executor_, watch_peer(),
                 asio::bind_cancellation_slot(stop_watching_.slot(), [self = shared_from_this()](auto) {
                   self->watching_ = false;
                   self->watch_over_.cancel();
                 }));
  now_.writing = true;
  now_.writing = !co_await write(head);
  if (serving_->draining) cancel_handler();
  std::unique_ptr<BodyWriter> writer = std::make_unique<ChunkWriter>(*this);
  co_return std::move(writer);
}

asio::awaitable<bool> Connection::write_chunk(std::string_view bytes) {
  if (now_.writing || aborted_) co_return false;
  if (now_.head_only || bytes.empty()) co_return true;
  std::string chunk;
  if (now_.chunked) {
    std::array<char, 20> size{};
    const auto end = std::to_chars(size.begin(), size.end(), bytes.size(), 16).ptr;
    chunk.reserve(bytes.size() + 24);
    chunk.append(size.begin(), end).append("\r\n").append(bytes).append("\r\n");
  }
  now_.writing = true;
  now_.writing = !co_await write(now_.chunked ? std::string_view(chunk) : bytes);
  co_return !now_.writing;
}

// The handler of a stream has returned.
asio::awaitable<bool> Connection::close_stream() {
  stop_watching_.emit(asio::cancellation_type::terminal);
  while (watching_) {
    boost::system::error_code ended;
    co_await watch_over_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
  }
  // Without the last chunk the client sees that something is missing.
  if (aborted_ || now_.writing || now_.failed) {
    abort();
    co_return false;
  }
  if (now_.chunked && !now_.head_only && !co_await write("0\r\n\r\n")) co_return false;
  co_return now_.keep_alive && !serving_->draining;
}

// While a stream is open nothing is expected from the client but its end.
asio::awaitable<void> Connection::watch_peer() {
  while (input_.size() < serving_->limits.header_bytes) {
    const bool open = co_await fill();
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) co_return;
    if (!open) break;
  }
  abort();
}

asio::awaitable<bool> Connection::write(std::string_view bytes) {
  while (!bytes.empty() && !aborted_) {
    arm(serving_->limits.write_time);
    const std::size_t n = co_await transport_->write_some(bytes);
    if (n == 0) break;
    bytes.remove_prefix(n);
  }
  disarm();
  co_return bytes.empty();
}

// Closes so that the client can read the last answer: closing with unread input
// would reset the connection.
asio::awaitable<void> Connection::linger() {
  arm(kLingerTime);
  co_await transport_->finish_writing();
  input_.resize(kReadSize);
  std::size_t discarded = 0;
  while (discarded < kLingerBytes) {
    const std::size_t n = co_await transport_->discard_some(input_);
    if (n == 0) break;
    discarded += n;
  }
}

void Connection::drain() {
  if (idle_since_ != Monotonic::max()) {
    abort();
  } else if (now_.streamed) {
    cancel_handler();
  }
}

void Connection::abort() {
  aborted_ = true;
  disarm();
  watchdog_.cancel();
  transport_->close();
  cancel_handler();
}

void Connection::cancel_handler() {
  if (!now_.running || now_.cancelled) return;
  now_.cancelled = true;
  cancel_handler_.emit(asio::cancellation_type::terminal);
}

void Connection::arm(Milliseconds from_now) {
  deadline_ = std::chrono::steady_clock::now() + from_now;
  if (!ticking_ || watchdog_.expiry() > deadline_) tick();
}

// The timer is moved only to an earlier time; one that fires too early goes on
// to the deadline of then.
void Connection::tick() {
  ticking_ = deadline_ != Monotonic::max();
  if (!ticking_ || aborted_) return;
  watchdog_.expires_at(deadline_);
  watchdog_.async_wait([weak = weak_from_this()](boost::system::error_code moved) {
    const auto self = weak.lock();
    if (moved || !self) return;
    if (self->deadline_ <= std::chrono::steady_clock::now()) return self->abort();
    self->tick();
  });
}

}  // namespace openseer::http
