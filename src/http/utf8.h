#pragma once

#include <cstddef>
#include <string_view>

namespace openseer::http {

// Length of the UTF-8 sequence at the front of `bytes` (RFC 3629: shortest form,
// no surrogates, at most U+10FFFF); 0 when there is none.
std::size_t utf8_sequence(std::string_view bytes);

bool is_utf8(std::string_view bytes);

}  // namespace openseer::http
