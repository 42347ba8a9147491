#include "domain/jsonpath_scanner.h"

#include <charconv>

#include <boost/json/string.hpp>

namespace openseer::domain::jsonpath {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
namespace {

bool begins_name(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::int64_t kLargestInteger = (std::int64_t{1} << 53) - 1;

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

}  // namespace

void Scanner::fail(const std::string& what) const {
  throw Fault{what + " at character " + std::to_string(at_ + 1)};
}

bool Scanner::take(char c) {
  if (at_ >= text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool Scanner::take(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool Scanner::take_word(std::string_view word) {
  const std::size_t after = at_ + word.size();
  const bool ends =
      after >= text_.size() || (!begins_name(text_[after]) && !is_digit(text_[after]) && text_[after] != '(');
  return ends && take(word);
}

void Scanner::expect(char c) {
  if (!take(c)) fail(std::string("expected ") + c);
}

void Scanner::skip_blanks() {
  while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos) ++at_;
}

std::string Scanner::shorthand() {
  if (!begins_name(peek())) fail("expected a name");
  const std::size_t from = at_;
  while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
  return std::string(text_.substr(from, at_ - from));
}

std::int64_t Scanner::integer() {
  const std::size_t from = at_;
  take('-');
  const std::size_t digits = at_;
  while (is_digit(peek())) ++at_;
  const std::string_view text = text_.substr(from, at_ - from);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool leading_zero = at_ > digits && text_[digits] == '0' && text.size() > 1;
  if (digits == at_ || leading_zero || error != std::errc{} || value > kLargestInteger ||
      value < -kLargestInteger) {
    at_ = from;
    fail("expected a whole number without leading zeros, within 2^53");
  }
  return value;
}

std::string Scanner::string_literal() {
  const char quote = text_[at_++];
  std::string out;
  for (;;) {
    if (at_ >= text_.size()) fail("the quote is not closed");
    const char c = text_[at_];
    if (static_cast<unsigned char>(c) < 0x20) fail("a control character in quotes");
    ++at_;
    if (c == quote) return out;
    if (c == '\\')
      escape(quote, out);
    else
      out += c;
  }
}

void Scanner::escape(char quote, std::string& out) {
  constexpr std::string_view kNames = "bfnrt/\\";
  constexpr std::string_view kMeanings = "\b\f\n\r\t/\\";
  const char c = peek();
  if (c == quote) {
    ++at_;
    out += c;
  } else if (const std::size_t known = kNames.find(c); c != '\0' && known != std::string_view::npos) {
    ++at_;
    out += kMeanings[known];
  } else if (take('u')) {
    std::uint32_t code = hex4();
    if (code >= 0xdc00 && code <= 0xdfff) fail("half a surrogate pair");
    if (code >= 0xd800 && code <= 0xdbff) {
      if (!take("\\u")) fail("half a surrogate pair");
      const std::uint32_t low = hex4();
      if (low < 0xdc00 || low > 0xdfff) fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
  } else {
    fail("unknown escape");
  }
}

std::uint32_t Scanner::hex4() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4)
    fail("expected four hex digits");
  at_ += 4;
  return value;
}

boost::json::value Scanner::number() {
  const std::size_t from = at_;
  const bool negative = take('-');
  if (!is_digit(peek()) || (take('0') && is_digit(peek()))) fail("expected a number");
  while (is_digit(peek())) ++at_;
  bool whole = !negative || text_[at_ - 1] != '0' || at_ - from > 2;  // -0 is a fraction's
  if (take('.')) {
    whole = false;
    if (!is_digit(peek())) fail("expected digits");
    while (is_digit(peek())) ++at_;
  }
  if (take('e') || take('E')) {
    whole = false;
    if (!take('+')) take('-');
    if (!is_digit(peek())) fail("expected digits");
    while (is_digit(peek())) ++at_;
  }
  const std::string_view text = text_.substr(from, at_ - from);
  std::int64_t exact = 0;
  if (whole && std::from_chars(text.data(), text.data() + text.size(), exact).ec == std::errc{}) return exact;
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
    fail("expected a number that a double can hold");
  return value;
}

}  // namespace openseer::domain::jsonpath
