#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.h"

namespace openseer::test {

// An HTTP server on loopback that does what the test says, path by path, and
// counts. Runs on a thread of its own; its methods are for the test's.
class Target {
 public:
  struct Answer {
    int status = 200;
    std::string body = "ok";
    bool hang = false;  // answers only after release()
  };

  Target();
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  std::string url(const std::string& path = "/") const;
  // What is asked for `path` from now on. Other paths are 200.
  void answer(const std::string& path, Answer answer);
  // Answers what hangs, and no longer lets anything hang.
  void release();

  // Requests so far for `path`.
  std::int64_t requests(const std::string& path = "/") const;
  bool wait_for_requests(const std::string& path, std::int64_t count, Milliseconds limit) const;

 private:
  boost::asio::awaitable<void> accept();
  boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<Answer> decide(std::string path);

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer released_;  // cancelled by release()
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Answer> answers_;
  std::map<std::string, std::int64_t> requests_;
  std::thread thread_;
};

}  // namespace openseer::test
