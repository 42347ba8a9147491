#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "domain/lease.h"

namespace openseer::worker {

// Results until they are acknowledged, oldest first. Bounded by back-pressure:
// nothing is ever dropped, but room() limits the jobs that are asked for. Pure;
// owned by the worker's event loop.
class Spool {
 public:
  struct Batch {
    std::int64_t number = 0;  // grows within the worker's life
    std::vector<domain::LeasedResult> results;
  };
  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t fenced = 0;
  };

  explicit Spool(std::size_t limit) : limit_(limit) {}

  // Evidence above kMostEvidence in all is not kept.
  void add(domain::LeasedResult result);
  // The next results to send, at most `most` and about 2 MiB of evidence; they stay here until acknowledged.
  std::optional<Batch> next_batch(std::size_t most);
  // False when the batch was sent and the acknowledgement does not fit it. One
  // for a batch that is not under way (of an earlier stream) is ignored.
  bool acknowledge(std::int64_t number, const std::vector<domain::Acceptance>& acceptances);
  // The stream is gone: what was under way has to be sent again, in its order.
  void connection_lost();

  std::size_t size() const { return unsent_.size() + under_way_size_; }
  std::size_t unsent() const { return unsent_.size(); }
  std::size_t batches_under_way() const { return under_way_.size(); }
  std::size_t room() const { return limit_ - std::min(limit_, size()); }
  bool empty() const { return size() == 0; }
  const Counts& counts() const { return counts_; }

 private:
  static constexpr std::size_t kMostEvidence = 64 * 1024 * 1024;  // bytes
  static constexpr std::size_t kBatchEvidence = 2 * 1024 * 1024;

  std::size_t limit_;
  std::size_t evidence_bytes_ = 0;
  std::deque<domain::LeasedResult> unsent_;
  std::deque<Batch> under_way_;
  std::size_t under_way_size_ = 0;
  std::int64_t last_number_ = 0;
  Counts counts_;
};

}  // namespace openseer::worker
