#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

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

struct InstanceSettings {
  bool needs_owner = false;  // no account exists
  bool sign_up_open = false;
};
asio::awaitable<InstanceSettings> instance_settings(pg::Pool& pool);
asio::awaitable<InstanceSettings> set_sign_up_open(pg::Pool& pool, bool open);

// The installation's CA; makes it when there is none. Replicas that start at
// once agree on one. Throws std::runtime_error when it was sealed with another
// secret key than `secrets` has.
asio::awaitable<pki::KeyAndCertificate> load_or_create_authority(pg::Pool& pool,
                                                                 const pki::SecretBox& secrets);

}  // namespace openseer::store
