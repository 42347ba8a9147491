#include "cli/assertion_text.h"

#include <array>
#include <optional>

#include "base/options.h"

namespace openseer::cli {
namespace {

using domain::Assertion;
using domain::Comparison;
using domain::Source;

struct Subject {
  std::string_view word;
  Source source;
  bool property = false;
  bool time = false;
};
constexpr Subject kSubjects[] = {
    {"status", Source::kStatus},
    {"header", Source::kHeader, true},
    {"body", Source::kBody},
    {"json", Source::kJson, true},
    {"sha256", Source::kBodySha256},
    {"total", Source::kTotalTime, false, true},
    {"dns", Source::kDnsTime, false, true},
    {"connect", Source::kConnectTime, false, true},
    {"tls", Source::kTlsTime, false, true},
    {"wait", Source::kWaitTime, false, true},
    {"download", Source::kDownloadTime, false, true},
    {"size", Source::kBodySize},
    {"certificate-days", Source::kCertificateDaysLeft},
    {"issuer", Source::kCertificateIssuer},
    {"http-version", Source::kHttpVersion},
    {"tls-version", Source::kTlsVersion},
    {"address", Source::kRemoteAddress},
};

struct Operator {
  std::string_view word;
  Comparison comparison;
};
// Longer ones before those they begin with.
constexpr Operator kOperators[] = {
    {"not-contains", Comparison::kNotContains},
    {"not-matches", Comparison::kNotMatches},
    {"not-exists", Comparison::kNotExists},
    {"contains", Comparison::kContains},
    {"matches", Comparison::kMatches},
    {"exists", Comparison::kExists},
    {"in", Comparison::kIn},
    {"==", Comparison::kEquals},
    {"!=", Comparison::kNotEquals},
    {"<=", Comparison::kLessOrEqual},
    {">=", Comparison::kGreaterOrEqual},
    {"=", Comparison::kEquals},
    {"<", Comparison::kLess},
    {">", Comparison::kGreater},
};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

template <class Table>
std::string names(const Table& table) {
  std::string all;
  for (const auto& row : table) all += (all.empty() ? "" : ", ") + std::string(row.word);
  return all;
}

std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_word(text[end])) ++end;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

// A header's name, or a JSONPath: up to the blank that is outside of brackets and quotes.
std::string_view take_property(std::string_view& text) {
  int depth = 0;
  char quote = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (quote != 0) {
      if (c == '\\' && end + 1 < text.size())
        ++end;
      else if (c == quote)
        quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '[' || c == '(') {
      ++depth;
    } else if (c == ']' || c == ')') {
      --depth;
    } else if (depth == 0 && (c == ' ' || c == '\t')) {
      break;
    }
  }
  const std::string_view property = text.substr(0, end);
  text.remove_prefix(end);
  return property;
}

const Operator* take_operator(std::string_view& text) {
  for (const Operator& candidate : kOperators) {
    if (!text.starts_with(candidate.word)) continue;
    const std::string_view rest = text.substr(candidate.word.size());
    if (is_word(candidate.word.front()) && !rest.empty() && is_word(rest.front())) continue;
    text = rest;
    return &candidate;
  }
  return nullptr;
}

// A value in double quotes is taken as it is, without them.
std::string unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

// "500ms" or "2s" as milliseconds; what is no duration stays as it is.
std::string milliseconds(std::string value) {
  if (const auto duration = options::parse_duration(value)) return std::to_string(duration->count());
  return value;
}

}  // namespace

std::variant<Assertion, std::string> parse_assertion(std::string_view text) {
  Assertion assertion;
  skip_blanks(text);
  if (text.starts_with("warn:")) {
    assertion.severity = domain::Severity::kDegraded;
    text.remove_prefix(5);
    skip_blanks(text);
  }
  const std::string_view word = take_word(text);
  const Subject* subject = nullptr;
  for (const Subject& candidate : kSubjects) {
    if (candidate.word == word) subject = &candidate;
  }
  if (subject == nullptr) return "must begin with one of " + names(kSubjects);
  assertion.source = subject->source;
  skip_blanks(text);
  if (subject->property) {
    assertion.property = take_property(text);
    if (assertion.property.empty()) {
      return assertion.source == Source::kHeader
                 ? std::string("needs the header's name after 'header'")
                 : std::string("needs a JSONPath after 'json', such as $.status");
    }
    skip_blanks(text);
  }
  const Operator* const found = take_operator(text);
  if (found == nullptr) return "needs one of " + names(kOperators) + " after '" + std::string(word) + "'";
  assertion.comparison = found->comparison;
  skip_blanks(text);
  const bool existence =
      assertion.comparison == Comparison::kExists || assertion.comparison == Comparison::kNotExists;
  if (existence != text.empty()) {
    return (existence ? "takes no value after '" : "needs a value after '") + std::string(found->word) + "'";
  }
  assertion.target = unquoted(text);
  if (subject->time) assertion.target = milliseconds(std::move(assertion.target));
  return assertion;
}

}  // namespace openseer::cli
