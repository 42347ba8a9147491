#include "control/api/password_rules.h"

#include <algorithm>

namespace openseer::control {
namespace {

constexpr std::size_t kShortest = 8;
constexpr std::size_t kLongest = 128;
constexpr std::size_t kLongestName = 100;
constexpr std::size_t kLongestEmail = 254;  // RFC 5321, section 4.5.3.1.3

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool same_text(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

std::optional<std::string> email_fault(std::string_view email) {
  if (email.empty()) return "must not be empty";
  if (email.size() > kLongestEmail) return "must be at most 254 characters";
  const bool blank = std::any_of(email.begin(), email.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == ',' || c == ';' || c == '<' || c == '>';
  });
  const std::size_t at = email.find('@');
  const bool formed = at != std::string_view::npos && at > 0 && at + 1 < email.size() &&
                      email.find('@', at + 1) == std::string_view::npos;
  if (blank || !formed) return "must be an e-mail address, like name@example.com";
  return std::nullopt;
}

std::optional<std::string> display_name_fault(std::string_view name) {
  if (code_points(name) > kLongestName) return "must have at most 100 characters";
  const bool control = std::any_of(name.begin(), name.end(),
                                   [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (control) return "must not hold control characters";
  return std::nullopt;
}

std::optional<std::string> name_fault(std::string_view name) {
  if (name.empty()) return "must not be empty";
  return display_name_fault(name);
}

std::string trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::optional<std::string> password_fault(std::string_view password, std::string_view email) {
  const std::size_t length = code_points(password);
  if (length < kShortest) return "must have at least 8 characters";
  if (length > kLongest) return "must have at most 128 characters";
  if (same_text(password, email)) return "must not be your e-mail";
  if (is_common_password(password))
    return "is among the passwords that are guessed first; choose another one";
  return std::nullopt;
}

}  // namespace openseer::control
