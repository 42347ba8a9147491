#include "app/clock_watch.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "pg/error.h"
#include "pg/pool.h"
#include "store/jobs.h"

namespace openseer::app {

asio::awaitable<void> ClockWatch::run() {
  constexpr Seconds kPause{15};
  while (!stopped_) {
    try {
      const Instant asked = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
      const Instant database = co_await store::database_time(pool_);
      const Instant answered = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
      offset_.compare(asked + (answered - asked) / 2, database);
    } catch (const pg::Error&) {
      // Readiness reports a database that is away.
    }
    if (stopped_) co_return;
    boost::system::error_code cancelled;
    timer_.expires_after(kPause);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

void ClockWatch::stop() {
  stopped_ = true;
  timer_.cancel();
}

}  // namespace openseer::app
