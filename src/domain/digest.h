#pragma once

#include <string>
#include <string_view>

namespace openseer::domain {

// SHA-256 as lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace openseer::domain
