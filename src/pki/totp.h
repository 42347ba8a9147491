#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

// One-time codes of authenticator apps: RFC 6238 (TOTP) over RFC 4226 (HOTP),
// SHA-1, six digits, 30 s: what all apps can.
namespace openseer::pki {

inline constexpr Seconds kTotpStep{30};

// The code of a counter, e.g. "081804".
std::string hotp(std::string_view secret, std::uint64_t counter);

// The time step whose code it is: that of `now`, or one beside it, because clocks
// differ. Nothing when it is none of them. Takes the same time for every code.
std::optional<std::int64_t> match_totp(std::string_view secret, std::string_view code, Instant now);

// RFC 4648, without padding.
std::string base32(std::string_view bytes);

// `count` random bytes from the system.
std::string random_bytes(std::size_t count);

}  // namespace openseer::pki
