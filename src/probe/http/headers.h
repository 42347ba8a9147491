#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openseer::probe::http {

// Case-insensitive, as header names are.
bool same_name(std::string_view a, std::string_view b);

// The header fields of one answer in the order they came, in two allocations
// whatever their number. Views are good until the next add() or clear().
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;  // without the white space around it
  };

  void add(std::string_view name, std::string_view value);
  // Keeps the memory.
  void clear();

  std::size_t size() const { return entries_.size(); }
  Field operator[](std::size_t index) const;

  // The first one's value.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  // All values, joined by ", " as RFC 9110 (section 5.3) allows.
  std::string joined(std::string_view name) const;

 private:
  struct Entry {
    std::uint32_t at;
    std::uint32_t name;
    std::uint32_t value;
  };

  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace openseer::probe::http
