// RFC 9535, sections 2.3 to 2.5: evaluation.
#include "domain/jsonpath.h"

#include <algorithm>

#include <re2/re2.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "domain/jsonpath_query.h"

namespace openseer::domain {
namespace jsonpath {
namespace {

namespace json = boost::json;
using Nodes = std::vector<const json::value*>;

// A value of the document or one that a function made; neither: the RFC's Nothing.
class Value {
 public:
  Value() = default;
  explicit Value(const json::value* node) : node_(node) {}
  explicit Value(json::value made) : made_(std::move(made)) {}
  const json::value* get() const { return made_ ? &*made_ : node_; }

 private:
  const json::value* node_ = nullptr;
  std::optional<json::value> made_;
};

// As the JSON parser keeps it.
Value number(std::size_t count) { return Value(json::value(static_cast<std::int64_t>(count))); }

// Whole numbers exactly, others as doubles: below zero, zero, above zero.
int compare_numbers(const json::value& a, const json::value& b) {
  const auto sign = [](auto x, auto y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (a.is_int64() && b.is_int64()) return sign(a.get_int64(), b.get_int64());
  if (a.is_uint64() && b.is_uint64()) return sign(a.get_uint64(), b.get_uint64());
  if (a.is_uint64() && b.is_int64()) return 1;  // a uint64 is kept only above int64's range
  if (a.is_int64() && b.is_uint64()) return -1;
  return sign(a.to_number<double>(), b.to_number<double>());
}

bool less(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) < 0;
  // UTF-8 sorts as the code points do.
  if (a.is_string() && b.is_string()) return a.get_string() < b.get_string();
  return false;
}

bool compare(Operator op, const json::value* a, const json::value* b) {
  const auto equals = [&] { return a != nullptr && b != nullptr ? domain::equal(*a, *b) : a == b; };
  const auto is_less = [](const json::value* x, const json::value* y) {
    return x != nullptr && y != nullptr && less(*x, *y);
  };
  switch (op) {
    case Operator::kEqual:
      return equals();
    case Operator::kNotEqual:
      return !equals();
    case Operator::kLess:
      return is_less(a, b);
    case Operator::kLessOrEqual:
      return is_less(a, b) || equals();
    case Operator::kGreater:
      return is_less(b, a);
    case Operator::kGreaterOrEqual:
      return is_less(b, a) || equals();
  }
  return false;
}

class Evaluation {
 public:
  explicit Evaluation(const json::value& root) : root_(root) {}

  Nodes run(const Query& query, const json::value& current) {
    Nodes nodes{query.absolute ? &root_ : &current};
    for (const Segment& segment : query.segments) {
      Nodes next;
      for (const json::value* node : nodes) {
        if (segment.descendant)
          descend(segment, *node, next);
        else
          apply(segment, *node, next);
      }
      nodes = std::move(next);
    }
    return nodes;
  }
  bool exhausted() const { return steps_ > JsonPath::kMostSteps; }

 private:
  bool step() { return ++steps_ <= JsonPath::kMostSteps; }

  void apply(const Segment& segment, const json::value& node, Nodes& out) {
    for (const Selector& selector : segment.selectors) {
      if (!step()) return;
      select(selector, node, out);
    }
  }

  // As deep as the document, which the JSON parser bounds.
  void descend(const Segment& segment, const json::value& node, Nodes& out) {
    apply(segment, node, out);
    each_child(node, [&](const json::value& child) { descend(segment, child, out); });
  }

  template <class Visit>
  void each_child(const json::value& node, Visit visit) {
    if (const json::array* array = node.if_array()) {
      for (const json::value& element : *array) {
        if (!step()) return;
        visit(element);
      }
    } else if (const json::object* object = node.if_object()) {
      for (const auto& member : *object) {
        if (!step()) return;
        visit(member.value());
      }
    }
  }

  void select(const Selector& selector, const json::value& node, Nodes& out) {
    switch (selector.kind) {
      case Selector::Kind::kName:
        if (const json::object* object = node.if_object()) {
          if (const json::value* found = object->if_contains(selector.name)) out.push_back(found);
        }
        return;
      case Selector::Kind::kWildcard:
        each_child(node, [&](const json::value& child) { out.push_back(&child); });
        return;
      case Selector::Kind::kIndex:
        if (const json::array* array = node.if_array()) {
          const auto size = static_cast<std::int64_t>(array->size());
          const std::int64_t index = selector.index < 0 ? selector.index + size : selector.index;
          if (index >= 0 && index < size) out.push_back(&(*array)[static_cast<std::size_t>(index)]);
        }
        return;
      case Selector::Kind::kSlice:
        if (const json::array* array = node.if_array()) slice(selector, *array, out);
        return;
      case Selector::Kind::kFilter:
        each_child(node, [&](const json::value& child) {
          if (holds(*selector.filter, child)) out.push_back(&child);
        });
        return;
    }
  }

