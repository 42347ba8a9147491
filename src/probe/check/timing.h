#pragma once

#include "base/clock.h"
#include "domain/result.h"

namespace openseer::probe {

// How far a hop has come.
enum class Stage { kDns, kConnect, kTunnel, kTls, kWait, kDownload };

// When a hop passed its milestones; the epoch for one not reached.
struct Marks {
  bool looked_up = false;  // the host was a name
  bool tls = false;        // the hop needs a handshake
  bool reused = false;     // on a kept connection: no phase before the wait
  Monotonic began;
  Monotonic resolved;   // the first address is known
  Monotonic connected;  // through a proxy: to the target
  Monotonic secured;
  Monotonic requested;  // the request has been sent
  Monotonic first_byte;
};

// The time spent in each phase of a hop that was over at `ended`; the phase that
// was under way lasts until then, and one that happened at least a microsecond.
// `total` is the hop's own. Never negative.
domain::Phases phases_of(const Marks& marks, Monotonic ended);

}  // namespace openseer::probe
