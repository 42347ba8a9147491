#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace re2 {
class RE2;
}

// What the parser of JSONPath makes, in the RFC's words. Only domain/jsonpath*
// includes it.
namespace openseer::domain::jsonpath {

struct Selector;

struct Segment {
  bool descendant = false;
  std::vector<Selector> selectors;
};

struct Query {
  bool absolute = true;  // $, not @
  std::vector<Segment> segments;
  bool singular() const;
};

struct Function;

// What a comparison compares and what a function takes: exactly one is set.
struct Operand {
  std::optional<boost::json::value> literal;
  std::shared_ptr<const Query> query;
  std::shared_ptr<const Function> function;
};

enum class FunctionName { kLength, kCount, kMatch, kSearch, kValue };

struct Function {
  FunctionName name = FunctionName::kLength;
  std::vector<Operand> arguments;
  std::shared_ptr<const re2::RE2> regex;  // of a literal pattern; null: not literal
  bool logical() const { return name == FunctionName::kMatch || name == FunctionName::kSearch; }
};

enum class Operator { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

struct Expression {
  enum class Kind { kOr, kAnd, kNot, kComparison, kTest };
  Kind kind = Kind::kTest;
  std::vector<Expression> children;  // kOr, kAnd; one for kNot
  Operand left, right;               // kComparison; kTest: left
  Operator op = Operator::kEqual;
};

struct Selector {
  enum class Kind { kName, kWildcard, kIndex, kSlice, kFilter };
  Kind kind = Kind::kWildcard;
  std::string name;
  std::int64_t index = 0;
  std::optional<std::int64_t> start, end;
  std::int64_t step = 1;
  std::shared_ptr<const Expression> filter;
};

// `pattern` (RFC 9485) as RE2, matching all of a text or any part of it. Null
// when it is none.
std::shared_ptr<const re2::RE2> compile_regex(const std::string& pattern, bool whole);

}  // namespace openseer::domain::jsonpath
