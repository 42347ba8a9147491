#pragma once

#include "base/clock.h"

namespace openseer {

// Another machine's clock, estimated by the monotonic one: how a worker or a
// replica knows the database's time without asking for each use. One thread.
// at() may be off by half a round trip either way; what must not happen too soon
// goes by at_least() and surely_at().
class RemoteClock {
 public:
  // The other side read `remote` at some moment between `asked` and `answered`;
  // the middle is the best guess. A much slower round trip than the last one
  // says less than what is known and is ignored, for a minute.
  void observe(Instant remote, Monotonic asked, Monotonic answered) {
    const auto round_trip = answered - asked;
    if (known_ && round_trip > 2 * round_trip_ + Milliseconds{10} && answered - observed_ < Seconds{60})
      return;
    middle_ = asked + round_trip / 2;
    remote_ = remote;
    round_trip_ = round_trip;
    observed_ = answered;
    known_ = true;
  }
  bool known() const { return known_; }
  Instant at(Monotonic now) const {
    return remote_ + std::chrono::duration_cast<Microseconds>(now - middle_);
  }
  // The other clock shows this or later, even if it was read just before the answer
  // came: at most half a round trip less than at(). What is passed on to those who must
  // not be early.
  Instant at_least(Monotonic now) const {
    return remote_ + std::chrono::duration_cast<Microseconds>(now - observed_);
  }
  // The first moment at which the other clock shows `remote` for certain, even if it
  // was read just before the answer came: at most half a round trip after at() says so.
  Monotonic surely_at(Instant remote) const { return observed_ + (remote - remote_); }

 private:
  bool known_ = false;
  Instant remote_;
  Monotonic middle_;
  Monotonic observed_;
  Monotonic::duration round_trip_{};
};

}  // namespace openseer
