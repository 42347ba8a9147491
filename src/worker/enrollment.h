#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/refusal.h"
#include "worker/state_directory.h"

namespace openseer::worker {

// "<secret>.<SHA-256 of the CA's certificate, hex>".
struct EnrollmentToken {
  std::string secret;
  std::string ca_fingerprint;
};
// Nothing when it is not of that form.
std::optional<EnrollmentToken> parse_token(std::string_view text);

// Waits; false when the worker is to stop.
using Wait = std::function<bool(Milliseconds)>;

// Becomes a worker: trusts the server only if its CA has the token's
// fingerprint, makes a key here, and exchanges the token for a certificate.
// Blocking. While the server is away it is tried again with back-off until
// `wait` says to stop (Canceled). Any other refusal is final: a sentence for
// people.
Result<Identity> enroll(const std::string& server_url, const EnrollmentToken& token, const std::string& name,
                        const Wait& wait);

}  // namespace openseer::worker
