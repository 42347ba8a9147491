#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace openseer::pg {

namespace asio = boost::asio;

// A connection of its own that LISTENs and reconnects by itself. Owned by app;
// callbacks run on the executor.
class Listener {
 public:
  // Called for each notification, and with an empty channel after every
  // (re)connect: whatever was sent meanwhile is lost, so look at the tables.
  using Callback = std::function<void(const std::string& channel, const std::string& payload)>;

  Listener(asio::any_io_executor executor, std::string conninfo, std::vector<std::string> channels,
           Callback callback);
  // Until stop(); then within a second.
  asio::awaitable<void> run();
  void stop() { stopped_ = true; }

 private:
  asio::any_io_executor executor_;
  std::string conninfo_;
  std::vector<std::string> channels_;
  Callback callback_;
  bool stopped_ = false;
};

}  // namespace openseer::pg
