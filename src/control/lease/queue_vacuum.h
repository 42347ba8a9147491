#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace openseer::pg {
class Pool;
}

namespace openseer::control {

namespace asio = boost::asio;

// Vacuums the queue for every half turn of it. Every commit leaves dead entries in its
// indexes; autovacuum comes by the clock, when a busy queue has turned many times.
// Owned by app; runs on the control plane's executor.
class QueueVacuum {
 public:
  QueueVacuum(asio::any_io_executor executor, pg::Pool& pool);
  ~QueueVacuum();

  // This replica has committed so many results; another one counts its own.
  void committed(std::size_t results);

  // Until stop(); survives a database that is away.
  asio::awaitable<void> run();
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace openseer::control
