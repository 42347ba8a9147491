#include "base/refusal.h"

#include <stdexcept>

namespace openseer {

Refusal invalid(std::vector<FieldViolation> violations) {
  std::string message = "invalid ";
  for (const FieldViolation& v : violations) {
    if (&v != &violations.front()) message += "; ";
    message += v.field + ": " + v.description;
  }
  return {Code::kInvalidArgument, std::move(message), std::move(violations)};
}

void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where) {
  throw std::logic_error("unhandled refusal at " + where.to_string() + ": " + refusal.message);
}

}  // namespace openseer
