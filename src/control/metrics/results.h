#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "control/metrics/ledger_book.h"
#include "domain/result.h"
#include "store/history.h"

namespace openseer::pg {
class Pool;
}

namespace openseer::control {

namespace asio = boost::asio;

// A committed result.
struct StoredResult {
  std::int64_t job_id = 0;
  std::int64_t monitor_id = 0;
  std::string region;
  Instant slot;
  std::int32_t worker_id = 0;
  domain::CheckResult check;
};

// Where a page ends: results older than (slot, job) follow.
struct ResultCursor {
  Instant slot;
  std::int64_t job_id = 0;
};

// Walks back through the slots that have a result, by what the ledger says: no look-up
// is spent on what was missed. All that it is given must outlive it.
class ResultWalk {
 public:
  // Of `jobs`, older than `before`, no older than `oldest`.
  ResultWalk(const LedgerBook& book, std::vector<const store::JobEpoch*> epochs, ResultCursor before,
             Instant oldest);
  // The newest keys not given yet, at most `count`; fewer only at the end.
  store::RawKeys next(std::size_t count);
  bool more() const { return to_ > oldest_ || !keys_.empty(); }

 private:
  using Key = std::pair<Instant, std::int64_t>;  // slot, job

  const LedgerBook& book_;
  std::vector<const store::JobEpoch*> epochs_;
  Key before_;
  Instant to_, oldest_;
  Seconds step_{3600};
  std::set<Key> keys_;
};

// At most `limit` results, newest first, older than `before` if given; empty for a
// monitor that the workspace does not have. The raw level's retention bounds how
// far back they go. One look-up a page, whatever was missed.
asio::awaitable<std::vector<StoredResult>> list_results(pg::Pool& pool, std::int64_t workspace_id,
                                                        std::int64_t monitor_id,
                                                        std::optional<ResultCursor> before,
                                                        std::size_t limit);

}  // namespace openseer::control
