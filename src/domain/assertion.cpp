// Reading an assertion: which comparisons a source has, and what their targets mean.
#include "domain/assertion.h"

#include <algorithm>
#include <charconv>

#include <boost/json/parse.hpp>

#include "domain/assertion_target.h"
#include "domain/text.h"

namespace openseer::domain {
namespace {

using enum Comparison;

constexpr std::size_t kMostProperty = 1024;
constexpr std::size_t kMostTarget = 4096;

constexpr unsigned bit(Comparison comparison) { return 1U << static_cast<unsigned>(comparison); }
constexpr unsigned kEquality = bit(kEquals) | bit(kNotEquals);
constexpr unsigned kOrder = bit(kLess) | bit(kLessOrEqual) | bit(kGreater) | bit(kGreaterOrEqual);
constexpr unsigned kPresence = bit(kExists) | bit(kNotExists);
constexpr unsigned kText =
    kEquality | bit(kContains) | bit(kNotContains) | bit(kMatches) | bit(kNotMatches) | bit(kIn) | kPresence;

unsigned comparisons_of(Source source) {
  switch (source) {
    case Source::kHeader:
    case Source::kBody:
    case Source::kJson:
      return kText | kOrder;
    case Source::kCertificateIssuer:
      return kText;
    case Source::kStatus:
    case Source::kHttpVersion:
    case Source::kTlsVersion:
      return kEquality | kOrder | bit(kIn);
    case Source::kBodySha256:
    case Source::kRemoteAddress:
      return kEquality | bit(kIn);
    case Source::kTotalTime:
    case Source::kDnsTime:
    case Source::kConnectTime:
    case Source::kTlsTime:
    case Source::kWaitTime:
    case Source::kDownloadTime:
    case Source::kBodySize:
    case Source::kCertificateDaysLeft:
      return kEquality | kOrder;
  }
  return 0;
}

std::optional<int> status_code(std::string_view text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  if (error != std::errc{} || end != text.data() + text.size() || code < 100 || code > 599)
    return std::nullopt;
  return code;
}

// "304", "200-299" or "5xx".
std::optional<StatusRange> status_range(std::string_view text) {
  if (text.size() == 3 && text[0] >= '1' && text[0] <= '5' && lower(text.substr(1)) == "xx") {
    const int hundred = (text[0] - '0') * 100;
    return StatusRange{hundred, hundred + 99};
  }
  const std::size_t dash = text.find('-');
  const std::optional<int> first = status_code(trimmed(text.substr(0, dash)));
  const std::optional<int> last =
      dash == std::string_view::npos ? first : status_code(trimmed(text.substr(dash + 1)));
  if (!first || !last || *first > *last) return std::nullopt;
  return StatusRange{*first, *last};
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string token_fault(std::string_view name) {
  constexpr std::string_view kToken =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
  if (name.empty()) return "must name a header";
  return name.find_first_not_of(kToken) == std::string_view::npos ? "" : "must be a header's name";
}

}  // namespace

bool is_negative(Comparison comparison) {
  return comparison == kNotEquals || comparison == kNotContains || comparison == kNotMatches ||
         comparison == kNotExists;
}

bool is_numeric(Comparison comparison) { return (bit(comparison) & kOrder) != 0; }

bool is_number(Source source) {
  return source == Source::kBodySize || source == Source::kCertificateDaysLeft ||
         (source >= Source::kTotalTime && source <= Source::kDownloadTime);
}

std::string_view unit_of(Source source) {
  if (source == Source::kBodySize) return " bytes";
  return is_number(source) && source != Source::kCertificateDaysLeft ? " ms" : "";
}

namespace {

// Fills a target; each function returns what is wrong with the text.
struct TargetReader {
  Source source;
  Comparison comparison;

  template <class Target>
  std::string read(std::string_view text, Target& target) const {
    target.text = text;
    if (text.size() > kMostTarget) return "must be at most 4 KiB";
    if (text.find('\0') != std::string_view::npos) return "must not contain a NUL character";
    if (comparison == kExists || comparison == kNotExists)
      return text.empty() ? "" : "must be empty: it is only asked whether there is something";
    if (comparison == kMatches || comparison == kNotMatches) return read_regex(text, target);
    if (source == Source::kStatus) return read_statuses(text, target);
    if (source == Source::kRemoteAddress) return read_networks(text, target);
    if (source == Source::kBodySha256) return read_hashes(text, target);
    if (is_number(source) || is_numeric(comparison)) return read_number(text, target);
    if (comparison == kIn) return read_list(text, target);
    if (source == Source::kJson) read_json(text, target);
    const bool contains = comparison == kContains || comparison == kNotContains;
    return contains && text.empty() ? "must not be empty: every text contains the empty one" : "";
  }

  template <class Target>
  std::string read_regex(std::string_view text, Target& target) const {
    if (text.empty()) return "must not be empty";
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto regex = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!regex->ok()) return "must be a regular expression that RE2 understands: " + regex->error();
    target.regex = std::move(regex);
    return "";
  }

