#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace openseer::pki {

// Seals what must not be readable in the database (header values, the CA's
// key): AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce, the context
// (e.g. "monitor-header") as associated data. The key lives outside the database.
class SecretBox {
 public:
  using Key = std::array<std::uint8_t, 32>;

  explicit SecretBox(const Key& key);
  // From 64 hex digits. Throws std::invalid_argument with a sentence for people.
  static SecretBox from_hex(std::string_view hex);
  static std::string random_key_hex();

  // version byte, nonce, ciphertext, tag.
  std::string seal(std::string_view plain, std::string_view context) const;
  // Throws std::runtime_error when it was not sealed with this key and context.
  std::string open(std::string_view sealed, std::string_view context) const;

 private:
  Key key_;
};

// `bytes` random bytes from the system, as lower-case hex.
std::string random_hex(std::size_t bytes);
// SHA-256, raw 32 bytes.
std::string sha256(std::string_view bytes);
std::string to_hex(std::string_view bytes);

}  // namespace openseer::pki
