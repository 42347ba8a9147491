// What a loop does when there is more to do than time.

#include <list>

#include <sys/eventfd.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "probe/loop/poller.h"
#include "probe/loop/timers.h"

namespace openseer::probe {
namespace {

using std::chrono::steady_clock;

// Ready at once, and slow: a handshake is no faster.
struct Slow final : Poller::Watcher {
  Slow(Poller& poller, int& handled) : handled(handled), fd(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)) {
    poller.add(fd, *this);
  }
  ~Slow() { close(fd); }
  void on_ready(std::uint32_t) override {
    for (const auto until = steady_clock::now() + Milliseconds{2}; steady_clock::now() < until;) {
    }
    ++handled;
  }
  int& handled;
  const int fd;
};

TEST(Loop, DeadlinesDoNotWaitForABatchOfSlowSockets) {
  boost::asio::io_context context(1);
  Poller poller(context);
  Timers timers(context);
  int handled = 0;
  int handled_then = -1;
  std::list<Slow> sockets;
  for (int i = 0; i < 100; ++i) sockets.emplace_back(poller, handled);
  Timers::Timer deadline(timers, [&] { handled_then = handled; });
  deadline.start(steady_clock::now() + Milliseconds{1});
  while (handled < 100) context.run_one();
  EXPECT_GE(handled_then, 0);
  EXPECT_LT(handled_then, 30) << "of 100 that take 200 ms";
}

}  // namespace
}  // namespace openseer::probe
