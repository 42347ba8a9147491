#pragma once

#include <map>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>

#include "http/server.h"

// Real parts for the tests of http/: a server on a loopback port with its event
// loop on a thread, a blocking client that speaks raw bytes, and a certificate.
namespace openseer::http::test {

// A CA and a certificate for "localhost" and 127.0.0.1 that it signed.
struct Certificates {
  std::string ca_pem;
  TlsIdentity server;
};
Certificates make_certificates();

class LiveServer {
 public:
  explicit LiveServer(Handler handler, Limits limits = {}, std::optional<TlsIdentity> tls = {});
  ~LiveServer();

  std::uint16_t port() const { return port_; }
  asio::any_io_executor executor() { return io_.get_executor(); }
  // Returns when no connection is left.
  void drain(Milliseconds grace);

 private:
  asio::io_context io_;
  std::optional<Server> server_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Answer {
  int status = 0;
  std::string head;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

// A connection to a port on 127.0.0.1. Reads give up after 10 s.
class Client {
 public:
  explicit Client(std::uint16_t port);
  // TLS that trusts `ca_pem`, offering `alpn` in wire form.
  Client(std::uint16_t port, const std::string& ca_pem, std::string_view alpn = "\x08http/1.1",
         int highest_version = 0);

  void send(std::string_view bytes);
  // Up to and including `end`; throws when the connection ends before.
  std::string read_until(std::string_view end);
  std::string read_exactly(std::size_t size);
  // The next answer, whole; `head_only` when it answers HEAD.
  Answer answer(bool head_only = false);
  // True when the server has closed and nothing more has come.
  bool is_closed();
  std::string rest();
  void close();
  std::string alpn();

 private:
  std::size_t read_some(char* to, std::size_t size);
  bool fill();

  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
  std::string input_;
};

// "POST path" with a body and its length.
std::string post(std::string_view path, std::string_view headers, std::string_view body);
std::string get(std::string_view path, std::string_view headers = "");

}  // namespace openseer::http::test
