#pragma once

#include <string_view>

#include "base/refusal.h"
#include "domain/monitor.h"
#include "openseer/v1/monitor_service.pb.h"

namespace openseer::wire {

// Whether values of sensitive headers are written: to workers yes, to people no.
enum class Secrets { kHidden, kIncluded };

v1::HttpMethod to_proto(domain::HttpMethod method);
v1::MonitorSpec to_proto(const domain::MonitorSpec& spec, Secrets secrets);

// Fills the defaults that monitor_service.proto documents, except those that
// depend on other fields' meaning (name, regions): domain::complete does them.
// InvalidArgument with violations below `prefix` ("spec.interval") for what a
// domain::MonitorSpec cannot hold; whether the rest is acceptable is
// domain::validate's to say.
Result<domain::MonitorSpec> from_proto(const v1::MonitorSpec& spec, std::string_view prefix);

}  // namespace openseer::wire
