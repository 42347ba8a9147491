#pragma once

#include <string>

#include <boost/asio/ip/address.hpp>

#include "base/clock.h"
#include "domain/monitor.h"
#include "probe/check/timing.h"
#include "probe/dns/reply.h"
#include "probe/http/fault.h"

// What went wrong, for machines (a Reason) and for people (one sentence: lower case,
// no full stop). Pure.
namespace openseer::probe {

// Of a name that gave no address of any family that was asked for, by what each
// family's lookup came to.
http::Fault dns_fault(const std::string& name, domain::IpFamily asked, const dns::Answer& ipv4,
                      const dns::Answer& ipv6);

// Of a connection attempt that failed with `error` (errno).
http::Fault connect_fault(int error, const boost::asio::ip::address& address, std::uint16_t port);

http::Fault denied_fault(const boost::asio::ip::address& address);

// Of a check that ran out of its `timeout` in `stage`.
http::Fault timeout_fault(Stage stage, Milliseconds timeout);

}  // namespace openseer::probe
