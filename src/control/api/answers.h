#pragma once

#include <string>
#include <vector>

#include "control/metrics/metrics.h"
#include "control/metrics/results.h"
#include "openseer/v1/auth_service.pb.h"
#include "openseer/v1/dashboard_service.pb.h"
#include "openseer/v1/metrics_service.pb.h"
#include "openseer/v1/monitor_service.pb.h"
#include "openseer/v1/worker_service.pb.h"
#include "store/accounts.h"
#include "store/monitor_views.h"
#include "store/monitors.h"
#include "store/overview.h"
#include "store/workers.h"

// What was read, as the messages that people get.
namespace openseer::control {

v1::User to_proto(const store::User& user);
v1::Membership to_proto(const store::Membership& membership);

v1::Region to_proto(const store::Region& region);
v1::Worker to_proto(const store::Worker& worker);

v1::MonitorSummary to_proto(const store::MonitorSummary& summary);
// Values of sensitive headers stay out.
v1::Monitor to_proto(const store::MonitorSummary& summary, const store::StoredSpec& spec);
v1::Overview to_proto(const store::Overview& overview);
v1::GetOverviewResponse to_proto(const store::Highlights& highlights);

v1::Result to_proto(const StoredResult& result);
v1::Latency to_proto(const Latency& latency, v1::Range range);
v1::UptimeWindow to_proto(const UptimeWindow& window);
v1::Ledger to_proto(const Ledger& ledger);
v1::UptimeBar to_proto(const LedgerCounts& bar);
v1::GetPhasesResponse to_proto(const PhaseChart& chart);

// Nothing for a number that the proto does not have; 24 h when unspecified.
std::optional<Range> range_of(v1::Range range);
v1::Range to_proto(Range range);

}  // namespace openseer::control
