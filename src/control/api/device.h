#pragma once

#include <string>
#include <string_view>

namespace openseer::control {

// What a User-Agent header says, for people: "Firefox on Linux", "curl"; empty
// when it says nothing known. A hint, nothing to rely on.
std::string device_of(std::string_view user_agent);

}  // namespace openseer::control
