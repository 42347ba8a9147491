#pragma once

#include <string_view>

#include "base/refusal.h"
#include "domain/monitor.h"

// What of a specification is secret: stored sealed, and never sent back.
namespace openseer::control {

// Authorization, cookies and whatever is named like a key, token or secret.
bool is_always_sensitive(std::string_view name);

// Marks those of `spec` that are, whatever the request says.
void mark_sensitive(domain::MonitorSpec& spec);

// An empty value of a sensitive header stands for the one that `stored` has
// under the same name (the n-th one of a name for the n-th). A violation for each
// that has none, so that a secret is never lost without notice. Likewise an empty
// secret of the authentication, the proxy and the client certificate, while they
// are still of the same kind.
std::vector<FieldViolation> keep_stored_values(domain::MonitorSpec& spec, const domain::MonitorSpec& stored);

}  // namespace openseer::control
