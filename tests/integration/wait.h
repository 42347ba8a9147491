#pragma once

#include <chrono>
#include <thread>

#include "base/clock.h"

namespace openseer::test {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OPENSEER_SANITIZED 1
#endif
#endif

// Bounds on time are promises about the product as it ships; with sanitizers
// the same work takes several times as long.
#ifdef OPENSEER_SANITIZED
inline constexpr int kSlowness = 5;
#else
inline constexpr int kSlowness = 1;
#endif
constexpr Milliseconds scaled(Milliseconds bound) { return bound * kSlowness; }

// Looks at something observable until it holds; false when it does not within
// `limit`.
template <class Condition>
bool eventually(Condition condition, Milliseconds limit) {
  const Monotonic deadline = std::chrono::steady_clock::now() + scaled(limit);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return condition();
    std::this_thread::sleep_for(Milliseconds{10});
  }
  return true;
}

}  // namespace openseer::test
