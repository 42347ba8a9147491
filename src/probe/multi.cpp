#include "probe/multi.h"

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>

namespace openseer::probe {

using boost::asio::posix::descriptor_base;

// One socket of libcurl's, which owns it; Asio only waits for it.
struct Multi::Watch {
  Watch(const boost::asio::any_io_executor& executor, curl_socket_t socket)
      : descriptor(executor), fd(socket) {}

  boost::asio::posix::stream_descriptor descriptor;
  curl_socket_t fd;
  int wanted = CURL_POLL_NONE;  // CURL_POLL_IN, CURL_POLL_OUT or both bits
  int waiting = 0;              // the directions with a wait under way
  bool closed = false;
};

Multi::Multi(boost::asio::any_io_executor executor)
    : executor_(std::move(executor)),
      timer_(executor_),
      alive_(std::make_shared<bool>(true)),
      multi_(curl_multi_init()) {
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION, +[](CURL*, curl_socket_t fd, int what, void* self, void*) {
        return static_cast<Multi*>(self)->on_socket(fd, what);
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long timeout_ms, void* self) {
        static_cast<Multi*>(self)->on_timer(timeout_ms);
        return 0;
      });
}

Multi::~Multi() {
  // Closing the sockets takes them out of watches_.
  curl_multi_cleanup(multi_);
  while (!watches_.empty()) unwatch(watches_.begin()->first);
}

void Multi::add(CURL* easy, Done done) {
  running_.emplace(easy, std::move(done));
  const CURLMcode code = curl_multi_add_handle(multi_, easy);
  if (code == CURLM_OK) return;
  running_.erase(easy);
  throw std::runtime_error(std::string("libcurl cannot start a transfer: ") + curl_multi_strerror(code));
}

void Multi::remove(CURL* easy) {
  if (running_.erase(easy) > 0) curl_multi_remove_handle(multi_, easy);
}

// libcurl says what it wants to know of a socket. Nothing may throw from here:
// the callers are C.
int Multi::on_socket(curl_socket_t fd, int what) {
  if (what == CURL_POLL_REMOVE) {
    unwatch(fd);
    return 0;
  }
  std::shared_ptr<Watch>& watch = watches_[fd];
  if (watch == nullptr) {
    watch = std::make_shared<Watch>(executor_, fd);
    boost::system::error_code error;
    // A socket that cannot be watched makes its transfer end at the deadline.
    static_cast<void>(watch->descriptor.assign(fd, error));
    if (error) return 0;
  }
  watch->wanted = what;
  wait(watch, CURL_POLL_IN);
  wait(watch, CURL_POLL_OUT);
  return 0;
}

void Multi::unwatch(curl_socket_t fd) {
  const auto found = watches_.find(fd);
  if (found == watches_.end()) return;
  found->second->closed = true;
  // Releasing cancels the waits without closing the socket.
  if (found->second->descriptor.is_open()) static_cast<void>(found->second->descriptor.release());
  watches_.erase(found);
}

void Multi::wait(const std::shared_ptr<Watch>& watch, int direction) {
  if ((watch->wanted & direction) == 0 || (watch->waiting & direction) != 0) return;
  if (!watch->descriptor.is_open()) return;
  watch->waiting |= direction;
  const auto kind = direction == CURL_POLL_IN ? descriptor_base::wait_read : descriptor_base::wait_write;
  watch->descriptor.async_wait(kind, [this, watch, direction](const boost::system::error_code& error) {
    watch->waiting &= ~direction;
    // Closed: perhaps together with this object.
    if (watch->closed || (watch->wanted & direction) == 0) return;
    const int ready = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
    act(watch->fd, error ? CURL_CSELECT_ERR : ready);
    if (!watch->closed && !error) wait(watch, direction);
  });
}

// libcurl says when it wants to be called next; -1 is never.
void Multi::on_timer(long timeout_ms) {
  timer_.cancel();
  if (timeout_ms < 0) return;
  timer_.expires_after(std::chrono::milliseconds{timeout_ms});
  timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) act(CURL_SOCKET_TIMEOUT, 0);
  });
}

void Multi::act(curl_socket_t fd, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  finish_ended();
}

void Multi::finish_ended() {
  std::vector<std::pair<Done, CURLcode>> ended;
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    // `message` does not survive this.
    curl_multi_remove_handle(multi_, easy);
    if (auto run = running_.extract(easy)) ended.emplace_back(std::move(run.mapped()), code);
  }
  for (auto& [done, code] : ended) done(code);
}

}  // namespace openseer::probe
