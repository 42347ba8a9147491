#pragma once

#include "domain/monitor.h"
#include "openseer/v1/monitor_service.pb.h"
#include "wire/violations.h"

// The parts of a specification that are messages of their own. Secrets are
// written only when `secrets` says so.
namespace openseer::wire {

void write_authentication(const domain::Authentication& from, bool secrets, v1::MonitorSpec& to);
void write_connection(const domain::MonitorSpec& from, bool secrets, v1::MonitorSpec& to);
void write_assertions(const domain::MonitorSpec& from, v1::MonitorSpec& to);
void write_retries(const domain::Retries& from, v1::MonitorSpec& to);

domain::Authentication read_authentication(const v1::Authentication& proto);
void read_connection(const v1::MonitorSpec& from, Violations& violations, domain::MonitorSpec& to);
void read_assertions(const v1::MonitorSpec& from, Violations& violations, domain::MonitorSpec& to);
void read_retries(const v1::MonitorSpec& from, Violations& violations, domain::MonitorSpec& to);

}  // namespace openseer::wire
