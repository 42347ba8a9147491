#include "probe/tls/session.h"

#include <cerrno>
#include <ctime>

#include <sys/socket.h>

#include <boost/asio/ip/address.hpp>

#include "probe/plain_text.h"
#include "probe/tls/context.h"

namespace openseer::probe::tls {
namespace {

using domain::Reason;
using domain::TlsVersion;
using http::Fault;

constexpr int kHandshakeFailure = 40;  // alerts of RFC 8446, section 6
constexpr int kBadCertificate = 42;
constexpr int kCertificateUnknown = 46;
constexpr int kUnknownCa = 48;
constexpr int kAccessDenied = 49;
constexpr int kProtocolVersion = 70;
constexpr int kInsufficientSecurity = 71;
constexpr int kUnrecognisedName = 112;
constexpr int kCertificateRequired = 116;
constexpr int kNoApplicationProtocol = 120;

// How the socket below a session ended.
struct Socket {
  int fd = -1;
  bool closed = false;
  int error = 0;
};

Socket& socket_of(BIO* bio) { return *static_cast<Socket*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  Socket& socket = socket_of(bio);
  const ssize_t got = recv(socket.fd, to, static_cast<std::size_t>(size), 0);
  if (got > 0) return static_cast<int>(got);
  if (got == 0) {
    socket.closed = true;
  } else if (errno == EAGAIN || errno == EINTR) {
    BIO_set_retry_read(bio);
  } else {
    socket.error = errno;
  }
  return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  Socket& socket = socket_of(bio);
  const ssize_t sent = send(socket.fd, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<int>(sent);
  if (errno == EAGAIN || errno == EINTR) {
    BIO_set_retry_write(bio);
  } else {
    socket.error = errno;
  }
  return -1;
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

std::string version_text(TlsVersion version) {
  switch (version) {
    case TlsVersion::k1_0:
      return "1.0";
    case TlsVersion::k1_1:
      return "1.1";
    case TlsVersion::k1_3:
      return "1.3";
    case TlsVersion::kNone:
    case TlsVersion::k1_2:
      break;
  }
  return "1.2";
}

TlsVersion version_of(int number) {
  switch (number) {
    case TLS1_VERSION:
      return TlsVersion::k1_0;
    case TLS1_1_VERSION:
      return TlsVersion::k1_1;
    case TLS1_2_VERSION:
      return TlsVersion::k1_2;
    case TLS1_3_VERSION:
      return TlsVersion::k1_3;
    default:
      return TlsVersion::kNone;
  }
}

}  // namespace

BIO_METHOD* make_socket_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "probe socket");
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

struct Session::Impl {
  Impl(std::shared_ptr<Context> settings, std::string name, int fd)
      : context(std::move(settings)), name(std::move(name)), socket{fd, false, 0} {}

  int verify(X509_STORE_CTX* chain);
  Verdict judge(X509_STORE_CTX* chain, const std::string& prints);
  Fault explain(int ssl_error) const;
  Fault explain_alert(int alert) const;
  Result ended(int ssl_error);

