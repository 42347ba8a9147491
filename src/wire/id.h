#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// Ids are opaque strings to clients and numbers here: std::to_string writes them.
namespace openseer::wire {

// Nothing unless `text` is a positive decimal number as std::to_string writes
// it (no sign, no leading zero), so that an id has one spelling.
std::optional<std::int64_t> parse_id(std::string_view text);

}  // namespace openseer::wire
