#pragma once

#include "base/refusal.h"
#include "domain/result.h"
#include "openseer/v1/result.pb.h"

namespace openseer::wire {

v1::Outcome to_proto(domain::Outcome outcome);
v1::Reason to_proto(domain::Reason reason);
v1::HttpVersion to_proto(domain::HttpVersion version);
v1::Phases to_proto(const domain::Phases& phases);

// Leaves monitor_id, region, slot and worker_id empty: they are not the check's.
v1::Result to_proto(const domain::CheckResult& result);

// InvalidArgument when a field is missing or outside what may be stored: an
// unknown enum number, a phase that is negative or above 30 minutes, a status
// above 999, a message above 4 KiB, an address above 64 characters. The
// outcome and the reason must agree.
Result<domain::CheckResult> from_proto(const v1::Result& result);

}  // namespace openseer::wire
