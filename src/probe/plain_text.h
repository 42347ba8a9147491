#pragma once

#include <string>
#include <string_view>

namespace openseer::probe {

// `text` as a result's message may carry it: valid UTF-8 without control
// characters, at most 300 bytes. What targets send is neither.
std::string plain_text(std::string_view text);

}  // namespace openseer::probe
