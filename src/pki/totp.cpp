#include "pki/totp.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "pki/openssl.h"

namespace openseer::pki {

std::string hotp(std::string_view secret, std::uint64_t counter) {
  std::array<unsigned char, 8> message{};
  for (std::size_t i = 0; i < message.size(); ++i)
    message[i] = static_cast<unsigned char>(counter >> (8 * (message.size() - 1 - i)));
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned length = 0;
  require(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), message.data(), message.size(),
               mac.data(), &length) != nullptr,
          "cannot compute a code");
  // Dynamic truncation, RFC 4226, 5.3.
  const std::size_t at = mac[length - 1] & 15U;
  const std::uint32_t number = (mac[at] & 0x7fU) << 24 | mac[at + 1] << 16 | mac[at + 2] << 8 | mac[at + 3];
  const std::string digits = std::to_string(number % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, Instant now) {
  if (code.size() != 6) return std::nullopt;
  const std::int64_t step = std::chrono::floor<Seconds>(now).time_since_epoch() / kTotpStep;
  std::optional<std::int64_t> match;
  for (const std::int64_t candidate : {step - 1, step, step + 1}) {
    const std::string expected = hotp(secret, static_cast<std::uint64_t>(candidate));
    if (CRYPTO_memcmp(expected.data(), code.data(), code.size()) == 0) match = candidate;
  }
  return match;
}

std::string base32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[buffer >> (bits - 5) & 31];
  }
  if (bits > 0) out += kAlphabet[buffer << (5 - bits) & 31];
  return out;
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  require(count <= INT32_MAX &&
              RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1,
          "no random bytes");
  return bytes;
}

}  // namespace openseer::pki
