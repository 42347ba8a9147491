#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Texts that targets send and people read.
namespace openseer::domain {

// With U+FFFD for each byte that is no UTF-8.
std::string valid_utf8(std::string_view bytes);

// One line of valid UTF-8 for a message: blanks and control characters become a
// space, and what is longer than `most` bytes is cut between characters and
// ends with "…".
std::string readable(std::string_view bytes, std::size_t most);

std::string lower(std::string_view text);
std::string_view trimmed(std::string_view text);
// The parts between the commas, trimmed, empty ones left out.
std::vector<std::string_view> split_list(std::string_view list);

// All of `text`, blanks around it apart, as a finite decimal number.
std::optional<double> to_number(std::string_view text);
// The shortest text that reads as `number` again.
std::string number_text(double number);

}  // namespace openseer::domain
