#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"
#include "store/second_factor.h"

namespace openseer::http {
struct Call;
}
namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}

namespace openseer::control {

namespace asio = boost::asio;
class PasswordHasher;

// What people prove who they are with, for the RPCs that ask for it. Guessing is
// throttled over all replicas: ResourceExhausted says how long to wait. Owned by
// the API.
class Credentials {
 public:
  Credentials(pg::Pool& pool, const pki::SecretBox& secrets, PasswordHasher& hasher,
              const ApiOptions& options)
      : pool_(pool), secrets_(secrets), hasher_(hasher), options_(options) {}

  // The caller's own password; InvalidArgument names `field` otherwise. A stolen
  // session must not become a way to guess it.
  asio::awaitable<Result<void>> check_password(const http::Call& call, std::string password,
                                               std::string field) const;

  // Uses a code of the user's app or a recovery code; how many of those are left
  // when it was one. InvalidArgument names "code" when it is wrong or was used
  // before. `pending` factors, which are not enabled yet, take no recovery codes.
  struct UsedCode {
    std::optional<std::int64_t> recovery_codes_left;
  };
  asio::awaitable<Result<UsedCode>> use_code(const http::Call& call, store::User user, std::string code,
                                             bool pending) const;

  struct RecoveryCodes {
    std::vector<std::string> shown;
    std::vector<std::string> hashes;  // PHC strings
  };
  asio::awaitable<Result<RecoveryCodes>> make_recovery_codes() const;

 private:
  asio::awaitable<Result<UsedCode>> use_app_code(const store::SecondFactor& factor, std::int64_t user_id,
                                                 std::string code) const;
  asio::awaitable<Result<UsedCode>> use_recovery_code(const http::Call& call, store::User user,
                                                      std::string code) const;

  pg::Pool& pool_;
  const pki::SecretBox& secrets_;
  PasswordHasher& hasher_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
