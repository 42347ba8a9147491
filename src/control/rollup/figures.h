#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.h"

namespace openseer::pg {
class Pool;
}

// Keeps what lists and the overview show: the last 24 clock hours of every monitor.
//
// Results are read once, by the minute, when nothing can land in it any more, and
// added to the open hour. When the rollups close an hour, every monitor's figures
// are worked out anew from them, so that an error cannot outlive an hour and a
// restored or restarted instance finds its way by itself. Both happen under one
// claim, in transactions of bounded size that lock nothing ingest needs.
namespace openseer::control {

namespace asio = boost::asio;

struct FiguresProgress {
  int minutes = 0;   // counted
  int monitors = 0;  // whose figures were written
};

// Counts everything before `horizon` (store/rollups); nothing while another replica
// does.
asio::awaitable<FiguresProgress> keep_figures(pg::Pool& pool, Instant horizon);

}  // namespace openseer::control
