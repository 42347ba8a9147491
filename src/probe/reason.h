#pragma once

#include <string>

#include "base/clock.h"
#include "domain/result.h"
#include "probe/probe.h"
#include "probe/request.h"
#include "probe/timing.h"
#include "probe/transfer.h"

// What went wrong, for machines (a Reason) and for people (one sentence).
namespace openseer::probe {

struct Explanation {
  domain::Reason reason = domain::Reason::kNone;
  std::string message;  // lower case, no full stop; empty when all is well
};

// Of a hop that is over and did not run out of time. kNone for a complete answer.
Explanation explain(const Exchange& exchange, const Target& target, const Limits& limits);

// Of a check that ran out of its `timeout` in `stage`.
Explanation explain_timeout(Stage stage, Milliseconds timeout);

Explanation explain_denied(const boost::asio::ip::address& address);

}  // namespace openseer::probe
