#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "control/stream/carried_specs.h"
#include "domain/lease.h"
#include "openseer/v1/worker_stream_service.pb.h"

namespace openseer::control {

// Turns leased jobs into JobBatch messages for one stream, each specification
// once per version, no message much above the size that gRPC takes. Pure.
class JobBatcher {
 public:
  struct Limits {
    std::size_t message_bytes = 2 * 1024 * 1024;
    // Specifications that the worker has to remember for this stream, and we with
    // it: their bytes there, and their number here.
    std::size_t remembered_bytes = 64 * 1024 * 1024;
    std::size_t remembered = 1'000'000;
  };
  using Specs = std::unordered_map<std::int64_t, std::shared_ptr<const domain::MonitorSpec>>;  // by monitor

  JobBatcher() : JobBatcher(Limits{}) {}
  explicit JobBatcher(Limits limits) : limits_(limits) {}

  // The jobs among `jobs`, to be sent next, whose specification has to go along.
  std::vector<domain::LeasedJob> uncarried(const std::vector<domain::LeasedJob>& jobs);
  // `specs`: at least those of uncarried(jobs), at the version of the lease. A job
  // that needs one that is not there is left out.
  std::vector<v1::JobBatch> batches(const std::vector<domain::LeasedJob>& jobs, const Specs& specs,
                                    Milliseconds lease_duration, Instant server_time);
  // Streams share our memory: the more there are, the less each may remember.
  void set_remembered(std::size_t specifications) { limits_.remembered = specifications; }

 private:
  void begin(v1::JobBatch& batch, Instant server_time);

  Limits limits_;
  CarriedSpecs carried_;
  std::size_t remembered_ = 0;
  bool forget_ = false;  // to be said with the next message
};

}  // namespace openseer::control
