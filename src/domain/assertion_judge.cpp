// Judging by an assertion, and what to say when it is broken.
#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/string.hpp>

#include "domain/assertion_target.h"
#include "domain/subject.h"
#include "domain/text.h"

namespace openseer::domain {
namespace {

namespace json = boost::json;
using enum Comparison;

constexpr std::size_t kMostShown = 120;
constexpr std::size_t kMostSearched = 256 * 1024;  // for the part to show
constexpr std::size_t kMostProperty = 80;

std::string_view verb(Comparison comparison) {
  switch (comparison) {
    case kEquals:
      return "to equal ";
    case kNotEquals:
      return "not to equal ";
    case kContains:
      return "to contain ";
    case kNotContains:
      return "not to contain ";
    case kMatches:
      return "to match ";
    case kNotMatches:
      return "not to match ";
    case kExists:
      return "to be there";
    case kNotExists:
      return "not to be there";
    case kLess:
      return "to be below ";
    case kLessOrEqual:
      return "to be at most ";
    case kGreater:
      return "to be above ";
    case kGreaterOrEqual:
      return "to be at least ";
    case kIn:
      return "to be one of ";
  }
  return "";
}

std::string name_of(Source source, const std::string& property) {
  switch (source) {
    case Source::kStatus:
      return "status";
    case Source::kHeader:
      return "header " + readable(property, kMostProperty);
    case Source::kBody:
      return "the body";
    case Source::kJson:
      return readable(property, kMostProperty);
    case Source::kBodySha256:
      return "the body's SHA-256";
    case Source::kTotalTime:
      return "the total time";
    case Source::kDnsTime:
      return "the DNS time";
    case Source::kConnectTime:
      return "the connect time";
    case Source::kTlsTime:
      return "the TLS time";
    case Source::kWaitTime:
      return "the time to the first byte";
    case Source::kDownloadTime:
      return "the download time";
    case Source::kBodySize:
      return "the body's size";
    case Source::kCertificateDaysLeft:
      return "the certificate's days left";
    case Source::kCertificateIssuer:
      return "the certificate's issuer";
    case Source::kHttpVersion:
      return "the HTTP version";
    case Source::kTlsVersion:
      return "the TLS version";
    case Source::kRemoteAddress:
      return "the remote address";
  }
  return "the answer";
}

bool compare_numbers(Comparison comparison, double got, double target) {
  switch (comparison) {
    case kEquals:
      return got == target;
    case kNotEquals:
      return got != target;
    case kLess:
      return got < target;
    case kLessOrEqual:
      return got <= target;
    case kGreater:
      return got > target;
    case kGreaterOrEqual:
      return got >= target;
    default:
      return false;
  }
}

double number_of(Source source, const Measurement& found) {
  const auto milliseconds = [](Microseconds time) { return static_cast<double>(time.count()) / 1000.0; };
  switch (source) {
    case Source::kTotalTime:
      return milliseconds(found.phases.total);
    case Source::kDnsTime:
      return milliseconds(found.phases.dns);
    case Source::kConnectTime:
      return milliseconds(found.phases.connect);
    case Source::kTlsTime:
      return milliseconds(found.phases.tls);
    case Source::kWaitTime:
      return milliseconds(found.phases.wait);
    case Source::kDownloadTime:
      return milliseconds(found.phases.download);
    case Source::kStatus:
      return found.http_status;
    default:
      return static_cast<double>(found.body_bytes);
  }
}

// As much of a text as a message shows, without secrets.
std::string shown(std::string_view text, const Redactor& redactor) {
  return readable(redactor.redact(text, 4 * kMostShown), kMostShown);
}

std::string shown(const json::value& value, const Redactor& redactor) {
  if (const json::string* text = value.if_string())
    return shown(std::string_view(text->data(), text->size()), redactor);
  json::serializer serializer;
  serializer.reset(&value);
  char buffer[4 * kMostShown];
  const auto begin = serializer.read(buffer, sizeof buffer);
  return readable(redactor.redact({begin.data(), begin.size()}, begin.size(), true), kMostShown);
}

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(text->data(), text->size());
  return json::serialize(value);
}

bool is_text(const json::value& value, std::string_view text) {
  const json::string* string = value.if_string();
  return string != nullptr && std::string_view(string->data(), string->size()) == text;
}

// Where a text that should not be there is, with what is around it.
std::string around(std::string_view text, std::size_t at, std::size_t size) {
  constexpr std::size_t kAround = 40;
  const std::size_t from = at - std::min(at, kAround);
  return (from > 0 ? "…" : "") + readable(text.substr(from, at - from + size + kAround), kMostShown);
}

// Says whether one assertion holds, and what was found if not.
template <class Target>
class Comparer {
 public:
  Comparer(Source source, Comparison comparison, const Target& target)
      : source_(source), comparison_(comparison), target_(target) {}

