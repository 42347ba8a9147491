#pragma once

#include <functional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>

namespace openseer {

// What SIGTERM and SIGINT do: the first asks the process to drain, the second
// ends it at once with exit code 1. Owned by app; the callback runs on the
// executor. Destroying it gives the signals their default meaning back.
class Shutdown {
 public:
  Shutdown(boost::asio::any_io_executor executor, std::function<void()> drain);
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  // Stops listening, so that the executor can run out of work.
  void cancel() { signals_.cancel(); }

 private:
  void wait();

  boost::asio::signal_set signals_;
  std::function<void()> drain_;
};

}  // namespace openseer
