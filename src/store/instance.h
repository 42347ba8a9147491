#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
struct KeyAndCertificate;
}  // namespace openseer::pki

// What concerns the whole installation: its one row of settings and its CA.
namespace openseer::store {

namespace asio = boost::asio;
struct Actor;

// Who may create an account, besides the first one. Stored.
enum class SignUp : std::int16_t { kClosed = 1, kInvitation = 2, kOpen = 3 };

// What is said to whoever it keeps out: PermissionDenied.
Refusal sign_up_refused(SignUp policy);

struct InstanceSettings {
  bool needs_owner = false;  // no account exists
  SignUp sign_up = SignUp::kClosed;
};
asio::awaitable<InstanceSettings> instance_settings(pg::Pool& pool);
asio::awaitable<InstanceSettings> set_sign_up(pg::Pool& pool, SignUp sign_up, const Actor& by);

// The installation's CA; makes it when there is none. Replicas that start at
// once agree on one. Throws std::runtime_error when it was sealed with another
// secret key than `secrets` has.
asio::awaitable<pki::KeyAndCertificate> load_or_create_authority(pg::Pool& pool,
                                                                 const pki::SecretBox& secrets);

}  // namespace openseer::store
