// RFC 9535, sections 2.1 to 2.5: a parser by recursive descent, one function per
// rule of the grammar.
#include <charconv>

#include <re2/re2.h>

#include <boost/json/string.hpp>

#include "domain/jsonpath.h"
#include "domain/jsonpath_query.h"

namespace openseer::domain {
namespace jsonpath {

bool Query::singular() const {
  for (const Segment& segment : segments) {
    if (segment.descendant || segment.selectors.size() != 1) return false;
    const Selector::Kind kind = segment.selectors[0].kind;
    if (kind != Selector::Kind::kName && kind != Selector::Kind::kIndex) return false;
  }
  return true;
}

std::shared_ptr<const re2::RE2> compile_regex(const std::string& pattern, bool whole) {
  // In an I-Regexp the dot is no line break of either kind.
  std::string translated;
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      translated += c;
      translated += pattern[++i];
    } else if (c == '.' && !in_class) {
      translated += "[^\\n\\r]";
    } else {
      in_class = c == '[' || (in_class && c != ']');
      translated += c;
    }
  }
  RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_shared<RE2>(whole ? "\\A(?:" + translated + ")\\z" : translated, options);
  return regex->ok() ? regex : nullptr;
}

namespace {

constexpr int kDeepest = 50;
constexpr std::int64_t kLargestInteger = (std::int64_t{1} << 53) - 1;

// Ends the parse from any depth; parse() turns it into a refusal.
struct Fault {
  std::string what;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool begins_name(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

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

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Query whole() {
    if (!take('$')) fail("must begin with $");
    Query query = segments(true);
    if (at_ < text_.size()) fail("expected . or [");
    return query;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Fault{what + " at character " + std::to_string(at_ + 1)};
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected ") + c);
  }
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }

  // Counts how deep filters, parentheses and functions nest.
  struct Nested {
    explicit Nested(Parser& p) : parser(p) {
      if (++parser.depth_ > kDeepest) parser.fail("nested too deeply");
    }
    ~Nested() { --parser.depth_; }
    Parser& parser;
  };

