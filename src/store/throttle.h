#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}

// Slows down the guessing of passwords, over all replicas.
namespace openseer::store {

namespace asio = boost::asio;

// What attempts are counted for. From the `free_attempts`-th failure in a row on,
// the next attempt has to wait 1 s, 2 s, 4 s, ... at most 15 min. An hour without
// a failure forgets them.
struct ThrottleSubject {
  std::string hash;  // SHA-256, raw
  std::int32_t free_attempts = 5;
};

// Counts an attempt as a failure, before its outcome is known: attempts at the
// same time cannot pass together. Returns how long to wait when it may not be
// made now (it is not counted then), zero otherwise.
asio::awaitable<Seconds> begin_attempt(pg::Pool& pool, std::vector<ThrottleSubject> subjects);
// The attempt has succeeded: takes it back for `subjects`, and forgets all of
// the first one's failures.
asio::awaitable<void> attempt_succeeded(pg::Pool& pool, std::vector<ThrottleSubject> subjects);

}  // namespace openseer::store
