#pragma once

#include "base/clock.h"
#include "domain/result.h"

namespace openseer::probe {

// How far a hop has come.
enum class Stage { kDns, kConnect, kTls, kWait, kDownload };

// When a hop passed its milestones, since it began; zero for one not reached.
// `ended` is when it was over, however it ended.
struct Marks {
  bool tls = false;         // the hop needs a handshake
  bool looked_up = false;   // the host was a name
  bool connecting = false;  // the address is known
  Microseconds resolved{};
  Microseconds connected{};
  Microseconds secured{};
  Microseconds requested{};  // the request is about to be sent
  Microseconds first_byte{};
  Microseconds ended{};
};

// The stage that had begun and was not over.
Stage stage_of(const Marks& marks);

// The time spent in each stage; one that never ended lasts until `ended`. Leaves
// `total` at zero. Never negative.
domain::Phases phases_of(const Marks& marks);

}  // namespace openseer::probe
