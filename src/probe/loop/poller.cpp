#include "probe/loop/poller.h"

#include <cerrno>
#include <chrono>
#include <system_error>

#include <boost/asio/post.hpp>

namespace openseer::probe {
namespace {

int make_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

Poller::Poller(boost::asio::io_context& context) : epoll_(context, make_epoll()) { wait(); }

Poller::~Poller() { *alive_ = false; }

bool Poller::add(int fd, Watcher& watcher, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  return epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool Poller::modify(int fd, Watcher& watcher, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &watcher;
  return epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) == 0;
}

void Poller::forget(const Watcher& watcher) {
  for (int i = next_; i < count_; ++i) {
    epoll_event& event = ready_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &watcher) event.data.ptr = nullptr;
  }
}

void Poller::remove(int fd, const Watcher& watcher) {
  epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  forget(watcher);
}

void Poller::wait() {
  epoll_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                    [this, alive = alive_](const boost::system::error_code& error) {
                      if (!error && *alive) dispatch();
                    });
}

// One batch; the next wait returns at once when there is more.
void Poller::dispatch() {
  count_ = epoll_wait(epoll_.native_handle(), ready_.data(), static_cast<int>(ready_.size()), 0);
  next_ = 0;
  deliver();
}

// For a while, so that the loop's other work gets its turn: a batch of handshakes
// would hold up the deadlines of other checks.
void Poller::deliver() {
  constexpr std::chrono::milliseconds kTurn{10};
  const std::shared_ptr<bool> alive = alive_;
  const auto began = std::chrono::steady_clock::now();
  while (next_ < count_) {
    const epoll_event& event = ready_[static_cast<std::size_t>(next_++)];
    if (event.data.ptr == nullptr) continue;
    static_cast<Watcher*>(event.data.ptr)->on_ready(event.events);
    if (!*alive) return;
    if (next_ == count_ || std::chrono::steady_clock::now() - began < kTurn) continue;
    boost::asio::post(epoll_.get_executor(), [this, alive] {
      if (*alive) deliver();
    });
    return;
  }
  next_ = count_ = 0;
  wait();
}

}  // namespace openseer::probe
