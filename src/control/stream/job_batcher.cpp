#include "control/stream/job_batcher.h"

#include "wire/lease.h"
#include "wire/monitor.h"
#include "wire/time.h"

namespace openseer::control {

bool JobBatcher::carried(const domain::LeasedJob& job) const {
  const auto found = versions_.find(job.monitor_id);
  return found != versions_.end() && found->second == job.spec_version;
}

void JobBatcher::begin(v1::JobBatch& batch, Instant server_time) {
  *batch.mutable_server_time() = wire::to_proto(server_time);
  if (remembered_ < limits_.remembered_bytes) return;
  batch.set_forget_specs(true);
  versions_.clear();
  remembered_ = 0;
}

std::vector<v1::JobBatch> JobBatcher::batches(const std::vector<domain::LeasedJob>& jobs,
                                              const std::vector<Spec>& specs, Milliseconds lease_duration,
                                              Instant server_time) {
  std::vector<v1::JobBatch> result;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (!specs[i]) continue;
    if (result.empty() || bytes >= limits_.message_bytes) {
      begin(result.emplace_back(), server_time);
      bytes = 0;
    }
    v1::JobBatch& batch = result.back();
    v1::Job& job = *batch.add_jobs();
    job = wire::to_proto(jobs[i], lease_duration);
    bytes += job.ByteSizeLong();
    if (carried(jobs[i])) continue;
    v1::JobSpec& spec = *batch.add_specs();
    spec.set_monitor_id(job.monitor_id());
    spec.set_spec_version(job.spec_version());
    *spec.mutable_spec() = wire::to_proto(*specs[i], wire::Secrets::kIncluded);
    const std::size_t size = spec.ByteSizeLong();
    bytes += size;
    remembered_ += size;
    versions_[jobs[i].monitor_id] = jobs[i].spec_version;
  }
  return result;
}

}  // namespace openseer::control
