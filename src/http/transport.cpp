#include "http/transport.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace openseer::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;

asio::mutable_buffer buffer_of(std::span<char> bytes) { return asio::buffer(bytes.data(), bytes.size()); }
asio::const_buffer buffer_of(std::string_view bytes) { return asio::buffer(bytes.data(), bytes.size()); }

void acknowledge_now(tcp::socket& socket) {
  const int on = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {}

  asio::awaitable<bool> handshake() override { co_return true; }

  asio::awaitable<std::size_t> read_some(std::span<char> into) override {
    error_code error;
    const std::size_t n =
        co_await socket_.async_read_some(buffer_of(into), asio::redirect_error(asio::use_awaitable, error));
    co_return error ? 0 : n;
  }

  asio::awaitable<std::size_t> write_some(std::string_view bytes) override {
    error_code error;
    const std::size_t n =
        co_await socket_.async_write_some(buffer_of(bytes), asio::redirect_error(asio::use_awaitable, error));
    co_return error ? 0 : n;
  }

  asio::awaitable<void> finish_writing() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    co_return;
  }

  void acknowledge() override { acknowledge_now(socket_); }

  asio::awaitable<std::size_t> discard_some(std::span<char> scratch) override { return read_some(scratch); }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  tcp::socket socket_;
};

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp::socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  asio::awaitable<bool> handshake() override {
    error_code error;
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  asio::awaitable<std::size_t> read_some(std::span<char> into) override {
    error_code error;
    const std::size_t n =
        co_await stream_.async_read_some(buffer_of(into), asio::redirect_error(asio::use_awaitable, error));
    co_return error ? 0 : n;
  }

  asio::awaitable<std::size_t> write_some(std::string_view bytes) override {
    error_code error;
    const std::size_t n =
        co_await stream_.async_write_some(buffer_of(bytes), asio::redirect_error(asio::use_awaitable, error));
    co_return error ? 0 : n;
  }

  void acknowledge() override { acknowledge_now(stream_.next_layer()); }

  // Sends close_notify without waiting for the peer's, which may never come.
  asio::awaitable<void> finish_writing() override {
    SSL_set_shutdown(stream_.native_handle(), SSL_RECEIVED_SHUTDOWN);
    error_code ignored;
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
  }

  asio::awaitable<std::size_t> discard_some(std::span<char> scratch) override {
    error_code error;
    const std::size_t n = co_await stream_.next_layer().async_read_some(
        buffer_of(scratch), asio::redirect_error(asio::use_awaitable, error));
    co_return error ? 0 : n;
  }

  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

 private:
  asio::ssl::stream<tcp::socket> stream_;
};

int choose_http_1_1(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned int offered_length, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kHttp11, sizeof(kHttp11) - 1, offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::unique_ptr<Transport> make_plain_transport(tcp::socket socket) {
  return std::make_unique<PlainTransport>(std::move(socket));
}

std::unique_ptr<Transport> make_tls_transport(tcp::socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context);
}

std::unique_ptr<asio::ssl::context> make_server_context(const TlsIdentity& identity) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code error;
  const auto require = [&error](const char* what) {
    if (error) throw std::system_error(error, what);
  };
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, choose_http_1_1, nullptr);
  context->use_certificate_chain(buffer_of(std::string_view(identity.certificate_chain_pem)), error);
  require("cannot use the TLS certificate");
  context->use_private_key(buffer_of(std::string_view(identity.private_key_pem)), asio::ssl::context::pem,
                           error);
  require("cannot use the TLS private key");
  if (SSL_CTX_check_private_key(native) != 1) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            "the TLS private key does not belong to the certificate");
  }
  return context;
}

}  // namespace openseer::http
