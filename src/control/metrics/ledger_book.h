#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/history.h"

namespace openseer::control {

// The part of the ledger that follows from epochs and gaps: what was expected and
// what was missed, to the slot. What was found (ok, failed) is read elsewhere; the
// two sides must agree, and tests compare them. The timeline must outlive it.
class LedgerBook {
 public:
  explicit LedgerBook(const store::Timeline& timeline);

  // Slots of the job in [span.from, span.to), those in the future and those that
  // may still get their result left out.
  std::int64_t expected(std::int64_t job_id, store::Span span) const;
  // Of them those that no worker took.
  std::int64_t missed(std::int64_t job_id, store::Span span) const;
  bool should_have_result(std::int64_t job_id, Instant slot) const;
  // All slots that the job's epochs have in the span.
  std::int64_t slots(std::int64_t job_id, store::Span span) const;

  // Every job of the timeline, once.
  const std::vector<const store::JobEpoch*>& jobs() const { return jobs_; }
  // The gaps of a job, by time.
  const std::vector<store::Span>& gaps(std::int64_t job_id) const;

 private:
  struct Entry {
    std::vector<domain::Epoch> epochs;
    std::vector<store::Span> gaps;
    std::vector<Instant> open;
  };
  static std::int64_t slots_of(const Entry& entry, store::Span span);

  Instant now_;
  std::unordered_map<std::int64_t, Entry> entries_;
  std::vector<const store::JobEpoch*> jobs_;
};

}  // namespace openseer::control
