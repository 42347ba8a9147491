#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

// An HTTP/1.1 server with TLS where asked for. Boost.Beast parses; nothing of
// it is visible here.
namespace openseer::http {

namespace asio = boost::asio;

// Names are compared without regard to case.
class Headers {
 public:
  void set(std::string name, std::string value);  // replaces
  void add(std::string name, std::string value);
  // The first value, or "" when there is none.
  std::string_view get(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;
  std::string path;   // percent-decoded, always starts with '/', without dot segments
  std::string query;  // as sent, without '?'
  Headers headers;
  std::string body;
  std::string peer_address;  // numeric, no port
  bool tls = false;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // Instead of body when not empty: bytes that live as long as the process.
  std::string_view static_body;
};

// A response written piece by piece (chunked). Obtained from Exchange.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // False when the client has gone; then nothing more can be written.
  virtual asio::awaitable<bool> write(std::string_view bytes) = 0;
};

// Answers one request. Returns the whole response, or writes a streamed one
// through `stream`: it sends status and headers, then gives the writer; the
// returned Response is ignored after that. While a streamed response is open,
// the handler's coroutine is cancelled (terminal) as soon as the client closes.
struct Exchange {
  Request request;
  std::function<asio::awaitable<std::unique_ptr<BodyWriter>>(int status, Headers headers)> stream;
};
using Handler = std::function<asio::awaitable<Response>(Exchange&)>;

struct TlsIdentity {
  std::string certificate_chain_pem;
  std::string private_key_pem;
};

struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  Milliseconds header_time{10'000};  // to receive a request's header
  Milliseconds body_time{30'000};
  Milliseconds idle_time{75'000};   // between requests
  Milliseconds write_time{30'000};  // for one write to a client that does not read
  // At the cap the connection that has been idle longest makes room for a new
  // one; when none is idle, the new one is refused.
  int connections = 4096;
};

// Owned by app; everything runs on the executor given. One handler exception
// is one 500 and one log line, never the end of the server.
class Server {
 public:
  Server(asio::any_io_executor executor, Handler handler, Limits limits = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Starts to accept. Port 0 takes a free one; returns the port bound. Throws
  // std::system_error (address in use, permission).
  std::uint16_t listen(const std::string& address, std::uint16_t port, std::optional<TlsIdentity> tls = {});

  // Stops accepting, lets requests under way finish for at most `grace`, ends
  // streams, closes idle connections. Completes when no connection is left.
  asio::awaitable<void> drain(Milliseconds grace);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace openseer::http
