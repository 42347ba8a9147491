#include "probe/tls/library.h"

namespace openseer::probe::tls {

#ifdef OPENSSL_IS_AWSLC

// It has no security levels: what is weak it does not speak, or is judged by
// verification itself.
void set_strength(SSL_CTX*, bool) {}
void set_verification_strength(X509_STORE_CTX*) {}

void ask_for_staple(SSL_CTX* context) { SSL_CTX_enable_ocsp_stapling(context); }

std::span<const unsigned char> staple(const SSL* ssl) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  SSL_get0_ocsp_response(ssl, &bytes, &size);
  return {bytes, size};
}

static bool is_not_tls(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST;
}
static bool is_version(int reason) { return reason == SSL_R_UNSUPPORTED_PROTOCOL; }
static bool is_weak(int reason) {
  return reason == SSL_R_BAD_DH_P_LENGTH || reason == SSL_R_WRONG_SIGNATURE_TYPE;
}

#else

void set_strength(SSL_CTX* context, bool old_protocols) {
  SSL_CTX_set_security_level(context, old_protocols ? 0 : kSecurityLevel);
}

void set_verification_strength(X509_STORE_CTX* chain) {
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(chain), kSecurityLevel);
}

void ask_for_staple(SSL_CTX* context) { SSL_CTX_set_tlsext_status_type(context, TLSEXT_STATUSTYPE_ocsp); }

std::span<const unsigned char> staple(const SSL* ssl) {
  const unsigned char* bytes = nullptr;
  // The macro casts constness away, and only reads.
  const long size = SSL_get_tlsext_status_ocsp_resp(const_cast<SSL*>(ssl), &bytes);
  if (bytes == nullptr || size <= 0) return {};
  return {bytes, static_cast<std::size_t>(size)};
}

static bool is_not_tls(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
         reason == SSL_R_HTTP_REQUEST || reason == SSL_R_BAD_RECORD_TYPE || reason == SSL_R_RECORD_TOO_SMALL;
}

static bool is_version(int reason) {
  return reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_UNSUPPORTED_SSL_VERSION ||
         reason == SSL_R_UNKNOWN_SSL_VERSION || reason == SSL_R_VERSION_TOO_LOW;
}

static bool is_weak(int reason) {
  return reason == SSL_R_DH_KEY_TOO_SMALL || reason == SSL_R_EE_KEY_TOO_SMALL ||
         reason == SSL_R_CA_KEY_TOO_SMALL || reason == SSL_R_CA_MD_TOO_WEAK ||
         reason == SSL_R_WRONG_SIGNATURE_TYPE;
}

#endif

std::optional<int> alert_of(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return std::nullopt;
  const int reason = ERR_GET_REASON(error);
  if (reason < SSL_AD_REASON_OFFSET || reason > SSL_AD_REASON_OFFSET + 255) return std::nullopt;
  return reason - SSL_AD_REASON_OFFSET;
}

Trouble trouble_of(unsigned long error) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return Trouble::kOther;
  const int reason = ERR_GET_REASON(error);
  if (is_not_tls(reason)) return Trouble::kNotTls;
  if (is_version(reason)) return Trouble::kVersion;
  return is_weak(reason) ? Trouble::kWeak : Trouble::kOther;
}

}  // namespace openseer::probe::tls
