#include "control/stream/job_batcher.h"

#include "wire/lease.h"
#include "wire/monitor.h"
#include "wire/time.h"

namespace openseer::control {

std::vector<domain::LeasedJob> JobBatcher::uncarried(const std::vector<domain::LeasedJob>& jobs) {
  if (remembered_ >= limits_.remembered_bytes || carried_.size() >= limits_.remembered) {
    forget_ = true;
    carried_.clear();
    remembered_ = 0;
  }
  std::vector<domain::LeasedJob> wanted;
  for (const domain::LeasedJob& job : jobs) {
    if (!carried_.contains(job.monitor_id, job.spec_version)) wanted.push_back(job);
  }
  return wanted;
}

void JobBatcher::begin(v1::JobBatch& batch, Instant server_time) {
  *batch.mutable_server_time() = wire::to_proto(server_time);
  if (std::exchange(forget_, false)) batch.set_forget_specs(true);
}

std::vector<v1::JobBatch> JobBatcher::batches(const std::vector<domain::LeasedJob>& jobs, const Specs& specs,
                                              Milliseconds lease_duration, Instant server_time) {
  std::vector<v1::JobBatch> result;
  std::size_t bytes = 0;
  for (const domain::LeasedJob& leased : jobs) {
    const bool carried = carried_.contains(leased.monitor_id, leased.spec_version);
    const auto known = specs.find(leased.monitor_id);
    if (!carried && known == specs.end()) continue;
    if (result.empty() || bytes >= limits_.message_bytes) {
      begin(result.emplace_back(), server_time);
      bytes = 0;
    }
    v1::JobBatch& batch = result.back();
    v1::Job& job = *batch.add_jobs();
    job = wire::to_proto(leased, lease_duration);
    bytes += job.ByteSizeLong();
    if (carried) continue;
    v1::JobSpec& spec = *batch.add_specs();
    spec.set_monitor_id(job.monitor_id());
    spec.set_spec_version(job.spec_version());
    *spec.mutable_spec() = wire::to_proto(*known->second, wire::Secrets::kIncluded);
    const std::size_t size = spec.ByteSizeLong();
    bytes += size;
    remembered_ += size;
    carried_.insert(leased.monitor_id, leased.spec_version);
  }
  return result;
}

}  // namespace openseer::control
