#include "domain/subject.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>

#include "domain/digest.h"
#include "domain/text.h"

namespace openseer::domain {
namespace {

namespace json = boost::json;

// A document takes up to twenty times its text's memory while it is judged.
constexpr std::size_t kMostJsonBytes = 4 * 1024 * 1024;
constexpr std::size_t kDeepestJson = 128;

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && lower(a) == lower(b);
}

}  // namespace

std::optional<std::string> Subject::header(std::string_view name) const {
  std::optional<std::string> joined;
  if (last_hop() == nullptr) return joined;
  for (const ResponseHeader& header : last_hop()->headers) {
    if (!same_name(header.name, name)) continue;
    joined = joined ? *joined + ", " + header.value : header.value;
  }
  return joined;
}

const json::value* Subject::json() {
  if (json_read_) return json_ ? &*json_ : nullptr;
  json_read_ = true;
  std::string_view text = body();
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (text.empty() || found_.details.body_truncated || text.size() > kMostJsonBytes) {
    json_fault_ = text.empty() ? "the body is empty" : "the body is too large for JSONPath (more than 4 MiB)";
    return nullptr;
  }
  json::parse_options options;
  options.max_depth = kDeepestJson;
  boost::system::error_code error;
  json::value parsed =
      json::parse(text, error, json::make_shared_resource<json::monotonic_resource>(), options);
  if (error) {
    json_fault_ = "the body is not JSON (" + error.message() + ")";
    return nullptr;
  }
  json_.emplace(std::move(parsed));
  return &*json_;
}

const std::string& Subject::body_sha256() {
  if (sha256_.empty()) sha256_ = sha256_hex(body());
  return sha256_;
}

std::optional<std::int64_t> Subject::certificate_days_left() const {
  if (!found_.certificate_expires_at) return std::nullopt;
  return std::chrono::floor<std::chrono::days>(*found_.certificate_expires_at - started_at_).count();
}

std::optional<std::string_view> Subject::certificate_issuer() const {
  if (last_hop() == nullptr || last_hop()->chain.empty()) return std::nullopt;
  return last_hop()->chain.front().issuer;
}

std::string_view Subject::http_version() const {
  switch (found_.http_version) {
    case HttpVersion::k1_0:
      return "1.0";
    case HttpVersion::k1_1:
      return "1.1";
    case HttpVersion::k2:
      return "2";
    case HttpVersion::kNone:
      break;
  }
  return "";
}

std::string_view Subject::tls_version() const {
  constexpr std::string_view kVersions[] = {"", "1.0", "1.1", "1.2", "1.3"};
  const auto number = last_hop() == nullptr ? 0 : static_cast<std::size_t>(last_hop()->tls_version);
  return number < std::size(kVersions) ? kVersions[number] : "";
}

}  // namespace openseer::domain
