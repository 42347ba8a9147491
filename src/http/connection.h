#pragma once

#include <limits>
#include <memory>
#include <string>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include "http/request_parser.h"
#include "http/server.h"
#include "http/transport.h"

namespace openseer::http {

// What the connections of one server share.
struct Serving {
  Handler handler;
  Limits limits;
  bool draining = false;
};

// One client: reads requests one after the other, has each answered, writes the
// answers. Owned by the server, which spawns run() and forgets the connection
// when that has returned. Runs on the server's executor.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::any_io_executor executor, std::unique_ptr<Transport> transport,
             std::shared_ptr<const Serving> serving, std::string peer_address, bool tls);

  // Until the connection is over. Throws nothing that a client can cause.
  asio::awaitable<void> run();

  // The server is going away: ends now if idle, ends a stream, and otherwise
  // after the answer under way.
  void drain();
  // Ends now; a handler under way is cancelled.
  void abort();
  // Since when it waits for a request; time_point::max() while it does not.
  Monotonic idle_since() const { return idle_since_; }

 private:
  class ChunkWriter;

  asio::awaitable<bool> receive(RequestParser& parser);
  asio::awaitable<bool> feed(RequestParser& parser);
  asio::awaitable<bool> fill();
  asio::awaitable<bool> answer(RequestParser& parser);
  asio::awaitable<Response> call_handler(Exchange& exchange);
  asio::awaitable<bool> send(Response response, bool keep_alive);
  asio::awaitable<std::unique_ptr<BodyWriter>> open_stream(int status, Headers headers);
  asio::awaitable<bool> close_stream();
  asio::awaitable<bool> write_chunk(std::string_view bytes);
  asio::awaitable<void> watch_peer();
  asio::awaitable<bool> write(std::string_view bytes);
  asio::awaitable<void> linger();
  void cancel_handler();

  // The one deadline of whatever the connection waits for now; when it passes,
  // the connection is aborted.
  void arm(Milliseconds from_now);
  void disarm() { deadline_ = Monotonic::max(); }
  void tick();

  asio::any_io_executor executor_;
  std::unique_ptr<Transport> transport_;
  std::shared_ptr<const Serving> serving_;
  std::string peer_address_;
  bool tls_;

  std::string input_;  // received, not yet parsed
  bool first_ = true;  // no request has been received yet
  bool aborted_ = false;
  Monotonic idle_since_ = Monotonic::max();

  asio::steady_timer watchdog_;
  bool ticking_ = false;
  Monotonic deadline_ = Monotonic::max();

  // Of the request under way.
  struct Answer {
    bool running = false;  // its handler
    bool cancelled = false;
    bool head_only = false;
    bool http_1_0 = false;
    bool keep_alive = false;
    bool streamed = false;
    bool chunked = false;
    bool writing = false;  // stays set when a write was cut off: the framing is lost
    bool failed = false;   // the handler of a stream threw
  } now_;
  asio::cancellation_signal cancel_handler_;
  bool watching_ = false;
  asio::cancellation_signal stop_watching_;
  asio::steady_timer watch_over_;
};

}  // namespace openseer::http
