#pragma once

#include <string_view>
#include <vector>

#include "base/refusal.h"
#include "domain/monitor.h"

// What of a specification is secret: stored sealed, and never sent back.
namespace openseer::control {

// Authorization, cookies and whatever is named like a key, token or secret.
bool is_always_sensitive(std::string_view name);

// Marks those of `spec` that are, whatever the request says.
void mark_sensitive(domain::MonitorSpec& spec);

// An empty secret of `spec` stands for the one that `stored` has: the value of a
// sensitive header under the same name (the n-th one of a name for the n-th), the
// authentication's and the proxy's while they are of the same kind, the client
// certificate's key. But whoever may edit a monitor must not learn its secrets by
// pointing it elsewhere: where `spec` would send one to another origin, or by another
// way, than `stored` does, it has to be given again. A violation for each that has,
// and for each sensitive header without a stored value, so that a secret is never
// lost without notice.
std::vector<FieldViolation> keep_stored_secrets(domain::MonitorSpec& spec, const domain::MonitorSpec& stored);

}  // namespace openseer::control
