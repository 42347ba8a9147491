#pragma once

#include <cstdint>
#include <vector>

#include "domain/assertion.h"
#include "domain/monitor.h"
#include "domain/redactor.h"

namespace openseer::domain {

// The verdict of one specification, made ready once (regular expressions and
// JSONPaths compiled, secrets known) and used for every check of it. Immutable; any thread.
class Judge {
 public:
  explicit Judge(const MonitorSpec& spec);

  // As domain::judge(), which says what it does.
  CheckResult operator()(Measurement measurement, Instant started_at) const;
  const Redactor& redactor() const { return redactor_; }

 private:
  bool accepts(int status) const;
  std::string status_message(int status) const;

  bool any_status_ = false;  // left to the assertions
  std::vector<StatusRange> accepted_;
  std::vector<ReadyAssertion> assertions_;
  Redactor redactor_;
};

}  // namespace openseer::domain
