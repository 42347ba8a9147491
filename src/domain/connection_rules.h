#pragma once

#include "domain/faults.h"
#include "domain/monitor.h"

// Parts of validate() (domain/monitor_rules.cpp).
namespace openseer::domain {

void check_authentication(const MonitorSpec& spec, Faults& faults);
// Proxy, addresses, DNS server, HTTP versions.
void check_connection(const MonitorSpec& spec, Faults& faults);
// Sizes and pairs; whether a PEM can be read is asked of pki before a
// specification is saved.
void check_tls(const MonitorSpec& spec, Faults& faults);

}  // namespace openseer::domain
