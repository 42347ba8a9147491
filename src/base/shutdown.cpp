#include "base/shutdown.h"

#include <csignal>
#include <string_view>

#include <unistd.h>

#include "base/log.h"

namespace openseer {

Shutdown::Shutdown(boost::asio::any_io_executor executor, std::function<void()> drain)
    : signals_(std::move(executor), SIGTERM, SIGINT), drain_(std::move(drain)) {
  wait();
}

void Shutdown::wait() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (!drain_) {
      log::warning("stopping at once after a second signal");
      // Nothing may be waited for: no destructors, no exit handlers.
      _exit(1);
    }
    log::info("draining; a second signal ends the process at once",
              {{"signal", std::string_view(signal == SIGINT ? "SIGINT" : "SIGTERM")}});
    const std::function<void()> drain = std::exchange(drain_, nullptr);
    wait();
    drain();
  });
}

}  // namespace openseer
