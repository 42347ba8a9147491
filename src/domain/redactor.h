#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "domain/monitor.h"

namespace openseer::domain {

// Whether a header of this name carries a secret, in a request or an answer:
// Authorization, cookies, and whatever is named like a key, token or secret.
bool is_secret_name(std::string_view name);

// Takes out of what a target sends what the monitor itself sends: values of
// sensitive headers, credentials, tokens, cookies, bodies and the secrets within
// them; as they are, in base64 (also as part of a longer text), percent-encoded,
// and as JSON and HTML write them. OAuth 2.0 tokens, which no specification holds, are
// known from the exchange, and by the "Bearer" before them. Secrets shorter than four bytes are not looked
// for: they occur by chance. Immutable; any thread.
class Redactor {
 public:
  Redactor() = default;
  explicit Redactor(const MonitorSpec& spec);

  // Knows one more secret: one that only the exchange has seen.
  void add(std::string_view secret);
  Redactor with(const std::vector<std::string>& secrets) const;

  static constexpr std::string_view kMark = "[redacted]";
  // `text` up to the byte `most`, with kMark for every secret that begins before it.
  // `cut`: the text goes on where nobody saw it, so the beginning of a secret at
  // its end is one, too.
  std::string redact(std::string_view text, std::size_t most = std::string_view::npos,
                     bool cut = false) const;
  bool empty() const { return needles_.empty() && !bearer_; }

 private:
  void add_needle(std::string needle);

  std::vector<std::string> needles_;  // by their first byte, longer ones first
  std::bitset<256> first_bytes_;
  bool bearer_ = false;  // whatever follows "Bearer " is secret
};

}  // namespace openseer::domain
