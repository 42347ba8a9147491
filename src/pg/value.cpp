#include "pg/value.h"

namespace openseer::pg::detail {

void array_header(std::string& out, std::uint32_t element, std::size_t size) {
  put(out, std::uint32_t{size == 0 ? 0U : 1U});  // dimensions
  put(out, std::uint32_t{1});                    // may have nulls
  put(out, element);
  if (size == 0) return;
  put(out, static_cast<std::uint32_t>(size));
  put(out, std::uint32_t{1});  // lower bound
}

std::vector<std::optional<std::string_view>> array_elements(std::string_view bytes) {
  const auto number = [&bytes] {
    if (bytes.size() < 4) throw std::logic_error("pg: an array is cut short");
    const auto value = take<std::uint32_t>(bytes.substr(0, 4));
    bytes.remove_prefix(4);
    return value;
  };
  std::vector<std::optional<std::string_view>> elements;
  const std::uint32_t dimensions = number();
  number();  // has nulls
  number();  // element type
  if (dimensions == 0) return elements;
  if (dimensions != 1) throw std::logic_error("pg: an array has more than one dimension");
  const std::uint32_t size = number();
  number();  // lower bound
  elements.reserve(size);
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t length = number();
    if (length == 0xffffffff) {
      elements.emplace_back();
      continue;
    }
    if (bytes.size() < length) throw std::logic_error("pg: an array is cut short");
    elements.emplace_back(bytes.substr(0, length));
    bytes.remove_prefix(length);
  }
  return elements;
}

}  // namespace openseer::pg::detail
