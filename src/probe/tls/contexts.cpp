#include "probe/tls/contexts.h"

#include <atomic>
#include <stdexcept>

#include <sys/stat.h>

#include <openssl/pem.h>

#include "probe/tls/context.h"

namespace openseer::probe::tls {
namespace {

using domain::Reason;
using domain::TlsVersion;
using http::Fault;

constexpr std::size_t kMaxContexts = 512;
// X25519 costs least on both sides; the others are what else is in use.
constexpr const char* kGroups = "X25519:P-256:P-384:P-521";

OwnedBio memory_of(const std::string& pem) {
  return OwnedBio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string key_of(const domain::TlsSettings& settings, Offer offer) {
  std::string key;
  key += static_cast<char>(settings.minimum);
  key += static_cast<char>(offer);
  key += settings.skip_verification ? 'n' : 'y';
  for (const std::string* part :
       {&settings.ca_pem, &settings.client_certificate_pem, &settings.client_key_pem}) {
    key += *part;
    key += '\0';
  }
  return key;
}

int protocol_of(TlsVersion version) {
  switch (version) {
    case TlsVersion::k1_0:
      return TLS1_VERSION;
    case TlsVersion::k1_1:
      return TLS1_1_VERSION;
    case TlsVersion::k1_3:
      return TLS1_3_VERSION;
    case TlsVersion::kNone:
    case TlsVersion::k1_2:
      break;
  }
  return TLS1_2_VERSION;
}

void set_offer(SSL_CTX* context, Offer offer) {
  static constexpr unsigned char kBoth[] = "\x02h2\x08http/1.1";
  const unsigned char* const list = offer == Offer::kHttp1 ? kBoth + 3 : kBoth;
  const unsigned size = offer == Offer::kBoth ? 12 : offer == Offer::kHttp1 ? 9 : 3;
  SSL_CTX_set_alpn_protos(context, list, size);
}

bool read_authorities(const std::string& pem, X509_STORE* store) {
  const OwnedBio memory = memory_of(pem);
  bool any = false;
  while (memory != nullptr) {
    const OwnedX509 one(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) break;
    any = X509_STORE_add_cert(store, one.get()) == 1 || any;
  }
  ERR_clear_error();
  return any;
}

// The first certificate is the client's own; the others lead to its authority.
bool use_client_certificate(SSL_CTX* context, const domain::TlsSettings& settings) {
  const OwnedBio memory = memory_of(settings.client_certificate_pem);
  const OwnedBio key_memory = memory_of(settings.client_key_pem);
  if (memory == nullptr || key_memory == nullptr) return false;
  const OwnedX509 own(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  const OwnedKey key(PEM_read_bio_PrivateKey(key_memory.get(), nullptr, nullptr, nullptr));
  if (own == nullptr || key == nullptr) return false;
  if (SSL_CTX_use_certificate(context, own.get()) != 1 || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return false;
  }
  for (;;) {
    OwnedX509 next(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (next == nullptr) break;
    if (SSL_CTX_add_extra_chain_cert(context, next.get()) == 1) static_cast<void>(next.release());
  }
  return SSL_CTX_check_private_key(context) == 1;
}

std::int64_t changed_at(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
}

void set_up(SSL_CTX* context, TlsVersion minimum, Offer offer) {
  SSL_CTX_set_min_proto_version(context, protocol_of(minimum));
  set_strength(context, minimum == TlsVersion::k1_0 || minimum == TlsVersion::k1_1);
  SSL_CTX_set1_curves_list(context, kGroups);
  set_offer(context, offer);
  ask_for_staple(context);
  // Every handshake is a full one: a resumed session shows no certificate.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verify_callback, nullptr);
  SSL_CTX_set_cert_cb(context, certificate_callback, nullptr);
}

}  // namespace

Contexts::Contexts(Options options) : options_(std::move(options)), shared_(std::make_unique<Shared>()) {
  shared_->socket_method = make_socket_method();
}

Contexts::~Contexts() {
  shared_->contexts.clear();
  BIO_meth_free(shared_->socket_method);
}

Contexts::Found Contexts::get(const domain::TlsSettings& settings, Offer offer, Monotonic now) {
  refresh(now);
  std::string key = key_of(settings, offer);
  if (const auto found = shared_->contexts.find(key); found != shared_->contexts.end()) {
    return {found->second, {}};
  }
  auto context = std::make_shared<Context>(*shared_, options_.cache_chains);
  context->verifies = !settings.skip_verification;
  context->minimum = settings.minimum;
  context->ssl.reset(SSL_CTX_new(TLS_client_method()));
  if (context->ssl == nullptr) return {nullptr, {Reason::kWorker, "the worker has no memory left for TLS"}};
  set_up(context->ssl.get(), settings.minimum, offer);
  if (context->verifies) {
    Fault fault;
    context->trust = trust(settings, fault);
    if (context->trust == nullptr) return {nullptr, std::move(fault)};
    SSL_CTX_set1_cert_store(context->ssl.get(), context->trust->store.get());
  }
  if (!settings.client_certificate_pem.empty()) {
    if (!use_client_certificate(context->ssl.get(), settings)) {
      ERR_clear_error();
      return {nullptr,
              {Reason::kTlsClientCertificate,
               "the monitor's client certificate and its key cannot be used together"}};
    }
    context->has_certificate = true;
  }
  if (shared_->contexts.size() >= kMaxContexts) shared_->contexts.clear();
  shared_->contexts.emplace(std::move(key), context);
  return {std::move(context), {}};
}

void Contexts::prepare(const domain::TlsSettings& settings, Monotonic now) {
  refresh(now);
  Fault fault;
  if (!settings.skip_verification) trust(settings, fault);
}

std::shared_ptr<Contexts::Trust> Contexts::trust(const domain::TlsSettings& settings, Fault& fault) {
  static std::atomic<std::uint64_t> generations{0};
  auto& trusts = shared_->trusts;
  if (const auto found = trusts.find(settings.ca_pem); found != trusts.end()) return found->second;
  auto made = std::make_shared<Trust>();
  made->store.reset(X509_STORE_new());
  made->generation = ++generations;
  const bool own = !settings.ca_pem.empty();
  const bool read =
      made->store != nullptr &&
      (own ? read_authorities(settings.ca_pem, made->store.get())
           : X509_STORE_load_locations(made->store.get(), options_.ca_file.c_str(), nullptr) == 1);
  ERR_clear_error();
  if (!read) {
    fault = {Reason::kWorker, own ? "the monitor's CA bundle has no certificate that can be read"
                                  : "the worker cannot read its file of certificate authorities"};
    return nullptr;
  }
  if (trusts.size() >= kMaxContexts) trusts.clear();
  trusts.emplace(settings.ca_pem, made);
  return made;
}

void Contexts::refresh(Monotonic now) {
  if (now < shared_->next_look) return;
  shared_->next_look = now + std::chrono::minutes{1};
  const std::int64_t changed = changed_at(options_.ca_file);
  if (changed == shared_->file_changed) return;
  shared_->file_changed = changed;
  shared_->trusts.erase("");
  shared_->contexts.clear();
}

}  // namespace openseer::probe::tls
