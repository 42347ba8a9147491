#pragma once

#include <string>
#include <vector>

#include "base/options.h"

namespace openseer::app {

// The key that seals what is secret in the database: 64 hex digits, given
// directly or as a file that only its owner (and group) may read.
struct SecretKey {
  std::string hex;
};

std::vector<options::Option> secret_key_options(SecretKey& into);
// Prints one line and gives exit code 2 when there is none.
std::optional<int> require(const SecretKey& key, const std::string& command);

}  // namespace openseer::app
