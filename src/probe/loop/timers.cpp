#include "probe/loop/timers.h"

namespace openseer::probe {

Timers::Timers(boost::asio::io_context& context) : alarm_(context) {}

Timers::~Timers() {
  *alive_ = false;
  pending_.clear();
}

void Timers::Timer::start(Monotonic when) {
  unlink();
  when_ = when;
  timers_.pending_.insert(*this);
  if (when < timers_.armed_) timers_.arm();
}

void Timers::arm() {
  armed_ = pending_.begin()->when_;
  alarm_.expires_at(armed_);
  alarm_.async_wait([this, alive = alive_](const boost::system::error_code& error) {
    if (!error && *alive) on_alarm();
  });
}

void Timers::on_alarm() {
  const std::shared_ptr<bool> alive = alive_;
  armed_ = Monotonic::max();
  const Monotonic now = std::chrono::steady_clock::now();
  while (!pending_.empty() && pending_.begin()->when_ <= now) {
    Timer& due = *pending_.begin();
    due.unlink();
    // The timer may go within its own callback.
    const std::function<void()> expired = due.expired_;
    expired();
    if (!*alive) return;
  }
  if (!pending_.empty() && pending_.begin()->when_ < armed_) arm();
}

}  // namespace openseer::probe