  // Empty: it holds. Else the end of the sentence ("got 503").
  std::string fault(Subject& subject, const std::string& property) {
    switch (source_) {
      case Source::kStatus:
        return status(subject.found().http_status);
      case Source::kHeader:
        return text(subject.header(property), "there is no such header", subject.redactor());
      case Source::kBody:
        return subject.body().empty() && (comparison_ == kExists || comparison_ == kNotExists)
                   ? text(std::nullopt, "it is empty", subject.redactor())
                   : text(subject.body(), "", subject.redactor());
      case Source::kJson:
        return json_nodes(subject);
      case Source::kBodySha256:
        return hash(subject.body_sha256());
      case Source::kCertificateDaysLeft: {
        const std::optional<std::int64_t> days = subject.certificate_days_left();
        return days ? number(static_cast<double>(*days)) : "but there is no certificate";
      }
      case Source::kCertificateIssuer:
        return text(subject.certificate_issuer(), "there is no certificate", subject.redactor());
      case Source::kHttpVersion:
        return version(subject.http_version());
      case Source::kTlsVersion:
        return version(subject.tls_version());
      case Source::kRemoteAddress:
        return address(subject.found().remote_address);
      default:
        return number(number_of(source_, subject.found()));
    }
  }

 private:
  static std::string got(std::string_view what) { return "got " + std::string(what); }

  std::string number(double value) const {
    if (compare_numbers(comparison_, value, target_.number)) return "";
    return got(number_text(value) + std::string(unit_of(source_)));
  }

  std::string status(int code) const {
    if (comparison_ != kIn) return number(code);
    const bool listed = std::ranges::any_of(
        target_.statuses, [code](const StatusRange& r) { return code >= r.first && code <= r.last; });
    return listed ? "" : got(std::to_string(code));
  }

  std::string hash(const std::string& value) const {
    const bool listed = std::ranges::find(target_.list, value) != target_.list.end();
    return listed != (comparison_ == kNotEquals) ? "" : got(value);
  }

  std::string version(std::string_view value) const {
    if (value.empty()) return comparison_ == kNotEquals ? "" : "but there is none";
    return holds(value) ? "" : got(value);
  }

  std::string address(const std::string& value) const {
    const std::optional<IpAddress> parsed = parse_address(value);
    const bool listed = parsed && std::ranges::any_of(target_.networks, [&](const Network& network) {
                          return network.contains(*parsed);
                        });
    if (listed != (comparison_ == kNotEquals)) return "";
    return value.empty() ? "but there is none" : got(value);
  }

  std::string text(std::optional<std::string_view> value, std::string_view absent,
                   const Redactor& redactor) const {
    if (!value) return is_negative(comparison_) ? "" : "but " + std::string(absent);
    if (comparison_ == kExists) return "";
    if (holds(*value)) return "";
    return got(found_in(*value, redactor));
  }

