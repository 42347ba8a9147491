#include "probe/tls/library.h"

namespace openseer::probe::tls {

#ifdef OPENSSL_IS_AWSLC

// It has no security levels. Protocols and groups that are weak it does not speak;
// certificates are looked at here.
void set_strength(SSL_CTX*, bool) {}
void set_verification_strength(X509_STORE_CTX*) {}

static bool has_short_key(const X509* certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(certificate);
  if (key == nullptr) return true;
  const bool rsa = EVP_PKEY_id(key) == EVP_PKEY_RSA || EVP_PKEY_id(key) == EVP_PKEY_DSA;
  return EVP_PKEY_bits(key) < (rsa ? 2048 : 224);
}

static bool has_weak_digest(const X509* certificate) {
  int digest = NID_undef;
  int key = NID_undef;
  if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, &key) != 1) return false;
  return digest == NID_sha1 || digest == NID_md5 || digest == NID_md5_sha1;
}

// The signature of the anchor, the last one, vouches for nothing.
int weakness_of(const STACK_OF(X509) * verified, int& depth) {
  const int count = static_cast<int>(sk_X509_num(verified));
  for (depth = 0; depth < count; ++depth) {
    const X509* const one = sk_X509_value(verified, static_cast<std::size_t>(depth));
    if (has_short_key(one)) return depth == 0 ? X509_V_ERR_EE_KEY_TOO_SMALL : X509_V_ERR_CA_KEY_TOO_SMALL;
    if (depth + 1 < count && has_weak_digest(one)) return X509_V_ERR_CA_MD_TOO_WEAK;
  }
  return 0;
}

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

int weakness_of(const STACK_OF(X509) *, int&) { return 0; }  // verification has a security level

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
