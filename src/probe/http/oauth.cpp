#include "probe/http/oauth.h"

#include <algorithm>
#include <cstdint>

#include <boost/json/parse.hpp>

#include "probe/http/compose.h"
#include "probe/plain_text.h"

namespace openseer::probe::http {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxLifetime = 365 * 24 * 3600;

// application/x-www-form-urlencoded.
std::string form_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '.' || c == '_' || c == '*';
    if (plain) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      ((out += '%') += kHex[byte >> 4]) += kHex[byte & 15];
    }
  }
  return out;
}

Fault refused(std::string message) { return {domain::Reason::kAuthentication, std::move(message)}; }

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(json::string_view(key.data(), key.size()));
  const json::string* const text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

Seconds lifetime_of(const json::object& object) {
  const json::value* const value = object.if_contains("expires_in");
  if (value == nullptr || !value->is_number()) return Seconds{0};
  json::error_code error;
  const auto seconds = value->to_number<std::int64_t>(error);
  return Seconds{error ? 0 : std::clamp<std::int64_t>(seconds, 0, kMaxLifetime)};
}

// A token goes into a header: visible ASCII, by RFC 6750 and by caution.
bool is_sendable(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Message oauth_request(const domain::Authentication& authentication, const Url& token_url,
                      std::string_view user_agent, bool through_http_proxy,
                      std::string_view proxy_authorization) {
  std::string body = "grant_type=client_credentials";
  if (!authentication.scope.empty()) body += "&scope=" + form_encoded(authentication.scope);
  if (!authentication.audience.empty()) body += "&audience=" + form_encoded(authentication.audience);
  const std::vector<domain::Header> headers{domain::Header{"Accept", "application/json"}};
  // Section 2.3.1: both are form-encoded before they become Basic credentials.
  const std::string credentials =
      basic_credentials(form_encoded(authentication.client_id), form_encoded(authentication.client_secret));
  return compose({.method = "POST",
                  .url = token_url,
                  .headers = headers,
                  .body = body,
                  .body_type = domain::BodyType::kForm,
                  .user_agent = user_agent,
                  .authorization = credentials,
                  .through_http_proxy = through_http_proxy,
                  .proxy_authorization = proxy_authorization});
}

std::variant<OauthToken, Fault> oauth_token(const Answer& answer) {
  json::error_code error;
  json::parse_options options;
  options.max_depth = 16;
  const json::value document =
      json::parse(json::string_view(answer.body.data(), answer.body.size()), error, {}, options);
  const json::object* const object = error ? nullptr : document.if_object();
  if (answer.status != 200) {
    std::string message = "the token server answered " + std::to_string(answer.status);
    if (object != nullptr && !text_of(*object, "error").empty()) message += ": " + text_of(*object, "error");
    return refused(plain_text(message));
  }
  if (object == nullptr) return refused("the token server's answer is not a JSON object");
  OauthToken token{text_of(*object, "access_token"), lifetime_of(*object)};
  if (!is_sendable(token.value)) return refused("the token server's answer has no usable access_token");
  if (const std::string type = text_of(*object, "token_type"); !type.empty() && !same_name(type, "bearer")) {
    return refused(plain_text("the token server gives tokens of type " + type + ", not bearer"));
  }
  return token;
}

}  // namespace openseer::probe::http
