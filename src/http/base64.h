#pragma once

#include <string>
#include <string_view>

namespace openseer::http {

enum class Padding { kYes, kNo };

// RFC 4648, 4.
std::string base64(std::string_view bytes, Padding padding);

}  // namespace openseer::http
