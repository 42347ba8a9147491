#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

// The words of a JSONPath. Only domain/jsonpath* includes it.
namespace openseer::domain::jsonpath {

// Ends a parse from any depth; JsonPath::parse() turns it into a refusal.
struct Fault {
  std::string what;
};

// Where a parse has come to in its text, and the terminals of RFC 9535's grammar: names,
// numbers, strings. Throws Fault.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  [[noreturn]] void fail(const std::string& what) const;
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c);
  bool take(std::string_view word);
  // `word`, unless it is the beginning of a longer name or a function's.
  bool take_word(std::string_view word);
  void expect(char c);
  void skip_blanks();

  std::string shorthand();
  std::int64_t integer();
  std::string string_literal();
  boost::json::value number();

 private:
  void escape(char quote, std::string& out);
  std::uint32_t hex4();

 protected:
  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_digit(char c);
bool is_lower(char c);

}  // namespace openseer::domain::jsonpath
