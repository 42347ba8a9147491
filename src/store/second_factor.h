#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "store/sessions.h"

namespace openseer::pki {
class SecretBox;
}

// Second factors: the secret of an authenticator app, recovery codes, and
// sign-ins that wait for one of them.
namespace openseer::store {

struct SecondFactor {
  std::string secret;  // raw
  std::optional<Instant> enabled_at;
  std::int64_t recovery_codes_left = 0;
  Instant now;  // the database's, which codes are checked by
};
asio::awaitable<std::optional<SecondFactor>> find_second_factor(pg::Pool& pool, const pki::SecretBox& secrets,
                                                                std::int64_t user_id);

// Keeps a secret that counts for nothing until it is enabled. False while one is.
asio::awaitable<bool> begin_second_factor(pg::Pool& pool, const pki::SecretBox& secrets, std::int64_t user_id,
                                          std::string secret);
// One transaction each, with the end of all sessions but `kept`. False when it was
// enabled already, or was not.
asio::awaitable<bool> enable_second_factor(pg::Pool& pool, std::int64_t user_id,
                                           std::vector<std::string> recovery_code_hashes, KeptSession kept,
                                           const Actor& by);
asio::awaitable<bool> disable_second_factor(pg::Pool& pool, std::int64_t user_id, KeptSession kept,
                                            const Actor& by);

// Uses the code of a time step, once, and all steps before it: false when one as
// late was used before.
asio::awaitable<bool> use_time_step(pg::Pool& pool, std::int64_t user_id, std::int64_t step);

struct RecoveryCode {
  std::int64_t id = 0;
  std::string hash;  // PHC string
};
asio::awaitable<std::vector<RecoveryCode>> list_recovery_codes(pg::Pool& pool, std::int64_t user_id);
// Uses it up; how many are left, or nothing when somebody else was first.
asio::awaitable<std::optional<std::int64_t>> use_recovery_code(pg::Pool& pool, std::int64_t user_id,
                                                               std::int64_t id, const Actor& by);
asio::awaitable<void> replace_recovery_codes(pg::Pool& pool, std::int64_t user_id,
                                             std::vector<std::string> hashes, const Actor& by);

// A sign-in whose password was right, for ten minutes and ten codes.
inline constexpr Seconds kPendingSignIn{600};
asio::awaitable<void> begin_pending_sign_in(pg::Pool& pool, std::string token_hash, std::int64_t user_id);
// The user whose sign-in it is; takes one of its attempts. Nothing when it is over.
asio::awaitable<std::optional<User>> attempt_pending_sign_in(pg::Pool& pool, std::string token_hash);
// False when another request was first.
asio::awaitable<bool> end_pending_sign_in(pg::Pool& pool, std::string token_hash);

}  // namespace openseer::store