  Query segments(bool absolute);
  bool segment(Segment& into);
  std::string shorthand();
  std::vector<Selector> bracketed();
  Selector selector();
  Selector index_or_slice();
  std::int64_t integer();
  std::string string_literal();
  void escape(char quote, std::string& out);
  std::uint32_t hex4();
  Expression logical_or();
  Expression logical_and();
  Expression basic();
  Expression test_or_comparison();
  std::optional<Operator> comparison_operator();
  Operand operand();
  std::optional<boost::json::value> literal();
  boost::json::value number();
  Operand function();
  void check_types(const Function& function);
  void check_comparable(const Operand& operand);

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

Query Parser::segments(bool absolute) {
  Query query;
  query.absolute = absolute;
  for (;;) {
    const std::size_t before = at_;
    skip_blanks();
    Segment next;
    if (!segment(next)) {
      at_ = before;  // the blanks belong to what follows
      return query;
    }
    query.segments.push_back(std::move(next));
  }
}

bool Parser::segment(Segment& into) {
  if (peek() == '[') {
    into.selectors = bracketed();
    return true;
  }
  if (!take('.')) return false;
  into.descendant = take('.');
  if (into.descendant && peek() == '[') {
    into.selectors = bracketed();
    return true;
  }
  Selector one;
  if (!take('*')) {
    one.kind = Selector::Kind::kName;
    one.name = shorthand();
  }
  into.selectors.push_back(std::move(one));
  return true;
}

std::string Parser::shorthand() {
  if (!begins_name(peek())) fail("expected a name");
  const std::size_t from = at_;
  while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
  return std::string(text_.substr(from, at_ - from));
}

std::vector<Selector> Parser::bracketed() {
  const Nested nested(*this);
  expect('[');
  std::vector<Selector> selectors;
  do {
    skip_blanks();
    selectors.push_back(selector());
    skip_blanks();
  } while (take(','));
  expect(']');
  return selectors;
}

Selector Parser::selector() {
  Selector out;
  const char c = peek();
  if (c == '\'' || c == '"') {
    out.kind = Selector::Kind::kName;
    out.name = string_literal();
    return out;
  }
  if (take('*')) return out;
  if (take('?')) {
    skip_blanks();
    out.kind = Selector::Kind::kFilter;
    out.filter = std::make_shared<const Expression>(logical_or());
    return out;
  }
  return index_or_slice();
}

Selector Parser::index_or_slice() {
  const auto number_follows = [this] { return is_digit(peek()) || peek() == '-'; };
  Selector out;
  if (number_follows()) {
    out.start = integer();
    const std::size_t after = at_;
    skip_blanks();
    if (peek() != ':') {
      at_ = after;
      out.kind = Selector::Kind::kIndex;
      out.index = *out.start;
      return out;
    }
  }
  if (!take(':')) fail("expected a name in quotes, a number, *, : or ?");
  out.kind = Selector::Kind::kSlice;
  skip_blanks();
  if (number_follows()) out.end = integer();
  skip_blanks();
  if (take(':')) {
    skip_blanks();
    if (number_follows()) out.step = integer();
  }
  return out;
}

std::int64_t Parser::integer() {
  const std::size_t from = at_;
  take('-');
  const std::size_t digits = at_;
  while (is_digit(peek())) ++at_;
  const std::string_view text = text_.substr(from, at_ - from);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool leading_zero = text_[digits] == '0' && text.size() > 1;
  if (digits == at_ || leading_zero || error != std::errc{} || value > kLargestInteger ||
      value < -kLargestInteger) {
    at_ = from;
    fail("expected a whole number without leading zeros, within 2^53");
  }
  return value;
}

std::string Parser::string_literal() {
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

void Parser::escape(char quote, std::string& out) {
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

std::uint32_t Parser::hex4() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() != 4 || error != std::errc{} || end != digits.data() + 4)
    fail("expected four hex digits");
  at_ += 4;
  return value;
}

Expression Parser::logical_or() {
  const Nested nested(*this);
  Expression out;
  out.kind = Expression::Kind::kOr;
  do {
    skip_blanks();
    out.children.push_back(logical_and());
    skip_blanks();
  } while (take("||"));
  return out.children.size() == 1 ? std::move(out.children[0]) : out;
}

Expression Parser::logical_and() {
  Expression out;
  out.kind = Expression::Kind::kAnd;
  std::size_t after = at_;
  do {
    skip_blanks();
    out.children.push_back(basic());
    after = at_;
    skip_blanks();
  } while (take("&&"));
  at_ = after;
  return out.children.size() == 1 ? std::move(out.children[0]) : out;
}

Expression Parser::basic() {
  if (take('!')) {
    skip_blanks();
    Expression out;
    out.kind = Expression::Kind::kNot;
    const bool parenthesis = peek() == '(';
    out.children.push_back(parenthesis ? basic() : test_or_comparison());
    if (out.children[0].kind == Expression::Kind::kComparison && !parenthesis)
      fail("a comparison is negated in parentheses only");
    return out;
  }
  if (take('(')) {
    Expression out = logical_or();
    skip_blanks();
    expect(')');
    return out;
  }
  return test_or_comparison();
}

Expression Parser::test_or_comparison() {
  Expression out;
  out.left = operand();
  const std::size_t after = at_;
  skip_blanks();
  if (const std::optional<Operator> op = comparison_operator()) {
    skip_blanks();
    out.kind = Expression::Kind::kComparison;
    out.op = *op;
    out.right = operand();
    check_comparable(out.left);
    check_comparable(out.right);
    return out;
  }
  at_ = after;
  if (out.left.literal) fail("a value alone is no condition: expected a comparison");
  if (out.left.function && !out.left.function->logical())
    fail("expected a comparison of the function's value");
  return out;
}

std::optional<Operator> Parser::comparison_operator() {
  if (take("==")) return Operator::kEqual;
  if (take("!=")) return Operator::kNotEqual;
  if (take("<=")) return Operator::kLessOrEqual;
  if (take(">=")) return Operator::kGreaterOrEqual;
  if (take("<")) return Operator::kLess;
  if (take(">")) return Operator::kGreater;
  return std::nullopt;
}

Operand Parser::operand() {
  const char c = peek();
  Operand out;
  if (c == '$' || c == '@') {
    ++at_;
    out.query = std::make_shared<const Query>(segments(c == '$'));
    return out;
  }
  out.literal = literal();
  return out.literal ? out : function();
}

std::optional<boost::json::value> Parser::literal() {
  const char c = peek();
  if (c == '\'' || c == '"') return boost::json::value(string_literal());
  if (is_digit(c) || c == '-') return number();
  const auto word = [this](std::string_view text) {
    const std::size_t after = at_ + text.size();
    const bool ends = after >= text_.size() ||
                      (!begins_name(text_[after]) && !is_digit(text_[after]) && text_[after] != '(');
    return ends && take(text);
  };
  if (word("true")) return boost::json::value(true);
  if (word("false")) return boost::json::value(false);
  if (word("null")) return boost::json::value(nullptr);
  return std::nullopt;
}

boost::json::value Parser::number() {
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

Operand Parser::function() {
  const Nested nested(*this);
  const std::size_t from = at_;
  while (is_lower(peek()) || peek() == '_' || (at_ > from && is_digit(peek()))) ++at_;
  const std::string_view name = text_.substr(from, at_ - from);
  Function out;
  if (name == "length")
    out.name = FunctionName::kLength;
  else if (name == "count")
    out.name = FunctionName::kCount;
  else if (name == "match")
    out.name = FunctionName::kMatch;
  else if (name == "search")
    out.name = FunctionName::kSearch;
  else if (name == "value")
    out.name = FunctionName::kValue;
  else
    fail(name.empty() ? "expected @, $, a value or a function" : "unknown function " + std::string(name));
  expect('(');
  skip_blanks();
  if (!take(')')) {
    do {
      skip_blanks();
      out.arguments.push_back(operand());
      skip_blanks();
    } while (take(','));
    expect(')');
  }
  check_types(out);
  if (out.logical() && out.arguments[1].literal && out.arguments[1].literal->is_string()) {
    const std::string pattern(out.arguments[1].literal->get_string());
    out.regex = compile_regex(pattern, out.name == FunctionName::kMatch);
    if (!out.regex) fail("not a regular expression: " + pattern);
  }
  Operand operand;
  operand.function = std::make_shared<const Function>(std::move(out));
  return operand;
}

// RFC 9535, section 2.4.3.
void Parser::check_types(const Function& function) {
  const std::size_t wanted = function.logical() ? 2 : 1;
  if (function.arguments.size() != wanted)
    fail("the function takes " + std::to_string(wanted) + (wanted == 1 ? " argument" : " arguments"));
  const bool takes_nodes = function.name == FunctionName::kCount || function.name == FunctionName::kValue;
  for (const Operand& argument : function.arguments) {
    if (!takes_nodes)
      check_comparable(argument);
    else if (!argument.query)
      fail("the function takes a query");
  }
}

void Parser::check_comparable(const Operand& operand) {
  if (operand.query && !operand.query->singular()) fail("expected a query that selects at most one value");
  if (operand.function && operand.function->logical()) fail("match and search are conditions, not values");
}

}  // namespace
}  // namespace jsonpath

Result<JsonPath> JsonPath::parse(std::string_view text) {
  try {
    return JsonPath(std::make_shared<const jsonpath::Query>(jsonpath::Parser(text).whole()));
  } catch (const jsonpath::Fault& fault) {
    return Refusal{Code::kInvalidArgument, fault.what, {}};
  }
}

}  // namespace openseer::domain
