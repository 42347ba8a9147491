#include "wire/lease.h"

#include "wire/evidence.h"
#include "wire/id.h"
#include "wire/result.h"
#include "wire/time.h"

namespace openseer::wire {

v1::Lease to_proto(const domain::Lease& lease) {
  v1::Lease proto;
  proto.set_job_id(lease.job_id);
  proto.set_fence(lease.fence);
  *proto.mutable_slot() = to_proto(lease.slot);
  return proto;
}

v1::Job to_proto(const domain::LeasedJob& job, Milliseconds lease_duration) {
  v1::Job proto;
  *proto.mutable_lease() = to_proto(job.lease);
  proto.set_monitor_id(std::to_string(job.monitor_id));
  proto.set_spec_version(job.spec_version);
  *proto.mutable_lease_duration() = to_proto(Microseconds{lease_duration});
  proto.set_want_evidence(job.want_evidence);
  return proto;
}

v1::JobResult to_proto(const domain::LeasedResult& result) {
  v1::JobResult proto;
  *proto.mutable_lease() = to_proto(result.lease);
  *proto.mutable_result() = to_proto(result.result);
  if (!result.evidence.empty()) *proto.mutable_evidence() = read_evidence(result.evidence);
  return proto;
}

v1::Acceptance to_proto(domain::Acceptance acceptance) {
  return acceptance == domain::Acceptance::kAccepted ? v1::ACCEPTANCE_ACCEPTED : v1::ACCEPTANCE_FENCED;
}

Result<domain::Lease> from_proto(const v1::Lease& proto) {
  const auto slot = from_proto(proto.slot());
  if (proto.job_id() <= 0 || proto.fence() <= 0 || !proto.has_slot() || !slot)
    return invalid({{"lease", "missing or out of range"}});
  return domain::Lease{proto.job_id(), proto.fence(), *slot};
}

Result<domain::LeasedJob> from_proto(const v1::Job& proto) {
  const Result<domain::Lease> lease = from_proto(proto.lease());
  if (!lease) return lease.error();
  const auto monitor_id = parse_id(proto.monitor_id());
  if (!monitor_id) return invalid({{"monitor_id", "is not an id"}});
  return domain::LeasedJob{*lease, *monitor_id, proto.spec_version(), proto.want_evidence()};
}

Result<domain::LeasedResult> from_proto(const v1::JobResult& proto) {
  const Result<domain::Lease> lease = from_proto(proto.lease());
  if (!lease) return lease.error();
  Result<domain::CheckResult> result = from_proto(proto.result());
  if (!result) return result.error();
  return domain::LeasedResult{*lease, std::move(*result), stored_evidence(proto.evidence())};
}

Result<domain::Acceptance> from_proto(v1::Acceptance acceptance) {
  switch (acceptance) {
    case v1::ACCEPTANCE_ACCEPTED:
      return domain::Acceptance::kAccepted;
    case v1::ACCEPTANCE_FENCED:
      return domain::Acceptance::kFenced;
    default:
      return invalid({{"acceptance", "is unknown"}});
  }
}

}  // namespace openseer::wire
