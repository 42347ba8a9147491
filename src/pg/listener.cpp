#include "pg/listener.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "pg/connection.h"

namespace openseer::pg {

Listener::Listener(asio::any_io_executor executor, std::string conninfo, std::vector<std::string> channels,
                   Callback callback)
    : executor_(std::move(executor)),
      conninfo_(std::move(conninfo)),
      channels_(std::move(channels)),
      callback_(std::move(callback)) {}

asio::awaitable<void> Listener::run() {
  constexpr Milliseconds kTimeout{5'000};
  bool reported = false;
  while (!stopped_) {
    try {
      auto connection = co_await Connection::open(executor_, conninfo_, kTimeout);
      for (const std::string& channel : channels_)
        co_await connection->execute("LISTEN " + channel, kTimeout);
      reported = false;
      callback_("", "");
      int quiet = 0;
      while (!stopped_) {
        const std::optional<Notification> got = co_await connection->wait_notification(Milliseconds{500});
        if (got) {
          callback_(got->channel, got->payload);
        } else if (++quiet % 20 == 0) {
          co_await connection->execute("SELECT 1", kTimeout);  // notices a peer that vanished
        }
      }
    } catch (const Error& error) {
      if (!reported) log::warning("listening for changes is interrupted", {{"error", error.what()}});
      reported = true;
    }
    if (stopped_) break;
    asio::steady_timer pause(executor_, Milliseconds{500});
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace openseer::pg
