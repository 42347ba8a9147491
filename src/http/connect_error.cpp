#include "http/connect_error.h"

#include <google/protobuf/util/json_util.h>

#include "google/rpc/error_details.pb.h"
#include "http/base64.h"
#include "http/connect_codec.h"
#include "http/utf8.h"

namespace openseer::http {
namespace {

constexpr std::size_t kLongestQuote = 300;  // of what the caller sent

// A JSON string; bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const char c = text.front();
    if (length == 0) {
      quoted += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      quoted.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view kHex = "0123456789abcdef";
      quoted.append("\\u00").append(
          {kHex[static_cast<std::size_t>(c >> 4)], kHex[static_cast<std::size_t>(c & 15)]});
    } else {
      quoted.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return quoted + '"';
}

// Protobuf refuses to serialise strings that are not UTF-8.
std::string valid_utf8(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    valid.append(length == 0 ? "\xEF\xBF\xBD" : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::string bad_request_json(const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest detail;
  for (const FieldViolation& violation : violations) {
    auto& added = *detail.add_field_violations();
    added.set_field(valid_utf8(violation.field));
    added.set_description(valid_utf8(violation.description));
  }
  return "{\"type\":\"google.rpc.BadRequest\",\"value\":" +
         json_string(base64(detail.SerializeAsString(), Padding::kNo)) +
         ",\"debug\":" + encode(detail, Codec::kJson) + "}";
}

Refusal violation(std::string field, std::string description) {
  std::vector<FieldViolation> violations;
  violations.push_back({std::move(field), std::move(description)});
  return invalid(std::move(violations));
}

}  // namespace

// The messages look like "(spec.headers[0]) nam: Cannot find field.",
// "(spec.name): invalid value 1 for type TYPE_STRING", or a syntax error with the
// text around it on further lines.
Refusal json_refusal(std::string_view message) {
  constexpr std::string_view kUnknown = ": Cannot find field.";
  std::string_view rest = message;
  std::string_view location;
  if (rest.starts_with('(') && rest.find(')') != std::string_view::npos) {
    location = rest.substr(1, rest.find(')') - 1);
    rest.remove_prefix(location.size() + 2);
  }
  if (rest.ends_with(kUnknown)) {
    rest.remove_suffix(kUnknown.size());
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    std::string field(location.substr(0, kLongestQuote));
    if (!field.empty()) field += '.';
    return violation(field.append(rest.substr(0, kLongestQuote)), "is not a known field");
  }
  if (!location.empty() && rest.starts_with(": ")) {
    return violation(std::string(location.substr(0, kLongestQuote)),
                     std::string(rest.substr(2, kLongestQuote)));
  }
  const std::string_view line = message.substr(0, std::min(message.find('\n'), kLongestQuote));
  return {Code::kInvalidArgument, "the request is not valid JSON: " + std::string(line), {}};
}

std::string error_json(const Refusal& refusal) {
  std::string json = "{\"code\":\"" + std::string(code_name(refusal.code)) + "\"";
  if (!refusal.message.empty()) json += ",\"message\":" + json_string(refusal.message);
  if (!refusal.violations.empty()) json += ",\"details\":[" + bad_request_json(refusal.violations) + "]";
  return json + "}";
}

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return "invalid_argument";
    case Code::kNotFound:
      return "not_found";
    case Code::kAlreadyExists:
      return "already_exists";
    case Code::kPermissionDenied:
      return "permission_denied";
    case Code::kUnauthenticated:
      return "unauthenticated";
    case Code::kResourceExhausted:
      return "resource_exhausted";
    case Code::kFailedPrecondition:
      return "failed_precondition";
    case Code::kUnavailable:
      return "unavailable";
    case Code::kDeadlineExceeded:
      return "deadline_exceeded";
    case Code::kCanceled:
      return "canceled";
    case Code::kUnimplemented:
      return "unimplemented";
    case Code::kInternal:
      return "internal";
  }
  return "unknown";
}

int http_status(Code code) {
  switch (code) {
    case Code::kInvalidArgument:
      return 400;
    case Code::kNotFound:
      return 404;
    case Code::kAlreadyExists:
      return 409;
    case Code::kPermissionDenied:
      return 403;
    case Code::kUnauthenticated:
      return 401;
    case Code::kResourceExhausted:
      return 429;
    case Code::kFailedPrecondition:
      return 400;
    case Code::kUnavailable:
      return 503;
    case Code::kDeadlineExceeded:
      return 504;
    case Code::kCanceled:
      return 499;
    case Code::kUnimplemented:
      return 501;
    case Code::kInternal:
      return 500;
  }
  return 500;
}

}  // namespace openseer::http
