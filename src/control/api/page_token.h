#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/refusal.h"
#include "control/metrics/results.h"
#include "store/monitor_views.h"

// Where a page ends, as text that clients send back unread. A token that this
// program did not write is InvalidArgument.
namespace openseer::control {

// A token belongs to one order.
std::string list_token(store::ListOrder order, const store::ListCursor& cursor);
Result<store::ListCursor> parse_list_token(store::ListOrder order, std::string_view token);

std::string result_token(const ResultCursor& cursor);
Result<std::optional<ResultCursor>> parse_result_token(std::string_view token);

// `fallback` when 0; InvalidArgument above `most`.
Result<std::size_t> page_size(std::uint32_t asked, std::uint32_t fallback, std::uint32_t most);

}  // namespace openseer::control
