#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "probe/http/headers.h"

// HTTP Digest authentication (RFC 7616) as a client answers it. Pure: the client's
// nonce is passed in.
namespace openseer::probe::http {

enum class DigestHash { kMd5, kSha256, kSha512_256 };

struct DigestChallenge {
  std::string realm;
  std::string nonce;
  std::string opaque;
  std::string algorithm;  // as written; empty: MD5
  DigestHash hash = DigestHash::kMd5;
  bool session = false;   // "-sess"
  bool qop_auth = false;  // else as RFC 2069 has it
  bool stale = false;     // only the nonce was too old
  bool has_opaque = false;
  bool hash_username = false;
};

// The strongest one among an answer's WWW-Authenticate headers that can be met; empty
// when there is none (no Digest, an unknown algorithm, only auth-int).
std::optional<DigestChallenge> find_digest_challenge(const Headers& headers);

struct DigestRequest {
  std::string_view username;
  std::string_view password;
  std::string_view method;
  std::string_view target;  // as in the request line
  std::string_view cnonce;  // from a random source, 16 bytes or more in hex
};

// The value of Authorization for the first request with this nonce.
std::string digest_credentials(const DigestChallenge& challenge, const DigestRequest& request);

}  // namespace openseer::probe::http
