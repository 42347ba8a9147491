#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/refusal.h"

namespace boost::json {
class value;
}

namespace openseer::domain {

namespace jsonpath {
struct Query;
}

// A JSONPath (RFC 9535), parsed once and evaluated often: all of the RFC, its
// five functions included, regular expressions by RE2. Immutable; any thread.
class JsonPath {
 public:
  // The refusal's message says what is wrong and where ("expected ] at character 7").
  static Result<JsonPath> parse(std::string_view text);

  // The nodes it selects, in the RFC's order; they point into `root`. Nothing
  // when finding them takes more than kMostSteps visits of nodes.
  std::optional<std::vector<const boost::json::value*>> select(const boost::json::value& root) const;

  static constexpr std::size_t kMostSteps = 2'000'000;

 private:
  explicit JsonPath(std::shared_ptr<const jsonpath::Query> query) : query_(std::move(query)) {}
  std::shared_ptr<const jsonpath::Query> query_;
};

// Deep equality as the RFC's == : numbers by their value, members in any order.
bool equal(const boost::json::value& a, const boost::json::value& b);

}  // namespace openseer::domain
