#pragma once

#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "http/server.h"

namespace openseer::http {

// The bytes of one accepted connection, with or without TLS. Virtual, so that
// everything above is compiled once. At most one read and one write at a time.
class Transport {
 public:
  virtual ~Transport() = default;
  // False when the peer does not complete it.
  virtual asio::awaitable<bool> handshake() = 0;
  // Bytes read or written; 0 when the connection has ended or failed.
  virtual asio::awaitable<std::size_t> read_some(std::span<char> into) = 0;
  virtual asio::awaitable<std::size_t> write_some(std::string_view bytes) = 0;
  // Acknowledges what was read at once: a client with Nagle's algorithm (Node's
  // Connect client) holds the rest of its request back until then, 40 ms.
  virtual void acknowledge() = 0;
  // Says that nothing more will be written.
  virtual asio::awaitable<void> finish_writing() = 0;
  // Reads and drops what the peer still sends, below TLS; 0 at the end.
  virtual asio::awaitable<std::size_t> discard_some(std::span<char> scratch) = 0;
  // Ends everything under way at once.
  virtual void close() = 0;
};

std::unique_ptr<Transport> make_plain_transport(asio::ip::tcp::socket socket);
// `context` must outlive the transport.
std::unique_ptr<Transport> make_tls_transport(asio::ip::tcp::socket socket, asio::ssl::context& context);

// TLS 1.2 and newer, ALPN "http/1.1". Throws std::system_error for a pair that
// does not work.
std::unique_ptr<asio::ssl::context> make_server_context(const TlsIdentity& identity);

}  // namespace openseer::http
