#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "worker/conversation.h"
#include "worker/runner.h"
#include "worker/spool.h"

namespace openseer::worker {

// A worker's decisions without its I/O: the test owns the clock and says when a
// probe ends.
struct TestWorker {
  static constexpr Microseconds kLease = std::chrono::seconds{15};

  explicit TestWorker(std::size_t concurrency, std::size_t spool_limit = 1000)
      : spool(spool_limit),
        runner(
            concurrency, server, [this] { return now; },
            [this](const std::shared_ptr<const domain::MonitorSpec>& spec, Runner::Done done) {
              started.emplace_back(spec->url, std::move(done));
            },
            [this](domain::LeasedResult result) { spool.add(std::move(result)); },
            [this] { return stalled; }) {
    server.observe(Instant{Seconds{1'700'000'000}}, now, now);
  }

  static domain::Lease lease(std::int64_t job, std::int64_t fence = 1) {
    return {job, fence, Instant{Seconds{60}}};
  }
  static Runner::Spec spec(const std::string& url = "http://target.example/") {
    domain::MonitorSpec made;
    made.url = url;
    return std::make_shared<const Plan>(std::move(made));
  }
  void assign(std::int64_t job, std::int64_t fence = 1) { runner.assign(lease(job, fence), spec(), kLease); }
  // Ends the probe that was started as number `index`.
  void end(std::size_t index, int status = 200) {
    domain::Measurement measurement;
    measurement.http_status = status;
    started.at(index).second(std::move(measurement));
  }
  void pass(Milliseconds time) { now += time; }

  Monotonic now = Monotonic{} + std::chrono::hours{1};
  Microseconds stalled{0};  // as the process's StallWatch would say
  RemoteClock server;
  std::vector<std::pair<std::string, Runner::Done>> started;
  Spool spool;
  Runner runner;
};

}  // namespace openseer::worker