  // Section 2.3.4.2.2.
  void slice(const Selector& selector, const json::array& array, Nodes& out) {
    const auto size = static_cast<std::int64_t>(array.size());
    const std::int64_t by = selector.step;
    if (by == 0) return;
    const auto normal = [size](std::int64_t i) { return i >= 0 ? i : size + i; };
    const std::int64_t start = normal(selector.start.value_or(by > 0 ? 0 : size - 1));
    const std::int64_t end = selector.end ? normal(*selector.end) : (by > 0 ? size : -1);
    if (by > 0) {
      const std::int64_t upper = std::clamp<std::int64_t>(end, 0, size);
      for (std::int64_t i = std::clamp<std::int64_t>(start, 0, size); i < upper && step(); i += by)
        out.push_back(&array[static_cast<std::size_t>(i)]);
    } else {
      const std::int64_t lower = std::clamp<std::int64_t>(end, -1, size - 1);
      for (std::int64_t i = std::clamp<std::int64_t>(start, -1, size - 1); i > lower && step(); i += by)
        out.push_back(&array[static_cast<std::size_t>(i)]);
    }
  }

  bool holds(const Expression& expression, const json::value& current) {
    const auto one = [&](const Expression& child) { return holds(child, current); };
    switch (expression.kind) {
      case Expression::Kind::kOr:
        return std::ranges::any_of(expression.children, one);
      case Expression::Kind::kAnd:
        return std::ranges::all_of(expression.children, one);
      case Expression::Kind::kNot:
        return !one(expression.children[0]);
      case Expression::Kind::kComparison: {
        const Value left = value_of(expression.left, current);
        const Value right = value_of(expression.right, current);
        return compare(expression.op, left.get(), right.get());
      }
      case Expression::Kind::kTest:
        if (expression.left.query) return !run(*expression.left.query, current).empty();
        return matches(*expression.left.function, current);
    }
    return false;
  }

  Value value_of(const Operand& operand, const json::value& current) {
    if (operand.literal) return Value(&*operand.literal);
    if (operand.function) return call(*operand.function, current);
    const Nodes nodes = run(*operand.query, current);
    return nodes.size() == 1 ? Value(nodes[0]) : Value();
  }

  Value call(const Function& function, const json::value& current) {
    const Operand& argument = function.arguments[0];
    if (function.name == FunctionName::kLength) return length(value_of(argument, current));
    const Nodes nodes = run(*argument.query, current);
    if (function.name == FunctionName::kCount) return number(nodes.size());
    return nodes.size() == 1 ? Value(nodes[0]) : Value();
  }

  static Value length(const Value& of) {
    const json::value* value = of.get();
    if (value == nullptr) return {};
    if (const json::string* text = value->if_string()) {
      const auto characters =
          std::ranges::count_if(*text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
      return number(static_cast<std::size_t>(characters));
    }
    if (value->is_array()) return number(value->get_array().size());
    if (value->is_object()) return number(value->get_object().size());
    return {};
  }

  bool matches(const Function& function, const json::value& current) {
    const Value text = value_of(function.arguments[0], current);
    if (text.get() == nullptr || !text.get()->is_string()) return false;
    std::shared_ptr<const re2::RE2> regex = function.regex;
    if (!regex) {
      const Value pattern = value_of(function.arguments[1], current);
      if (pattern.get() == nullptr || !pattern.get()->is_string()) return false;
      steps_ += kRegexSteps;
      regex = compile_regex(std::string(pattern.get()->get_string()), function.name == FunctionName::kMatch);
      if (!regex) return false;
    }
    const json::string& subject = text.get()->get_string();
    steps_ += subject.size() / 64;
    return RE2::PartialMatch(re2::StringPiece(subject.data(), subject.size()), *regex);
  }

  static constexpr std::size_t kRegexSteps = 1000;  // what compiling one costs, in visits

  const json::value& root_;
  std::size_t steps_ = 0;
};

}  // namespace
}  // namespace jsonpath

bool equal(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_number() && b.is_number()) return jsonpath::compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    const auto& x = a.get_array();
    const auto& y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), equal);
  }
  if (a.is_object()) {
    const auto& x = a.get_object();
    const auto& y = b.get_object();
    return x.size() == y.size() && std::ranges::all_of(x, [&y](const auto& member) {
             const boost::json::value* other = y.if_contains(member.key());
             return other != nullptr && equal(member.value(), *other);
           });
  }
  return a == b;
}

std::optional<std::vector<const boost::json::value*>> JsonPath::select(const boost::json::value& root) const {
  jsonpath::Evaluation evaluation(root);
  auto nodes = evaluation.run(*query_, root);
  if (evaluation.exhausted()) return std::nullopt;
  return nodes;
}

}  // namespace openseer::domain
