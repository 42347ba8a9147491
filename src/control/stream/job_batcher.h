#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/lease.h"
#include "openseer/v1/worker_stream_service.pb.h"

namespace openseer::control {

// Turns leased jobs into JobBatch messages for one stream, each specification
// once per version, no message much above the size that gRPC takes. Pure.
class JobBatcher {
 public:
  struct Limits {
    std::size_t message_bytes = 2 * 1024 * 1024;
    // Specifications that the worker has to remember for this stream.
    std::size_t remembered_bytes = 64 * 1024 * 1024;
  };
  using Spec = std::shared_ptr<const domain::MonitorSpec>;

  JobBatcher() : JobBatcher(Limits{}) {}
  explicit JobBatcher(Limits limits) : limits_(limits) {}

  // `specs` is parallel to `jobs`; a job without one is left out.
  std::vector<v1::JobBatch> batches(const std::vector<domain::LeasedJob>& jobs,
                                    const std::vector<Spec>& specs, Milliseconds lease_duration,
                                    Instant server_time);

 private:
  bool carried(const domain::LeasedJob& job) const;
  void begin(v1::JobBatch& batch, Instant server_time);

  Limits limits_;
  std::unordered_map<std::int64_t, std::int64_t> versions_;  // carried, by monitor
  std::size_t remembered_ = 0;
};

}  // namespace openseer::control
