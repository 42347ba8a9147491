#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/clock.h"
#include "domain/result.h"

namespace openseer::probe {

// Which address to connect to, and when: happy eyeballs (RFC 8305). IPv6 goes
// first, families alternate, and the next address does not wait for the last one
// longer than the attempt delay. Pure: the clock is an argument, connecting is
// somebody else's.
class Race {
 public:
  static constexpr Milliseconds kAttemptDelay{250};    // section 5
  static constexpr Milliseconds kResolutionDelay{50};  // section 3
  static constexpr std::size_t kMaxAttempts = 16;

  // Starts over. A family that will be looked up is expected until it is resolved.
  void begin(bool expects_ipv4, bool expects_ipv6);
  // The addresses of one family, best first; empty when there are none.
  void resolved(bool ipv6, const std::vector<boost::asio::ip::address>& addresses, Monotonic now);

  struct Attempt {
    std::size_t id = 0;
    boost::asio::ip::address address;
  };
  // The attempt to start now, if any. Ask until it says none.
  std::optional<Attempt> next(Monotonic now);
  // The attempt came to nothing; the next may start at once.
  void failed(std::size_t id, domain::Reason reason, Monotonic now);
  // The attempt is the one; the others are given up.
  void won(std::size_t id, Monotonic now);
  // Time ran out for those that are under way.
  void given_up(Monotonic now);

  // When to ask next() again though nothing happened; none: not before something does.
  std::optional<Monotonic> wake() const;
  // Nothing is under way, and nothing will be.
  bool lost() const;
  // An attempt has been started.
  bool started() const { return !tried_.empty(); }
  bool running(std::size_t id) const { return tried_[id].running; }

  // In the order they were started.
  std::vector<domain::AddressAttempt> attempts() const;
  const boost::asio::ip::address& address(std::size_t id) const { return tried_[id].address; }

 private:
  struct Tried {
    boost::asio::ip::address address;
    Monotonic started;
    Microseconds elapsed{};
    domain::Reason reason = domain::Reason::kNone;
    bool running = true;
  };

  void end(Tried& tried, domain::Reason reason, Monotonic now);
  bool waits_for_ipv6() const;

  bool expects_ipv4_ = false;
  bool expects_ipv6_ = false;
  std::vector<boost::asio::ip::address> ipv4_;  // next one last
  std::vector<boost::asio::ip::address> ipv6_;
  bool last_was_ipv6_ = false;
  std::optional<Monotonic> not_before_;  // of the next attempt
  std::optional<Monotonic> patience_;    // until then IPv4 addresses wait for IPv6 ones
  std::vector<Tried> tried_;
  std::size_t running_ = 0;
};

}  // namespace openseer::probe
