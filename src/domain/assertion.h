#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/monitor.h"

namespace openseer::domain {

class Subject;

// What is wrong with a field of an assertion ("property", "comparison", "target").
struct AssertionFault {
  std::string field;
  std::string description;
};

// An assertion made ready: its target read, its expression compiled. Immutable;
// any thread.
class ReadyAssertion {
 public:
  // Adds what is wrong to `faults`. An assertion with faults is always broken.
  ReadyAssertion(const Assertion& assertion, std::vector<AssertionFault>& faults);

  // What a person should know when it does not hold ("expected header x-version
  // to equal 2, got 1"); nothing when it does.
  std::optional<std::string> broken(Subject& subject) const;

  Severity severity() const { return severity_; }
  // Of a result that this assertion decides.
  Reason reason() const;

 private:
  struct Target;

  Source source_;
  Comparison comparison_;
  Severity severity_;
  std::string property_;
  std::shared_ptr<const Target> target_;  // null: faulty
};

}  // namespace openseer::domain
