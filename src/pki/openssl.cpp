#include "pki/openssl.h"

#include <stdexcept>
#include <string_view>

namespace openseer::pki {
namespace {

// A PEM that is encrypted must fail rather than ask on the terminal.
int no_password(char*, int, int, void*) { return -1; }

template <class Ptr, class Read>
Ptr parse(std::string_view pem, Read read) {
  const BioPtr bio = read_bio(pem);
  Ptr object(read(bio.get(), nullptr, no_password, nullptr));
  if (!object) ERR_clear_error();
  return object;
}

}  // namespace

void fail(const char* what) {
  char reason[256] = "unknown error";
  if (const unsigned long error = ERR_get_error(); error != 0)
    ERR_error_string_n(error, reason, sizeof reason);
  ERR_clear_error();
  throw std::runtime_error(std::string(what) + ": " + reason);
}

BioPtr read_bio(std::string_view bytes) {
  require(bytes.size() <= INT32_MAX, "too many bytes for OpenSSL");
  BioPtr bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
  require(bio != nullptr, "cannot allocate");
  return bio;
}

std::string contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

CertificatePtr parse_certificate(std::string_view pem) {
  return parse<CertificatePtr>(pem, PEM_read_bio_X509);
}
RequestPtr parse_request(std::string_view pem) { return parse<RequestPtr>(pem, PEM_read_bio_X509_REQ); }
KeyPtr parse_private_key(std::string_view pem) { return parse<KeyPtr>(pem, PEM_read_bio_PrivateKey); }

std::string to_pem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "cannot write a certificate");
  return contents(bio.get());
}

std::string to_pem(EVP_PKEY* private_key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  require(bio && PEM_write_bio_PKCS8PrivateKey(bio.get(), private_key, nullptr, nullptr, 0, nullptr,
                                               nullptr) == 1,
          "cannot write a private key");
  return contents(bio.get());
}

std::string to_pem(X509_REQ* request) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  require(bio && PEM_write_bio_X509_REQ(bio.get(), request) == 1, "cannot write a certificate request");
  return contents(bio.get());
}

}  // namespace openseer::pki
