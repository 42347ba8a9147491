#pragma once

#include <cstdint>

#include "base/clock.h"
#include "domain/monitor.h"
#include "domain/result.h"

namespace openseer::domain {

// The right to run one slot of a job, as both sides name it.
struct Lease {
  std::int64_t job_id = 0;
  std::int64_t fence = 0;  // grows with every lease of the job
  Instant slot;
  bool operator==(const Lease&) const = default;
};

struct LeasedJob {
  Lease lease;
  std::int64_t monitor_id = 0;
  std::int64_t spec_version = 0;
  bool want_evidence = false;  // even if the result is ok
};

// A result with the lease it was made under.
struct LeasedResult {
  Lease lease;
  CheckResult result;         // without details
  std::string evidence = {};  // wire::stored_evidence(); empty: none
};

enum class Acceptance {
  kAccepted,  // committed now, or the same one was committed before
  kFenced,    // the lease was no longer the worker's
};

}  // namespace openseer::domain
