#pragma once

#include <string_view>
#include <vector>

#include "base/refusal.h"
#include "domain/monitor.h"
#include "openseer/v1/monitor_service.pb.h"

namespace openseer::wire {

// Whether values of sensitive headers are written: to workers yes, to people no.
enum class Secrets { kHidden, kIncluded };

v1::MonitorSpec to_proto(const domain::MonitorSpec& spec, Secrets secrets);

// Fills the defaults that monitor_service.proto documents, except those that
// depend on other fields' meaning (name, regions): domain::complete does them.
// What a domain::MonitorSpec cannot hold is added to `violations`, below `prefix`
// ("spec.interval"), and takes its default; whether the rest is acceptable is
// domain::validate's to say.
domain::MonitorSpec from_proto(const v1::MonitorSpec& spec, std::string_view prefix,
                               std::vector<FieldViolation>& violations);
// The same as InvalidArgument, for who has nothing to add.
Result<domain::MonitorSpec> from_proto(const v1::MonitorSpec& spec, std::string_view prefix);

}  // namespace openseer::wire