  bool holds(std::string_view value) const {
    switch (comparison_) {
      case kEquals:
        return value == target_.text;
      case kNotEquals:
        return value != target_.text;
      case kContains:
        return value.find(target_.text) != std::string_view::npos;
      case kNotContains:
        return value.find(target_.text) == std::string_view::npos;
      case kMatches:
        return matches(value);
      case kNotMatches:
        return !matches(value);
      case kIn:
        return std::ranges::find(target_.list, value) != target_.list.end();
      case kExists:
        return true;
      case kNotExists:
        return false;
      default: {
        const std::optional<double> number = to_number(value);
        return number && compare_numbers(comparison_, *number, target_.number);
      }
    }
  }

  bool matches(std::string_view value) const {
    return re2::RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *target_.regex);
  }

  // What to show of a text that is too long to show: the part that is at fault.
  std::string found_in(std::string_view value, const Redactor& redactor) const {
    const std::string clean = redactor.redact(value.substr(0, kMostSearched));
    std::size_t at = std::string::npos;
    std::size_t size = target_.text.size();
    if (comparison_ == kNotContains) at = clean.find(target_.text);
    if (comparison_ == kNotMatches) {
      re2::StringPiece match;
      if (target_.regex->Match(clean, 0, clean.size(), re2::RE2::UNANCHORED, &match, 1)) {
        at = static_cast<std::size_t>(match.data() - clean.data());
        size = match.size();
      }
    }
    if (at != std::string::npos) return around(clean, at, size);
    const std::string out = readable(clean, kMostShown);
    return out.empty() ? "nothing" : out;
  }

  // Every selected value must satisfy the comparison, and there must be one
  // unless the comparison is negative.
  std::string json_nodes(Subject& subject) const {
    const json::value* root = subject.json();
    if (root == nullptr) return "but " + subject.json_fault();
    const auto nodes = target_.path->select(*root);
    if (!nodes) return "but finding it in this body takes too long";
    if (nodes->empty()) return is_negative(comparison_) ? "" : "but it selects nothing";
    if (comparison_ == kExists) return "";
    for (const json::value* node : *nodes) {
      if (!holds(*node)) return got(shown(*node, subject.redactor()));
    }
    return "";
  }

  bool holds(const json::value& value) const {
    switch (comparison_) {
      case kEquals:
        return equals(value);
      case kNotEquals:
        return !equals(value);
      case kContains:
        return contains(value);
      case kNotContains:
        return !contains(value);
      case kIn:
        return std::ranges::any_of(target_.list,
                                   [&](const std::string& one) { return text_of(value) == one; });
      case kLess:
      case kLessOrEqual:
      case kGreater:
      case kGreaterOrEqual:
        if (value.is_number()) return compare_numbers(comparison_, value.to_number<double>(), target_.number);
        return value.is_string() && holds(std::string_view(text_of(value)));
      default:
        return holds(std::string_view(text_of(value)));
    }
  }

  bool equals(const json::value& value) const {
    return value.is_string() ? is_text(value, target_.text) : target_.json && equal(value, *target_.json);
  }

  // An array contains its elements, anything else the texts within its text.
  bool contains(const json::value& value) const {
    if (const json::array* array = value.if_array())
      return std::ranges::any_of(*array, [this](const json::value& element) { return equals(element); });
    return text_of(value).find(target_.text) != std::string::npos;
  }

  Source source_;
  Comparison comparison_;
  const Target& target_;
};

}  // namespace

std::optional<std::string> ReadyAssertion::broken(Subject& subject) const {
  if (!target_) return "the worker cannot read the assertion about " + name_of(source_, property_);
  const std::string fault = Comparer<Target>(source_, comparison_, *target_).fault(subject, property_);
  if (fault.empty()) return std::nullopt;
  std::string message = "expected " + name_of(source_, property_) + " " + std::string(verb(comparison_));
  message += readable(target_->text, kMostShown);
  message += target_->text.empty() ? "" : unit_of(source_);
  if (comparison_ == kEquals && target_->text.empty()) message += "nothing";
  return message + ", " + fault;
}

}  // namespace openseer::domain
