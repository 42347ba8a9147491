#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/refusal.h"

namespace openseer::control {

namespace asio = boost::asio;

// Argon2id (RFC 9106) with t=2, m=19 MiB, p=1, as the OWASP password storage
// guide has it, on two threads of its own: each takes tens of milliseconds and
// 19 MiB. At most 32 wait; one more is refused (ResourceExhausted). Owned by the
// API; called from its executor.
class PasswordHasher {
 public:
  PasswordHasher();

  // The PHC string to store.
  asio::awaitable<Result<std::string>> hash(std::string password);
  asio::awaitable<Result<bool>> verify(std::string password, std::string phc);
  // Takes as long as verify() and says no: for accounts that do not exist.
  asio::awaitable<Result<bool>> verify_nobody(std::string password);

 private:
  class Turn;

  std::string nobody_;
  int pending_ = 0;
  asio::thread_pool threads_;
};

}  // namespace openseer::control