  template <class Target>
  std::string read_statuses(std::string_view text, Target& target) const {
    if (comparison != kIn) {
      const std::optional<int> code = status_code(trimmed(text));
      if (!code) return "must be a status code from 100 to 599";
      target.number = *code;
      return "";
    }
    for (const std::string_view part : split_list(text)) {
      const std::optional<StatusRange> range = status_range(part);
      if (!range) return "must list codes and ranges such as 200-299,304,5xx; not " + readable(part, 40);
      target.statuses.push_back(*range);
    }
    return target.statuses.empty() ? "must list codes and ranges such as 200-299,304,5xx" : "";
  }

  template <class Target>
  std::string read_networks(std::string_view text, Target& target) const {
    for (const std::string_view part : split_list(text)) {
      const std::optional<Network> network = parse_network(part);
      const bool single = comparison != kIn && part.find('/') != std::string_view::npos;
      if (!network || single) {
        return std::string(comparison == kIn ? "must list networks such as 192.0.2.0/24,2001:db8::/32"
                                             : "must be an IP address") +
               "; not " + readable(part, 60);
      }
      target.networks.push_back(*network);
    }
    if (target.networks.empty()) return comparison == kIn ? "must list networks" : "must be an IP address";
    return comparison != kIn && target.networks.size() > 1 ? "must be one IP address" : "";
  }

  template <class Target>
  std::string read_hashes(std::string_view text, Target& target) const {
    for (const std::string_view part : split_list(text)) {
      target.list.push_back(lower(part));
      if (!is_sha256(target.list.back())) return "must be a SHA-256 of 64 hex digits";
    }
    if (target.list.empty()) return "must be a SHA-256 of 64 hex digits";
    return comparison != kIn && target.list.size() > 1 ? "must be one SHA-256" : "";
  }

  template <class Target>
  std::string read_number(std::string_view text, Target& target) const {
    const std::optional<double> number = to_number(text);
    if (!number) return "must be a number";
    if (*number < 0 && is_number(source) && source != Source::kCertificateDaysLeft)
      return "must not be negative";
    target.number = *number;
    return "";
  }

  template <class Target>
  std::string read_list(std::string_view text, Target& target) const {
    for (const std::string_view part : split_list(text)) target.list.emplace_back(part);
    return target.list.empty() ? "must list values, separated by commas" : "";
  }

  template <class Target>
  void read_json(std::string_view text, Target& target) const {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    if (!error) target.json = std::move(value);
  }
};

}  // namespace

ReadyAssertion::ReadyAssertion(const Assertion& assertion, std::vector<AssertionFault>& faults)
    : source_(assertion.source),
      comparison_(assertion.comparison),
      severity_(assertion.severity),
      property_(assertion.property) {
  const std::size_t before = faults.size();
  auto target = std::make_shared<Target>();
  const auto require_property = [&](std::string fault) {
    if (!fault.empty()) faults.push_back({"property", std::move(fault)});
  };
  const unsigned allowed = comparisons_of(source_);
  if (allowed == 0) {
    faults.push_back({"source", "must be one of those that the API has"});
    return;
  }
  if (property_.size() > kMostProperty) {
    require_property("must be at most 1 KiB");
  } else if (source_ == Source::kHeader) {
    require_property(token_fault(property_));
  } else if (source_ == Source::kJson) {
    Result<JsonPath> path = JsonPath::parse(property_);
    if (path)
      target->path = std::move(*path);
    else
      require_property("must be a JSONPath: " + path.error().message);
  } else if (!property_.empty()) {
    require_property("must be empty for this source");
  }
  const bool known = comparison_ >= kEquals && comparison_ <= kIn;
  if (!known || (bit(comparison_) & allowed) == 0) {
    faults.push_back({"comparison", "is not possible for this source"});
  } else if (std::string fault = TargetReader{source_, comparison_}.read(assertion.target, *target);
             !fault.empty()) {
    faults.push_back({"target", std::move(fault)});
  }
  if (faults.size() == before) target_ = std::move(target);
}

Reason ReadyAssertion::reason() const {
  switch (source_) {
    case Source::kStatus:
      return Reason::kStatus;
    case Source::kHeader:
      return Reason::kAssertHeader;
    case Source::kBody:
      return Reason::kAssertBody;
    case Source::kJson:
      return Reason::kAssertJson;
    case Source::kBodySha256:
      return Reason::kAssertHash;
    case Source::kBodySize:
      return Reason::kAssertSize;
    case Source::kCertificateDaysLeft:
    case Source::kCertificateIssuer:
      return Reason::kAssertCertificate;
    case Source::kHttpVersion:
    case Source::kTlsVersion:
      return Reason::kAssertVersion;
    case Source::kRemoteAddress:
      return Reason::kAssertAddress;
    case Source::kTotalTime:
    case Source::kDnsTime:
    case Source::kConnectTime:
    case Source::kTlsTime:
    case Source::kWaitTime:
    case Source::kDownloadTime:
      return Reason::kAssertTime;
  }
  return Reason::kAssertBody;
}

}  // namespace openseer::domain
