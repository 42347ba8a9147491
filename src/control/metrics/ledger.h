#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"
#include "domain/sketch.h"
#include "store/history.h"

namespace openseer::pg {
class Pool;
}

// The ledger: expected = ok + failed + missed, to the slot.
namespace openseer::control {

namespace asio = boost::asio;

struct LedgerCounts {
  std::int64_t ok = 0;
  std::int64_t failed = 0;
  std::int64_t missed = 0;
  // ok / (ok + failed); nothing without results.
  std::optional<double> uptime() const;
  // (ok + failed) / (ok + failed + missed); nothing when nothing was expected.
  std::optional<double> coverage() const;
  bool operator==(const LedgerCounts&) const = default;
};

struct Ledger {
  std::int64_t expected = 0;  // from the epochs alone
  LedgerCounts counts;        // from results, rollups and gaps
  domain::Sketch latency;     // of ok results
};

struct LedgerAnswer {
  std::vector<std::int64_t> monitor_ids;  // those of the scope that exist
  store::Span span;                       // what it covers: the one asked for, widened to what is kept
  Ledger total;
  std::map<std::string, Ledger> regions;
};
asio::awaitable<LedgerAnswer> ledger(pg::Pool& pool, store::HistoryScope scope, store::Span span);

// The ledgers of `count` buckets of `width` (an hour or a day), the last one being
// the present one.
struct UptimeBars {
  std::int64_t monitor_id = 0;
  std::string region;  // empty: all together
  std::vector<LedgerCounts> bars;
};
struct UptimeBarsAnswer {
  Instant start;
  // Of the monitors that exist, by id; of each all regions together first, then its
  // regions by name if asked for.
  std::vector<UptimeBars> bars;
};
asio::awaitable<UptimeBarsAnswer> uptime_bars(pg::Pool& pool, std::int64_t workspace_id,
                                              std::vector<std::int64_t> monitor_ids, store::Level width,
                                              std::size_t count, bool by_region);

}  // namespace openseer::control
