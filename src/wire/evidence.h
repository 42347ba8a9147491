#pragma once

#include <string>

#include "domain/result.h"
#include "openseer/v1/result.pb.h"

namespace openseer::wire {

// What is kept of a check (domain/evidence.h), as people and the database get it.
v1::Evidence to_proto(const domain::Details& details);

// The stored form: v1::Evidence serialised. Empty: there is none, or it is larger
// than the 128 KiB that honest evidence stays below.
std::string stored_evidence(const v1::Evidence& evidence);
// Nothing (an empty message) for what cannot be read.
v1::Evidence read_evidence(const std::string& stored);

}  // namespace openseer::wire
