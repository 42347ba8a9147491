#include "control/api/page_token.h"

#include <charconv>

#include "http/utf8.h"
#include "pki/secret_box.h"
#include "wire/id.h"

namespace openseer::control {
namespace {

Refusal bad_token() { return invalid({{"page_token", "is not a token of a page before"}}); }

// "<first>.<second>"
std::optional<std::pair<std::string_view, std::int64_t>> split(std::string_view token) {
  const std::size_t dot = token.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::optional<std::int64_t> id = wire::parse_id(token.substr(dot + 1));
  if (!id) return std::nullopt;
  return std::pair(token.substr(0, dot), *id);
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned byte = 0;
    const char* end = digits.data() + i + 2;
    const auto [stop, error] = std::from_chars(digits.data() + i, end, byte, 16);
    if (error != std::errc{} || stop != end) return std::nullopt;
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

}  // namespace

// "<order>.<name in hex>.<id>" by name, "<order>.<first>.<second>.<id>" otherwise.
std::string list_token(store::ListOrder order, const store::ListCursor& cursor) {
  std::string token = std::to_string(static_cast<int>(order)) + ".";
  if (order == store::ListOrder::kName)
    token += pki::to_hex(cursor.name);
  else
    token += std::to_string(cursor.first) + "." + std::to_string(cursor.second);
  return token + "." + std::to_string(cursor.id);
}

Result<store::ListCursor> parse_list_token(store::ListOrder order, std::string_view token) {
  store::ListCursor cursor;
  if (token.empty()) return cursor;
  const std::string prefix = std::to_string(static_cast<int>(order)) + ".";
  if (!token.starts_with(prefix)) return bad_token();
  token.remove_prefix(prefix.size());
  if (order == store::ListOrder::kName) {
    const auto parts = split(token);
    if (!parts) return bad_token();
    const std::optional<std::string> name = from_hex(parts->first);
    // PostgreSQL takes no other text.
    if (!name || !http::is_utf8(*name) || name->find('\0') != std::string::npos) return bad_token();
    cursor.name = *name;
    cursor.id = parts->second;
    return cursor;
  }
  const char* at = token.data();
  const char* const end = token.data() + token.size();
  for (std::int64_t* number : {&cursor.first, &cursor.second, &cursor.id}) {
    const auto [stop, error] = std::from_chars(at, end, *number);
    const bool last = number == &cursor.id;
    if (error != std::errc{} || (last ? stop != end : stop == end || *stop != '.')) return bad_token();
    at = last ? stop : stop + 1;
  }
  return cursor;
}

std::string result_token(const ResultCursor& cursor) {
  return std::to_string(cursor.slot.time_since_epoch().count()) + "." + std::to_string(cursor.job_id);
}

Result<std::optional<ResultCursor>> parse_result_token(std::string_view token) {
  if (token.empty()) return std::optional<ResultCursor>();
  const auto parts = split(token);
  if (!parts) return bad_token();
  const std::optional<std::int64_t> slot = wire::parse_id(parts->first);
  // Within what a timestamp holds: the year 9999.
  if (!slot || *slot > 253'402'300'799'999'999) return bad_token();
  return std::optional(ResultCursor{Instant{Microseconds{*slot}}, parts->second});
}

Result<std::size_t> page_size(std::uint32_t asked, std::uint32_t fallback, std::uint32_t most) {
  if (asked > most) return invalid({{"page_size", "must be at most " + std::to_string(most)}});
  return std::size_t{asked == 0 ? fallback : asked};
}

}  // namespace openseer::control
