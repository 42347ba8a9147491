#pragma once

#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}

// Makes room for new results and ends old ones.
namespace openseer::control {

namespace asio = boost::asio;

// Creates partitions ahead of time and drops what is older than each level's
// retention, every few minutes. Safe with several replicas. Owned by app; runs
// on the control plane's executor.
class Retention {
 public:
  // How long each level is kept; empty is for ever.
  struct Options {
    std::optional<Seconds> raw = std::chrono::hours{24 * 7};
    std::optional<Seconds> minutes = std::chrono::hours{24 * 30};
    std::optional<Seconds> hours = std::chrono::hours{24 * 365};
    std::optional<Seconds> days;
    std::optional<Seconds> audit = std::chrono::hours{24 * 365};
  };

  Retention(asio::any_io_executor executor, pg::Pool& pool, Options options);
  ~Retention();

  // Until stop(); survives a database that is away. The first pass comes at once:
  // without partitions nothing can be committed.
  asio::awaitable<void> run();
  void stop();
  asio::awaitable<void> run_once();

 private:
  struct Impl;
  Options options_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace openseer::control
