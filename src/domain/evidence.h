#pragma once

#include "domain/redactor.h"
#include "domain/result.h"

namespace openseer::domain {

inline constexpr std::size_t kEvidenceBody = 16 * 1024;

// What is kept of a result's details: the first 16 KiB of the body unless it is
// ok, bounded lists, and nothing that the monitor itself sends.
Details evidence(Details details, Outcome outcome, Redactor redactor);

// Whether an ok result at `slot` is to have evidence, too: the first one after a
// change of the monitor, whose slot alone is off the grid, and one an hour. By the
// slot, so that nobody has to remember what there is.
bool wants_evidence(std::int64_t monitor_id, Instant slot, Seconds interval);

}  // namespace openseer::domain
