#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

namespace openseer::probe {

// Drives any number of libcurl transfers on one Asio executor (libcurl's
// multi_socket interface): Asio waits for sockets and time, libcurl acts. Owned
// by the Prober; everything runs on the executor.
class Multi {
 public:
  using Done = std::function<void(CURLcode)>;

  explicit Multi(boost::asio::any_io_executor executor);
  // No transfer may be left.
  ~Multi();
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;

  // Starts `easy`, which stays the caller's; `done` runs once, after `easy` has
  // been taken out, never from within add().
  void add(CURL* easy, Done done);
  // Abandons a transfer whose `done` has not run; it never will.
  void remove(CURL* easy);

 private:
  struct Watch;

  int on_socket(curl_socket_t fd, int what);
  void on_timer(long timeout_ms);
  void unwatch(curl_socket_t fd);
  void wait(const std::shared_ptr<Watch>& watch, int direction);
  void act(curl_socket_t fd, int events);
  void finish_ended();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::unordered_map<CURL*, Done> running_;
  // Handlers that are still queued when this object goes find it gone.
  std::shared_ptr<bool> alive_;
  CURLM* multi_;
};

}  // namespace openseer::probe
