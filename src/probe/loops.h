#pragma once

#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "probe/probe.h"

namespace openseer::probe {

// Probers on threads of their own, one loop each, with nothing shared between them.
// A monitor always goes to the same loop, where its kept connection, its verified
// chain and its addresses are. Owned by the worker.
class Loops {
 public:
  using Callback = Prober::Callback;

  // `home` is where callbacks run.
  Loops(std::size_t count, boost::asio::any_io_executor home, const Options& options);
  // Abandons what is still running: its callbacks are never called.
  ~Loops();
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  // From `home`. As Prober::start().
  void start(std::shared_ptr<const domain::MonitorSpec> spec, Callback done);

 private:
  struct Lane;

  boost::asio::any_io_executor home_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace openseer::probe
