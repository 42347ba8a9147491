// RFC 9535, sections 2.1 to 2.5: a parser by recursive descent, one function per
// rule of the grammar. Names, numbers and strings are the Scanner's.
#include <re2/re2.h>

#include "domain/jsonpath.h"
#include "domain/jsonpath_query.h"
#include "domain/jsonpath_scanner.h"

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

class Parser : private Scanner {
 public:
  explicit Parser(std::string_view text) : Scanner(text) {}

  Query whole() {
    if (!take('$')) fail("must begin with $");
    Query query = segments(true);
    if (at_ < text_.size()) fail("expected . or [");
    return query;
  }

 private:
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
  std::vector<Selector> bracketed();
  Selector selector();
  Selector index_or_slice();
  Expression logical_or();
  Expression logical_and();
  Expression basic();
  Expression test_or_comparison();
  std::optional<Operator> comparison_operator();
  Operand operand();
  std::optional<boost::json::value> literal();
  Operand function();
  void check_types(const Function& function);
  void check_comparable(const Operand& operand);

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
  if (take_word("true")) return boost::json::value(true);
  if (take_word("false")) return boost::json::value(false);
  if (take_word("null")) return boost::json::value(nullptr);
  return std::nullopt;
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