  const std::shared_ptr<Context> context;
  const std::string name;
  Socket socket;
  OwnedSsl ssl;
  std::vector<std::shared_ptr<const domain::CertificateSummary>> chain;
  bool asked_for_certificate = false;
  bool secured = false;
  Fault fault;
};

Session::Session(std::shared_ptr<Context> context, std::string name, int fd)
    : impl_(std::make_unique<Impl>(std::move(context), std::move(name), fd)) {
  SSL* const ssl = SSL_new(impl_->context->ssl.get());
  BIO* const bio = BIO_new(impl_->context->shared.socket_method);
  if (ssl == nullptr || bio == nullptr) throw std::bad_alloc();
  impl_->ssl.reset(ssl);
  BIO_set_data(bio, &impl_->socket);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, impl_.get());
  SSL_set_connect_state(ssl);
  boost::system::error_code not_numeric;
  boost::asio::ip::make_address(impl_->name, not_numeric);
  if (not_numeric) SSL_set_tlsext_host_name(ssl, impl_->name.c_str());
}

Session::~Session() = default;

int verify_callback(X509_STORE_CTX* chain, void*) {
  auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  return static_cast<Session::Impl*>(SSL_get_app_data(ssl))->verify(chain);
}

// Called when the server asks for a certificate, whether or not there is one.
int certificate_callback(SSL* ssl, void*) {
  static_cast<Session::Impl*>(SSL_get_app_data(ssl))->asked_for_certificate = true;
  return 1;
}

int Session::Impl::verify(X509_STORE_CTX* ctx) {
  const STACK_OF(X509)* const presented = X509_STORE_CTX_get0_untrusted(ctx);
  std::string prints;
  chain.clear();
  for (int i = 0; i < static_cast<int>(sk_X509_num(presented)); ++i) {
    const X509* const one = sk_X509_value(presented, i);
    const Fingerprint print = fingerprint_of(one);
    prints.append(reinterpret_cast<const char*>(print.data()), print.size());
    chain.push_back(context->shared.summaries.of(one, print));
  }
  if (!context->verifies) return 1;
  const Verdict verdict = judge(ctx, prints);
  X509_STORE_CTX_set_error(ctx, verdict.error);
  if (verdict.error == 0) return 1;
  fault = certificate_fault(verdict, presented, name);
  return 0;
}

Verdict Session::Impl::judge(X509_STORE_CTX* ctx, const std::string& prints) {
  ChainCache::Window window;
  if (!context->cache_chains) return tls::verify(ctx, name, window);
  const Instant now = std::chrono::floor<Microseconds>(std::chrono::system_clock::now());
  const Monotonic clock = std::chrono::steady_clock::now();
  std::string key = prints + std::to_string(context->trust->generation) + ' ' + name;
  if (context->shared.chains.contains(key, now, clock)) return {};
  const Verdict verdict = tls::verify(ctx, name, window);
  if (verdict.error == 0) context->shared.chains.add(std::move(key), window, clock);
  return verdict;
}

Session::Step Session::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(impl_->ssl.get());
  if (result == 1) {
    impl_->secured = true;
    const std::span<const unsigned char> response = staple(impl_->ssl.get());
    if (impl_->context->verifies && !response.empty() &&
        is_revoked(response, SSL_get_peer_cert_chain(impl_->ssl.get()), impl_->context->trust->store.get())) {
      impl_->fault = {Reason::kTlsRevoked, "the certificate has been revoked by its issuer"};
      return Step::kFailed;
    }
    return Step::kDone;
  }
  const int error = SSL_get_error(impl_->ssl.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Step::kBlocked;
  if (!impl_->fault) impl_->fault = impl_->explain(error);
  ERR_clear_error();
  return Step::kFailed;
}

Fault Session::Impl::explain(int ssl_error) const {
  const unsigned long first = ERR_peek_error();
  if (ssl_error == SSL_ERROR_SSL && first != 0 && !socket.closed && socket.error == 0) {
    if (const auto alert = alert_of(first)) return explain_alert(*alert);
    switch (trouble_of(first)) {
      case Trouble::kNotTls:
        return {Reason::kTlsHandshake, "the server does not speak TLS on this port"};
      case Trouble::kVersion:
        return {Reason::kTlsVersion,
                "the server offers no TLS version from " + version_text(context->minimum) + " on"};
      case Trouble::kWeak:
        return {Reason::kTlsWeak, "the server's key exchange is too weak to be safe"};
      case Trouble::kOther:
        break;
    }
    const char* const words = ERR_reason_error_string(first);
    return {Reason::kTlsHandshake,
            plain_text("the TLS handshake failed: " + std::string(words ? words : "unknown error"))};
  }
  return {Reason::kTlsReset, socket.error != 0 && socket.error != EPIPE
                                 ? "the server reset the connection during the TLS handshake"
                                 : "the server ended the connection during the TLS handshake"};
}

Fault Session::Impl::explain_alert(int alert) const {
  const bool about_client = alert == kBadCertificate || alert == kCertificateUnknown || alert == kUnknownCa ||
                            alert == kAccessDenied || alert == kHandshakeFailure;
  if (alert == kCertificateRequired || (asked_for_certificate && about_client)) {
    return {Reason::kTlsClientCertificate, context->has_certificate
                                               ? "the server refuses the client certificate"
                                               : "the server wants a client certificate"};
  }
  switch (alert) {
    case kProtocolVersion:
      return {Reason::kTlsVersion,
              "the server offers no TLS version from " + version_text(context->minimum) + " on"};
    case kInsufficientSecurity:
      return {Reason::kTlsWeak, "the server asks for other cryptography than the worker offers"};
    case kUnrecognisedName:
      return {Reason::kTlsHandshake, "the server does not know the name " + name};
    case kNoApplicationProtocol:
      return {Reason::kHttpVersionRefused, "the server does not speak the HTTP version that was asked for"};
    default:
      return {Reason::kTlsHandshake, plain_text("the server refused the TLS handshake: " +
                                                std::string(SSL_alert_desc_string_long(alert)))};
  }
}

Report Session::report() const {
  Report report;
  report.chain = impl_->chain;
  const SSL* const ssl = impl_->ssl.get();
  const SSL_CIPHER* const cipher = SSL_get_current_cipher(ssl);
  if (cipher == nullptr) return report;
  report.version = version_of(SSL_version(ssl));
  report.cipher = SSL_CIPHER_get_name(cipher);
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &protocol, &size);
  report.protocol.assign(reinterpret_cast<const char*>(protocol), size);
  return report;
}

const Fault& Session::fault() const { return impl_->fault; }

Transport::Result Session::Impl::ended(int ssl_error) {
  switch (ssl_error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {Status::kBlocked, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::kClosed, 0};
    default:
      break;
  }
  // In TLS 1.3 a server that minds the client's certificate says so only now.
  const unsigned long first = ERR_peek_error();
  if (const auto alert = first != 0 ? alert_of(first) : std::nullopt) fault = explain_alert(*alert);
  ERR_clear_error();
  return {Status::kReset, 0};
}

Transport::Result Session::read(std::span<char> to) {
  ERR_clear_error();
  const int got = SSL_read(impl_->ssl.get(), to.data(), static_cast<int>(to.size()));
  if (got > 0) return {Status::kOk, static_cast<std::size_t>(got)};
  return impl_->ended(SSL_get_error(impl_->ssl.get(), got));
}

Transport::Result Session::write(std::string_view bytes) {
  ERR_clear_error();
  const int sent = SSL_write(impl_->ssl.get(), bytes.data(), static_cast<int>(bytes.size()));
  if (sent > 0) return {Status::kOk, static_cast<std::size_t>(sent)};
  return impl_->ended(SSL_get_error(impl_->ssl.get(), sent));
}

}  // namespace openseer::probe::tls
