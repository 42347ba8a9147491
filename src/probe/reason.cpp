#include "probe/reason.h"

#include <cerrno>
#include <ctime>

#include <openssl/x509_vfy.h>

#include "probe/egress.h"

namespace openseer::probe {
namespace {

using domain::Reason;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string date_of(Instant instant) {
  const std::time_t seconds = std::chrono::floor<Seconds>(instant).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[sizeof "-2147483648-12-31"];
  const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return {text, length};
}

std::string duration_text(Milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + " s";
}

std::string size_text(std::uint64_t bytes) {
  if (bytes % (1024 * 1024) == 0) return std::to_string(bytes / (1024 * 1024)) + " MiB";
  if (bytes % 1024 == 0) return std::to_string(bytes / 1024) + " KiB";
  return std::to_string(bytes) + " bytes";
}

// "::1 port 80"
std::string place(const Exchange& exchange, const Target& target) {
  const std::string& host = exchange.remote_address.empty() ? target.host : exchange.remote_address;
  return host + " port " + std::to_string(target.port);
}

Explanation explain_connect(const Exchange& exchange, const Target& target) {
  if (exchange.denied) return explain_denied(*exchange.denied);
  const std::string where = place(exchange, target);
  switch (exchange.system_error) {
    case ECONNREFUSED:
      return {Reason::kConnectRefused, where + " refused the connection"};
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EAFNOSUPPORT:
      return {Reason::kConnectUnreachable, where + " cannot be reached from this network"};
    case ETIMEDOUT:
      return {Reason::kTimeoutConnect, where + " did not answer the connection attempt"};
    case EMFILE:
    case ENFILE:
      return {Reason::kWorker, "the worker has no descriptors left"};
    case ENOBUFS:
    case ENOMEM:
      return {Reason::kWorker, "the worker has no memory left for a connection"};
    case EADDRNOTAVAIL:
      return {Reason::kWorker, "the worker has no local address or port left to connect to " + where};
    default:
      break;
  }
  std::string message = "connecting to " + where + " failed";
  if (exchange.system_error != 0) {
    message += ": " + std::error_code(exchange.system_error, std::generic_category()).message();
  }
  return {Reason::kConnectFailed, std::move(message)};
}

Explanation explain_certificate(const CertificateReport& certificate, const Target& target) {
  const std::string subject = certificate.error_depth == 0 ? "the certificate" : "a certificate of the chain";
  switch (certificate.verify_error) {
    case X509_V_OK: {
      std::string message = "the certificate is not valid for " + target.host;
      for (std::size_t i = 0; i < certificate.names.size(); ++i) {
        message += (i == 0 ? "; it names " : ", ") + certificate.names[i];
      }
      return {Reason::kTlsHostMismatch, std::move(message)};
    }
    case X509_V_ERR_CERT_HAS_EXPIRED: {
      const bool dated = certificate.error_depth == 0 && certificate.not_after;
      return {Reason::kTlsExpired,
              subject + " expired" + (dated ? " on " + date_of(*certificate.not_after) : "")};
    }
    case X509_V_ERR_CERT_NOT_YET_VALID: {
      const bool dated = certificate.error_depth == 0 && certificate.not_before;
      return {Reason::kTlsUntrusted,
              subject + " is not valid " + (dated ? "before " + date_of(*certificate.not_before) : "yet")};
    }
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {Reason::kTlsSelfSigned, "the certificate is self-signed"};
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return {Reason::kTlsUntrusted, "the certificate comes from an authority that is not trusted"};
    default:
      return {Reason::kTlsUntrusted,
              "the certificate is not trusted: " +
                  std::string(X509_verify_cert_error_string(certificate.verify_error))};
  }
}

// "...:SSL routines::unsupported protocol" ends in what OpenSSL has to say.
std::string openssl_words(const std::string& text) {
  constexpr std::string_view kLead = " routines::";
  const std::size_t at = text.rfind(kLead);
  return at == std::string::npos ? std::string() : text.substr(at + kLead.size());
}

Explanation explain_handshake(const Exchange& exchange, const Target& target) {
  const std::string& text = exchange.error_text;
  if (exchange.certificate.verify_error != X509_V_OK && exchange.code == CURLE_PEER_FAILED_VERIFICATION) {
    return explain_certificate(exchange.certificate, target);
  }
  if (contains(text, "wrong version number") || contains(text, "packet length too long") ||
      contains(text, "http request")) {
    return {Reason::kTlsHandshake, place(exchange, target) + " does not speak TLS"};
  }
  if (contains(text, "unsupported protocol") || contains(text, "protocol version")) {
    return {Reason::kTlsHandshake, "the server offers no TLS version from 1.2 on"};
  }
  const std::string words = openssl_words(text);
  if (words.empty() || contains(words, "unexpected eof")) {
    return {Reason::kTlsHandshake, "the server ended the connection during the TLS handshake"};
  }
  return {Reason::kTlsHandshake, "the TLS handshake failed: " + words};
}

Explanation explain_stop(const Exchange& exchange, const Limits& limits) {
  switch (exchange.stop) {
    case Stop::kHeaderLimit:
      return {Reason::kProtocol, "the answer's headers exceed " + size_text(limits.header_bytes)};
    case Stop::kBodyLimit:
      return {Reason::kBodyLimit, "the answer's body exceeds " + size_text(limits.body_bytes)};
    case Stop::kRedirect:
    case Stop::kNone:
      break;
  }
  return {Reason::kProtocol, "the answer's body could not be decoded"};
}

Explanation explain_receive(const Exchange& exchange) {
  const std::string& text = exchange.error_text;
  if (contains(text, "chunk")) return {Reason::kProtocol, "the answer's chunks are malformed"};
  if (contains(text, "response headers")) return {Reason::kProtocol, "the answer's headers are too large"};
  if (contains(text, " alert ")) {
    return {Reason::kTlsHandshake, "the server ended the TLS session: " + openssl_words(text)};
  }
  if (exchange.marks.first_byte == Microseconds{}) {
    return {Reason::kConnectionLost, "the server closed the connection without an answer"};
  }
  return {Reason::kConnectionLost, "the connection was lost before the answer was complete"};
}

Explanation explain_memory(const Exchange& exchange, const Limits& limits) {
  // libcurl's name for a header line beyond its own limit, before version 8.6.
  const Stage stage = stage_of(exchange.marks);
  if ((stage == Stage::kWait || stage == Stage::kDownload) && exchange.body_bytes == 0) {
    return {Reason::kProtocol, "the answer's headers exceed " + size_text(limits.header_bytes)};
  }
  return {Reason::kWorker, "the worker has no memory left"};
}

// Codes that say nothing about the cause: judged by how far the hop had come.
Explanation explain_other(const Exchange& exchange, const Target& target) {
  switch (stage_of(exchange.marks)) {
    case Stage::kDns:
    case Stage::kConnect:
      return explain_connect(exchange, target);
    case Stage::kTls:
      return explain_handshake(exchange, target);
    case Stage::kWait:
    case Stage::kDownload:
      break;
  }
  return explain_receive(exchange);
}

}  // namespace

Explanation explain(const Exchange& exchange, const Target& target, const Limits& limits) {
  switch (static_cast<int>(exchange.code)) {
    case CURLE_OK:
      // libcurl takes headers that end with the connection for whole ones.
      if (exchange.headers_complete) return {};
      return {Reason::kConnectionLost, "the server closed the connection within the answer's headers"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Reason::kDnsFailed, "the name " + target.host + " could not be resolved"};
    case CURLE_COULDNT_CONNECT:
      return explain_connect(exchange, target);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return explain_certificate(exchange.certificate, target);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      return explain_handshake(exchange, target);
    case CURLE_SSL_CACERT_BADFILE:
      return {Reason::kWorker, "the worker cannot read its file of certificate authorities"};
    case CURLE_WRITE_ERROR:
      return explain_stop(exchange, limits);
    case CURLE_BAD_CONTENT_ENCODING:
      return {Reason::kProtocol, "the answer's body is not what its Content-Encoding says"};
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {Reason::kProtocol, "the answer is not valid HTTP"};
    case CURLE_HTTP2:
      return {Reason::kProtocol, "the answer breaks the rules of HTTP/2"};
    case CURLE_HTTP2_STREAM:
      return {Reason::kConnectionLost, "the server reset the HTTP/2 stream before the answer was complete"};
    case CURLE_FILESIZE_EXCEEDED:
      return {Reason::kBodyLimit, "the answer's body exceeds " + size_text(limits.body_bytes)};
    case CURLE_PARTIAL_FILE:
      return {Reason::kConnectionLost, "the server closed the connection before the answer was complete"};
    case CURLE_GOT_NOTHING:
      return {Reason::kConnectionLost, "the server closed the connection without an answer"};
    case CURLE_RECV_ERROR:
      return explain_receive(exchange);
    case CURLE_SEND_ERROR:
      return {Reason::kConnectionLost, "the connection was lost while the request was sent"};
    case CURLE_OUT_OF_MEMORY:
      return explain_memory(exchange, limits);
    case 100:  // CURLE_TOO_LARGE, since libcurl 8.6
      return {Reason::kProtocol, "the answer's headers are too large"};
    case CURLE_URL_MALFORMAT:
      return {Reason::kWorker, "the worker cannot read the URL"};
    default:
      return explain_other(exchange, target);
  }
}

Explanation explain_timeout(Stage stage, Milliseconds timeout) {
  const std::string limit = duration_text(timeout);
  switch (stage) {
    case Stage::kDns:
      return {Reason::kTimeoutDns, "the name server gave no answer within " + limit};
    case Stage::kConnect:
      return {Reason::kTimeoutConnect, "no connection within " + limit};
    case Stage::kTls:
      return {Reason::kTimeoutTls, "the TLS handshake did not finish within " + limit};
    case Stage::kWait:
      return {Reason::kTimeoutFirstByte, "no answer within " + limit};
    case Stage::kDownload:
      break;
  }
  return {Reason::kTimeoutDownload, "the answer was not complete after " + limit};
}

Explanation explain_denied(const boost::asio::ip::address& address) {
  const std::string text = address.to_string();
  if (reach_of(address) == Reach::kPrivate) {
    return {Reason::kEgressDenied, text + " is a private address, which this worker may not connect to"};
  }
  return {Reason::kEgressDenied, text + " is a reserved address, which no check may connect to"};
}

}  // namespace openseer::probe
