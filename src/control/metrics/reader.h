#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "store/history.h"

// How a range is read: the closed buckets of the coarsest level that fits, and
// for its ragged ends the next finer level, down to raw results. Dense jobs have
// minutes between hours and raw; for the others raw results are the minutes.
namespace openseer::control {

namespace asio = boost::asio;

Instant floor_to(Instant t, Seconds step);
Instant ceil_to(Instant t, Seconds step);

// `span` widened to what is kept: whole hours where raw results are gone, whole
// days where hours are.
store::Span widened(const store::Timeline& timeline, store::Span span);

// Where the parts of some spans come from.
struct ReadingPlan {
  std::vector<std::pair<store::Level, store::Span>> buckets;
  std::vector<store::Span> raw;         // results of every job
  std::vector<store::Span> raw_sparse;  // results of jobs without minutes

  // `coarsest` bounds the width of the buckets that one part may be.
  void add(const store::Timeline& timeline, store::Level coarsest, store::Span span);
};

// Receives what was found, in no order.
struct Reading {
  std::function<void(const store::StoredBucket&)> bucket;
  std::function<void(const store::RawPoint&)> raw;
};

// Reads what is planned of all the timeline's jobs: one statement a level and one
// for raw results, in one round trip, unless there are thousands of jobs. Those
// are read in parts, so that memory stays bounded.
asio::awaitable<void> read(pg::Transaction& tx, const store::Timeline& timeline, const ReadingPlan& plan,
                           store::Detail detail, const Reading& reading);

}  // namespace openseer::control
