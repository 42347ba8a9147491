#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include <sys/epoll.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace openseer::probe {

// Readiness of a loop's sockets by an epoll of its own, which Asio waits for as one
// descriptor. A socket is registered once, edge-triggered for both directions;
// Asio's own reactor would need another system call before each wait and a few
// hundred bytes for each socket. Owned by the loop that runs it.
class Poller {
 public:
  class Watcher {
   public:
    // EPOLL* bits. May destroy the watcher, or the poller.
    virtual void on_ready(std::uint32_t events) = 0;

   protected:
    ~Watcher() = default;
  };

  static constexpr std::uint32_t kBothWays = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

  explicit Poller(boost::asio::io_context& context);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // `watcher` must outlive its registration. False, with errno, when the kernel refuses.
  bool add(int fd, Watcher& watcher, std::uint32_t events = kBothWays);
  bool modify(int fd, Watcher& watcher, std::uint32_t events);
  // Before `fd` is closed, which ends the registration; none of its events is
  // delivered any more.
  void forget(const Watcher& watcher);
  // Ends the registration of a descriptor that stays open.
  void remove(int fd, const Watcher& watcher);

 private:
  void wait();
  void dispatch();
  void deliver();

  boost::asio::posix::stream_descriptor epoll_;
  std::array<epoll_event, 256> ready_;
  int next_ = 0;
  int count_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace openseer::probe
