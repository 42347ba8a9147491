#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/refusal.h"

namespace openseer::domain {

// Collects what is wrong with fields below a prefix.
class Faults {
 public:
  explicit Faults(std::string_view prefix) : prefix_(prefix) {}

  void add(std::string_view field, std::string description) {
    std::string path(prefix_);
    if (!path.empty()) path += '.';
    path += field;
    violations_.push_back({std::move(path), std::move(description)});
  }
  // As add(), unless there is nothing wrong.
  void add_unless_empty(std::string_view field, std::string description) {
    if (!description.empty()) add(field, std::move(description));
  }
  std::vector<FieldViolation> take() { return std::move(violations_); }

 private:
  std::string_view prefix_;
  std::vector<FieldViolation> violations_;
};

}  // namespace openseer::domain
