#pragma once

#include <string>

#include "domain/result.h"

namespace openseer::probe::http {

// Why a protocol cannot go on: for machines and, in one sentence (lower case, no
// full stop, valid UTF-8), for people.
struct Fault {
  domain::Reason reason = domain::Reason::kNone;
  std::string message;

  explicit operator bool() const { return reason != domain::Reason::kNone; }
};

}  // namespace openseer::probe::http
