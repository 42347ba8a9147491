#pragma once

#include <vector>

#include "openseer/v1/monitor_service.pb.h"
#include "store/audit.h"

namespace openseer::control {

// What differs between two specifications, for the audit log: the fields by name,
// as "spec.url", with their values where they are numbers, names and the like.
// Headers, bodies, credentials and whatever else is a message of its own are named
// without them.
std::vector<store::FieldChange> changes_between(const v1::MonitorSpec& before, const v1::MonitorSpec& after);

}  // namespace openseer::control
