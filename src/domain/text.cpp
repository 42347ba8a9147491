#include "domain/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace openseer::domain {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";

// The length of the well-formed character that `text` begins with; 0: none.
std::size_t character_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : (first >= 0xe0 ? 3 : 2);
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

}  // namespace

std::string valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    out += length == 0 ? kReplacement : bytes.substr(0, length);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string readable(std::string_view bytes, std::size_t most) {
  std::string out;
  bool blank = false;
  bytes = trimmed(bytes);
  while (!bytes.empty()) {
    const auto first = static_cast<unsigned char>(bytes[0]);
    const bool is_blank = first <= 0x20 || first == 0x7f;
    const std::size_t length = character_length(bytes);
    const std::string_view next = length == 0 ? kReplacement : bytes.substr(0, length);
    if (out.size() + next.size() + 1 > most) return out + "…";
    if (!is_blank) {
      if (blank) out += ' ';
      out += next;
    }
    blank = is_blank;
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t comma = list.find(',');
    const std::string_view part = trimmed(list.substr(0, comma));
    if (!part.empty()) parts.push_back(part);
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

std::optional<double> to_number(std::string_view text) {
  text = trimmed(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string number_text(double number) {
  std::array<char, 64> out;
  const bool plain = std::abs(number) < 1e15 && (std::abs(number) >= 1e-4 || number == 0);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
  const auto result = std::to_chars(out.data(), out.data() + out.size(), number, format);
  return std::string(out.data(), result.ptr);
}

}  // namespace openseer::domain
