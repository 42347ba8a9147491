#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/refusal.h"

namespace openseer::wire {

// Collects what is wrong, each with its path below the prefix.
class Violations {
 public:
  Violations(std::string_view prefix, std::vector<FieldViolation>& list) : prefix_(prefix), list_(list) {}
  void add(std::string_view field, std::string_view description) {
    list_.push_back({std::string(prefix_) + std::string(field), std::string(description)});
  }

 private:
  std::string_view prefix_;
  std::vector<FieldViolation>& list_;
};

}  // namespace openseer::wire
