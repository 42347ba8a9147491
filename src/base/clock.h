#pragma once

#include <chrono>

// One clock per truth: leases and slots use the database's clock, durations the
// monotonic one.
namespace openseer {

using Microseconds = std::chrono::microseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

// An instant of UTC in microseconds, as PostgreSQL's timestamptz.
using Instant = std::chrono::sys_time<Microseconds>;
using Monotonic = std::chrono::steady_clock::time_point;

}  // namespace openseer
