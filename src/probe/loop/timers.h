#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

#include "base/clock.h"

namespace openseer::probe {

// All deadlines of one loop behind one Asio timer. Nearly every one is cancelled
// before it is due: starting and cancelling touch a tree, and the kernel's timer
// is set only when the earliest of them comes forward. Owned by the loop that runs it.
class Timers {
 public:
  // One deadline, a member of whatever waits for it; cancels itself when it goes.
  class Timer
      : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    // `expired` runs on the loop, and may destroy the timer.
    Timer(Timers& timers, std::function<void()> expired) : timers_(timers), expired_(std::move(expired)) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Replaces a deadline that is still to come.
    void start(Monotonic when);
    void cancel() { unlink(); }
    bool running() const { return is_linked(); }
    bool operator<(const Timer& other) const { return when_ < other.when_; }

   private:
    friend class Timers;
    Timers& timers_;
    std::function<void()> expired_;
    Monotonic when_;
  };

  explicit Timers(boost::asio::io_context& context);
  // No Timer may be running.
  ~Timers();
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

 private:
  void arm();
  void on_alarm();

  boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>> pending_;
  boost::asio::steady_timer alarm_;
  Monotonic armed_ = Monotonic::max();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace openseer::probe
