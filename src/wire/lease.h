#pragma once

#include "base/refusal.h"
#include "domain/lease.h"
#include "openseer/v1/worker_stream_service.pb.h"

// What travels on the worker stream. from_proto refuses (InvalidArgument) what
// the other side could not have meant.
namespace openseer::wire {

v1::Lease to_proto(const domain::Lease& lease);
v1::Job to_proto(const domain::LeasedJob& job, Milliseconds lease_duration);
v1::JobResult to_proto(const domain::LeasedResult& result);
v1::Acceptance to_proto(domain::Acceptance acceptance);

Result<domain::Lease> from_proto(const v1::Lease& lease);
Result<domain::LeasedJob> from_proto(const v1::Job& job);
Result<domain::LeasedResult> from_proto(const v1::JobResult& result);
Result<domain::Acceptance> from_proto(v1::Acceptance acceptance);

}  // namespace openseer::wire
