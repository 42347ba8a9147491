#include "http/fields.h"

#include <algorithm>

#include "http/server.h"

namespace openseer::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// A line break in a value would let data write headers of its own.
void require_one_line(std::string_view name, std::string_view value) {
  const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (name.empty() || std::any_of(name.begin(), name.end(), breaks) ||
      std::any_of(value.begin(), value.end(), breaks)) {
    throw std::invalid_argument("line break in header " + std::string(name.substr(0, name.find('\n'))));
  }
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view value) {
  const auto first = value.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return value.substr(first, value.find_last_not_of(" \t") - first + 1);
}

std::string_view next_element(std::string_view& list, char separator) {
  const auto end = list.find(separator);
  const std::string_view element = trimmed(list.substr(0, end));
  list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
  return element;
}

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
  while (!accept_encoding.empty()) {
    std::string_view element = next_element(accept_encoding);
    if (!same_name(next_element(element, ';'), coding)) continue;
    const std::string_view weight = next_element(element, ';');
    const bool zero = (weight.starts_with("q=0") || weight.starts_with("Q=0")) &&
                      weight.find_first_not_of("0.", 3) == std::string_view::npos;
    return !zero;
  }
  return false;
}

void Headers::set(std::string name, std::string value) {
  require_one_line(name, value);
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
  fields_.emplace_back(std::move(name), std::move(value));
}

void Headers::add(std::string name, std::string value) {
  require_one_line(name, value);
  fields_.emplace_back(std::move(name), std::move(value));
}

std::string_view Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) return value;
  }
  return {};
}

}  // namespace openseer::http
