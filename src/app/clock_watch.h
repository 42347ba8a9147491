#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock_offset.h"

namespace openseer::pg {
class Pool;
}

namespace openseer::app {

namespace asio = boost::asio;

// Compares this machine's clock with the database's now and then, for the log
// and for openseer_clock_offset_seconds. Owned by the control plane; runs on its
// executor.
class ClockWatch {
 public:
  ClockWatch(asio::any_io_executor executor, pg::Pool& pool) : pool_(pool), timer_(executor) {}

  asio::awaitable<void> run();
  void stop();
  double offset_seconds() const { return offset_.seconds(); }

 private:
  pg::Pool& pool_;
  asio::steady_timer timer_;
  ClockOffset offset_;
  bool stopped_ = false;
};

}  // namespace openseer::app
