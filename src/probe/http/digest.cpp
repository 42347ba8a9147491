#include "probe/http/digest.h"

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <new>
#include <utility>

#include <openssl/evp.h>

#include "probe/http/tokens.h"

namespace openseer::probe::http {
namespace {

constexpr std::size_t kMaxChallenge = 8 * 1024;

const EVP_MD* evp(DigestHash hash) {
  switch (hash) {
    case DigestHash::kMd5:
      return EVP_md5();
    case DigestHash::kSha256:
      return EVP_sha256();
    case DigestHash::kSha512_256:
      break;
  }
  return EVP_sha512_256();
}

// Lower-case hex.
std::string hash_of(DigestHash hash, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, evp(hash), nullptr) != 1) {
    throw std::bad_alloc();
  }
  std::string out;
  for (unsigned i = 0; i < size; ++i) (out += kHex[digest[i] >> 4]) += kHex[digest[i] & 15];
  return out;
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view& part : parts) {
    if (&part != parts.begin()) out += ':';
    out += part;
  }
  return out;
}

// Reads a WWW-Authenticate header (RFC 9110, section 11.6.1), which may hold several
// challenges: scheme, then name=value pairs between commas. Whatever does not fit ends it.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text.substr(0, kMaxChallenge)) {}

  // Calls for each scheme, and for each of its parameters after it.
  void run(const std::function<void(std::string_view)>& on_scheme,
           const std::function<void(std::string_view, std::string)>& on_parameter) {
    for (;;) {
      skip(" \t,");
      const std::string_view word = token();
      if (word.empty()) return;
      const bool spaced = skip(" \t");
      if (!text_.starts_with('=')) {
        on_scheme(word);
        skip_token68();
        continue;
      }
      if (spaced && text_.starts_with("==")) return;
      text_.remove_prefix(1);
      skip(" \t");
      std::optional<std::string> value = parameter();
      if (!value) return;
      on_parameter(word, std::move(*value));
    }
  }

 private:
  bool skip(std::string_view set) {
    const std::size_t size = std::min(text_.find_first_not_of(set), text_.size());
    text_.remove_prefix(size);
    return size > 0;
  }

  std::string_view token() {
    std::size_t size = 0;
    while (size < text_.size() && is_token(text_.substr(size, 1))) ++size;
    const std::string_view out = text_.substr(0, size);
    text_.remove_prefix(size);
    return out;
  }

  // "Negotiate oRQwEqADCgEA==": taken away when the word is no parameter's name.
  void skip_token68() {
    const std::size_t end = std::min(text_.find(','), text_.size());
    const std::string_view rest = trim(text_.substr(0, end));
    const std::size_t name = std::min(rest.find_first_of("=\" \t"), rest.size());
    const bool is_parameter = name < rest.size() && rest[name] == '=' &&
                              rest.find_first_not_of('=', name) != std::string_view::npos;
    if (!rest.empty() && !is_parameter && rest.find_first_of(" \t") == std::string_view::npos) {
      text_.remove_prefix(end);
    }
  }

  std::optional<std::string> parameter() {
    if (!text_.starts_with('"')) return std::string(token());
    text_.remove_prefix(1);
    std::string out;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return out;
      if (c == '\\' && !text_.empty()) {
        out += text_.front();
        text_.remove_prefix(1);
      } else {
        out += c;
      }
    }
    return std::nullopt;
  }

  std::string_view text_;
};

struct Candidate {
  DigestChallenge challenge;
  bool usable = true;
};

void set_algorithm(Candidate& candidate, std::string_view value) {
  DigestChallenge& challenge = candidate.challenge;
  challenge.algorithm = value;
  constexpr std::string_view kSession = "-sess";
  if (value.size() > kSession.size() && same_name(value.substr(value.size() - kSession.size()), kSession)) {
    challenge.session = true;
    value.remove_suffix(kSession.size());
  }
  if (same_name(value, "MD5")) {
    challenge.hash = DigestHash::kMd5;
  } else if (same_name(value, "SHA-256")) {
    challenge.hash = DigestHash::kSha256;
  } else if (same_name(value, "SHA-512-256")) {
    challenge.hash = DigestHash::kSha512_256;
  } else {
    candidate.usable = false;
  }
}

void set_qop(Candidate& candidate, std::string_view list) {
  while (!list.empty()) {
    if (same_name(next_in_list(list), "auth")) candidate.challenge.qop_auth = true;
  }
  candidate.usable = candidate.usable && candidate.challenge.qop_auth;
}

void set_parameter(Candidate& candidate, std::string_view name, std::string value) {
  DigestChallenge& challenge = candidate.challenge;
  if (same_name(name, "realm"))
    challenge.realm = std::move(value);
  else if (same_name(name, "nonce"))
    challenge.nonce = std::move(value);
  else if (same_name(name, "algorithm"))
    set_algorithm(candidate, value);
  else if (same_name(name, "qop"))
    set_qop(candidate, value);
  else if (same_name(name, "stale"))
    challenge.stale = same_name(value, "true");
  else if (same_name(name, "userhash"))
    challenge.hash_username = same_name(value, "true");
  else if (same_name(name, "opaque")) {
    challenge.opaque = std::move(value);
    challenge.has_opaque = true;
  }
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out += '"';
}

}  // namespace

std::optional<DigestChallenge> find_digest_challenge(const Headers& headers) {
  std::optional<DigestChallenge> best;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!same_name(headers[i].name, "www-authenticate")) continue;
    std::optional<Candidate> current;
    const auto settle = [&] {
      if (!current || !current->usable || current->challenge.nonce.empty()) return;
      if (!best || current->challenge.hash > best->hash) best = std::move(current->challenge);
    };
    Reader(headers[i].value)
        .run(
            [&](std::string_view scheme) {
              settle();
              current.reset();
              if (same_name(scheme, "Digest")) current.emplace();
            },
            [&](std::string_view name, std::string value) {
              if (current) set_parameter(*current, name, std::move(value));
            });
    settle();
  }
  return best;
}

std::string digest_credentials(const DigestChallenge& challenge, const DigestRequest& request) {
  constexpr std::string_view kCount = "00000001";
  const auto hash = [&](std::initializer_list<std::string_view> parts) {
    return hash_of(challenge.hash, joined(parts));
  };
  std::string a1 = hash({request.username, challenge.realm, request.password});
  if (challenge.session) a1 = hash({a1, challenge.nonce, request.cnonce});
  const std::string a2 = hash({request.method, request.target});
  const std::string response = challenge.qop_auth
                                   ? hash({a1, challenge.nonce, kCount, request.cnonce, "auth", a2})
                                   : hash({a1, challenge.nonce, a2});
  std::string out = "Digest username=";
  out += quoted(challenge.hash_username ? hash({request.username, challenge.realm})
                                        : std::string(request.username));
  out += ", realm=" + quoted(challenge.realm) + ", nonce=" + quoted(challenge.nonce);
  out += ", uri=" + quoted(request.target) + ", response=\"" + response + '"';
  if (!challenge.algorithm.empty()) out += ", algorithm=" + challenge.algorithm;
  if (challenge.qop_auth) out.append(", qop=auth, nc=").append(kCount);
  if (challenge.qop_auth || challenge.session) out += ", cnonce=" + quoted(request.cnonce);
  if (challenge.has_opaque) out += ", opaque=" + quoted(challenge.opaque);
  if (challenge.hash_username) out += ", userhash=true";
  return out;
}

}  // namespace openseer::probe::http
