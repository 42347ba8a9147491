#include "probe/check/timing.h"

#include <algorithm>

namespace openseer::probe {

domain::Phases phases_of(const Marks& marks, Monotonic ended) {
  domain::Phases phases;
  const auto since = [&](Monotonic from, Monotonic until) {
    const Monotonic to = until == Monotonic{} ? ended : until;
    return std::max(std::chrono::duration_cast<Microseconds>(to - from), Microseconds{1});
  };
  phases.total = since(marks.began, ended);
  if (!marks.reused) {
    if (marks.looked_up) phases.dns = since(marks.began, marks.resolved);
    if (marks.resolved == Monotonic{}) return phases;
    phases.connect = since(marks.resolved, marks.connected);
    if (marks.connected == Monotonic{}) return phases;
    if (marks.tls) phases.tls = since(marks.connected, marks.secured);
    if (marks.tls && marks.secured == Monotonic{}) return phases;
  }
  // An answer may come before the request is out.
  const Monotonic asked = std::max({marks.began, marks.requested, marks.connected, marks.secured});
  phases.wait =
      since(std::min(asked, marks.first_byte == Monotonic{} ? ended : marks.first_byte), marks.first_byte);
  if (marks.first_byte != Monotonic{}) phases.download = since(marks.first_byte, ended);
  return phases;
}

}  // namespace openseer::probe
