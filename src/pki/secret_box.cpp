#include "pki/secret_box.h"

#include <stdexcept>

#include <openssl/rand.h>

#include "pki/openssl.h"

namespace openseer::pki {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

int size_of(std::string_view text) {
  require(text.size() <= INT32_MAX, "too long to seal");
  return static_cast<int>(text.size());
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

SecretBox::SecretBox(const Key& key) : key_(key) {}

SecretBox SecretBox::from_hex(std::string_view hex) {
  Key key{};
  if (hex.size() != key.size() * 2) throw std::invalid_argument("a secret key is 64 hexadecimal digits");
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = hex_digit(hex[2 * i]);
    const int low = hex_digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) throw std::invalid_argument("a secret key is 64 hexadecimal digits");
    key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return SecretBox(key);
}

std::string SecretBox::random_key_hex() { return random_hex(std::tuple_size_v<Key>); }

std::string SecretBox::seal(std::string_view plain, std::string_view context) const {
  std::string sealed(1 + kNonce + plain.size() + kTag, '\0');
  sealed[0] = kVersion;
  unsigned char* const nonce = bytes_of(sealed) + 1;
  unsigned char* const cipher = nonce + kNonce;
  unsigned char* const tag = cipher + plain.size();
  require(RAND_bytes(nonce, kNonce) == 1, "no random bytes");

  const CipherContextPtr c(EVP_CIPHER_CTX_new());
  int written = 0;
  bool ok = c && EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key_.data(), nonce) == 1;
  ok = ok && EVP_EncryptUpdate(c.get(), nullptr, &written, bytes_of(context), size_of(context)) == 1;
  // Empty input must not reach OpenSSL with a null pointer and end the stream early.
  ok = ok &&
       (plain.empty() || EVP_EncryptUpdate(c.get(), cipher, &written, bytes_of(plain), size_of(plain)) == 1);
  ok = ok && EVP_EncryptFinal_ex(c.get(), tag, &written) == 1;
  ok = ok && EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, kTag, tag) == 1;
  require(ok, "cannot seal a secret");
  return sealed;
}

std::string SecretBox::open(std::string_view sealed, std::string_view context) const {
  constexpr const char* kRefused = "a stored secret cannot be opened: it was sealed with another key";
  if (sealed.size() < 1 + kNonce + kTag || sealed[0] != kVersion) throw std::runtime_error(kRefused);
  const std::string_view nonce = sealed.substr(1, kNonce);
  const std::string_view cipher = sealed.substr(1 + kNonce, sealed.size() - 1 - kNonce - kTag);
  std::string tag(sealed.substr(sealed.size() - kTag));
  std::string plain(cipher.size(), '\0');

  const CipherContextPtr c(EVP_CIPHER_CTX_new());
  int written = 0;
  bool ok = c && EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, key_.data(), bytes_of(nonce)) == 1;
  ok = ok && EVP_DecryptUpdate(c.get(), nullptr, &written, bytes_of(context), size_of(context)) == 1;
  ok = ok && (cipher.empty() ||
              EVP_DecryptUpdate(c.get(), bytes_of(plain), &written, bytes_of(cipher), size_of(cipher)) == 1);
  ok = ok && EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, kTag, bytes_of(tag)) == 1;
  unsigned char nothing[kTag];
  ok = ok && EVP_DecryptFinal_ex(c.get(), nothing, &written) == 1;
  if (!ok) {
    ERR_clear_error();
    throw std::runtime_error(kRefused);
  }
  return plain;
}

std::string random_hex(std::size_t count) {
  std::string random(count, '\0');
  require(count <= INT32_MAX && RAND_bytes(bytes_of(random), static_cast<int>(count)) == 1,
          "no random bytes");
  return to_hex(random);
}

std::string sha256(std::string_view input) {
  std::string digest(32, '\0');
  require(EVP_Digest(input.data(), input.size(), bytes_of(digest), nullptr, EVP_sha256(), nullptr) == 1,
          "cannot hash");
  return digest;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

}  // namespace openseer::pki
