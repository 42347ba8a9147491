#include "probe/http/headers.h"

#include <algorithm>
#include <utility>

namespace openseer::probe::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, lower, lower);
}

void Headers::add(std::string_view name, std::string_view value) {
  if (entries_.empty()) {
    text_.reserve(512);
    entries_.reserve(16);
  }
  entries_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
  text_ += name;
  text_ += value;
}

void Headers::clear() {
  text_.clear();
  entries_.clear();
}

Headers::Field Headers::operator[](std::size_t index) const {
  const Entry& entry = entries_[index];
  const std::string_view text = text_;
  return {text.substr(entry.at, entry.name), text.substr(entry.at + entry.name, entry.value)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (const Field field = (*this)[i]; same_name(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < size(); ++i) found += same_name((*this)[i].name, name) ? 1 : 0;
  return found;
}

std::string Headers::joined(std::string_view name) const {
  std::string out;
  bool first = true;
  for (std::size_t i = 0; i < size(); ++i) {
    const Field field = (*this)[i];
    if (!same_name(field.name, name)) continue;
    if (!std::exchange(first, false)) out += ", ";
    out += field.value;
  }
  return out;
}

}  // namespace openseer::probe::http
