#include "probe/timing.h"

#include <algorithm>

namespace openseer::probe {

Stage stage_of(const Marks& marks) {
  if (!marks.connecting) return Stage::kDns;
  if (marks.connected == Microseconds{}) return Stage::kConnect;
  if (marks.tls && marks.secured == Microseconds{}) return Stage::kTls;
  return marks.first_byte == Microseconds{} ? Stage::kWait : Stage::kDownload;
}

domain::Phases phases_of(const Marks& marks) {
  const auto between = [](Microseconds from, Microseconds to) { return std::max(to - from, Microseconds{}); };
  const Stage stage = stage_of(marks);
  domain::Phases phases;
  if (marks.looked_up) phases.dns = stage == Stage::kDns ? marks.ended : marks.resolved;
  if (stage == Stage::kDns) return phases;
  phases.connect = between(marks.resolved, stage == Stage::kConnect ? marks.ended : marks.connected);
  if (stage == Stage::kConnect) return phases;
  if (marks.tls) phases.tls = between(marks.connected, stage == Stage::kTls ? marks.ended : marks.secured);
  if (stage == Stage::kTls) return phases;
  const Microseconds asked = std::max({marks.requested, marks.secured, marks.connected});
  phases.wait = between(asked, stage == Stage::kWait ? marks.ended : marks.first_byte);
  if (stage == Stage::kDownload) phases.download = between(marks.first_byte, marks.ended);
  return phases;
}

}  // namespace openseer::probe
