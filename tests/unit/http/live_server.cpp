#include "live_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace openseer::http::test {
namespace {

using asio::ip::tcp;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;

template <class Write>
std::string pem(Write write) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  write(bio.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  if (extension == nullptr) throw std::logic_error("bad extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509Ptr certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  X509Ptr made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509* signer = issuer == nullptr ? made.get() : issuer;
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  if (issuer == nullptr) {
    extend(made.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
    extend(made.get(), signer, NID_key_usage, "critical,keyCertSign");
  } else {
    extend(made.get(), signer, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  }
  X509_sign(made.get(), issuer_key, EVP_sha256());
  return made;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Certificates make_certificates() {
  static int count = 0;
  const std::string name = "Test CA " + std::to_string(++count);
  const KeyPtr ca_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const X509Ptr ca = certificate(name.c_str(), ca_key.get(), nullptr, ca_key.get());
  const X509Ptr leaf = certificate("localhost", key.get(), ca.get(), ca_key.get());
  Certificates made;
  made.ca_pem = pem([&](BIO* bio) { PEM_write_bio_X509(bio, ca.get()); });
  made.server.certificate_chain_pem = pem([&](BIO* bio) { PEM_write_bio_X509(bio, leaf.get()); });
  made.server.private_key_pem =
      pem([&](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  return made;
}

LiveServer::LiveServer(Handler handler, Limits limits, std::optional<TlsIdentity> tls) {
  server_.emplace(io_.get_executor(), std::move(handler), limits);
  port_ = server_->listen("127.0.0.1", 0, std::move(tls));
  thread_ = std::thread([this] { io_.run(); });
}

LiveServer::~LiveServer() {
  drain(Milliseconds{0});
  thread_.join();  // nothing is left to run
}

void LiveServer::drain(Milliseconds grace) {
  if (io_.stopped()) return;
  asio::co_spawn(io_, server_->drain(grace), asio::use_future).get();
}

Client::Client(std::uint16_t port) : socket_(io_) {
  socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
}

Client::Client(std::uint16_t port, const std::string& ca_pem, std::string_view alpn, int highest_version)
    : Client(port) {
  context_.emplace(asio::ssl::context::tls_client);
  context_->add_certificate_authority(asio::buffer(ca_pem));
  context_->set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_max_proto_version(context_->native_handle(), highest_version);
  SSL_CTX_set_alpn_protos(context_->native_handle(), reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
  tls_.emplace(socket_, *context_);
  tls_->handshake(asio::ssl::stream_base::client);
}

void Client::send(std::string_view bytes) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  if (tls_) {
    asio::write(*tls_, buffer);
  } else {
    asio::write(socket_, buffer);
  }
}

std::size_t Client::read_some(char* to, std::size_t size) {
  std::optional<std::size_t> received;
  const auto done = [&received](boost::system::error_code error, std::size_t n) { received = error ? 0 : n; };
  if (tls_) {
    tls_->async_read_some(asio::buffer(to, size), done);
  } else {
    socket_.async_read_some(asio::buffer(to, size), done);
  }
  io_.restart();
  io_.run_for(std::chrono::seconds(10));
  if (received) return *received;
  close();
  io_.run();
  throw std::runtime_error("the server sends nothing and does not close");
}

bool Client::fill() {
  std::array<char, 16 * 1024> piece{};
  const std::size_t n = read_some(piece.data(), piece.size());
  input_.append(piece.data(), n);
  return n > 0;
}

std::string Client::read_until(std::string_view end) {
  std::size_t at = 0;
  while ((at = input_.find(end)) == std::string::npos) {
    if (!fill()) throw std::runtime_error("the connection ended after: " + input_);
  }
  return read_exactly(at + end.size());
}

std::string Client::read_exactly(std::size_t size) {
  while (input_.size() < size) {
    if (!fill()) throw std::runtime_error("the connection ended after: " + input_);
  }
  std::string taken = input_.substr(0, size);
  input_.erase(0, size);
  return taken;
}

Answer Client::answer(bool head_only) {
  Answer answer;
  answer.head = read_until("\r\n\r\n");
  answer.status = std::stoi(answer.head.substr(9, 3));
  std::size_t line = answer.head.find("\r\n") + 2;
  for (std::size_t end; (end = answer.head.find("\r\n", line)) != line; line = end + 2) {
    const std::string field = answer.head.substr(line, end - line);
    const std::size_t colon = field.find(": ");
    answer.headers[lower(field.substr(0, colon))] = field.substr(colon + 2);
  }
  if (head_only || answer.status == 304) return answer;
  if (answer.headers.contains("content-length")) {
    answer.body = read_exactly(std::stoul(answer.headers["content-length"]));
    return answer;
  }
  if (answer.headers["transfer-encoding"] != "chunked") {
    answer.body = rest();
    return answer;
  }
  for (std::size_t size = 1; size > 0;) {
    size = std::stoul(read_until("\r\n"), nullptr, 16);
    answer.body += read_exactly(size);
    if (read_exactly(2) != "\r\n") throw std::runtime_error("bad chunk");
  }
  return answer;
}

bool Client::is_closed() { return rest().empty(); }

std::string Client::rest() {
  while (fill()) {
  }
  return std::exchange(input_, {});
}

void Client::close() { socket_.close(); }

std::string Client::alpn() {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_->native_handle(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string post(std::string_view path, std::string_view headers, std::string_view body) {
  std::string request = "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n";
  request.append(headers).append("Content-Length: ").append(std::to_string(body.size()));
  return request.append("\r\n\r\n").append(body);
}

std::string get(std::string_view path, std::string_view headers) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) + "\r\n";
}

}  // namespace openseer::http::test
