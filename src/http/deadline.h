#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::http {

// Runs `work`, which must not throw, to its end; cancels it (terminal) when
// `deadline` passes or the caller is cancelled. True when it was in time.
boost::asio::awaitable<bool> finish_by(boost::asio::awaitable<void> work, Monotonic deadline);

}  // namespace openseer::http
