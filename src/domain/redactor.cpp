#include "domain/redactor.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/string.hpp>

#include "domain/text.h"

namespace openseer::domain {
namespace {

namespace json = boost::json;

constexpr std::size_t kShortest = 4;
constexpr std::size_t kLongestBody = 8 * 1024;  // of a body that is looked for as a whole

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text, bool upper, bool form) {
  const std::string_view digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_unreserved(c)) {
      out += c;
    } else if (form && c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

// What stands for `text` in the base64 of a longer text in which `before` bytes
// (modulo 3) come before it: without the characters that its neighbours share.
std::string base64_part(std::string_view text, std::size_t before, bool url) {
  const std::string_view alphabet = url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                        : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string padded = std::string(before, '\0') + std::string(text);
  const std::size_t bits = padded.size() * 8;
  std::string out;
  // The first character that holds only bits of `text`, to the last that does.
  for (std::size_t bit = (before * 8 + 5) / 6 * 6; bit + 6 <= bits; bit += 6) {
    unsigned value = 0;
    for (std::size_t i = bit; i < bit + 6; ++i)
      value = value << 1 | (static_cast<unsigned char>(padded[i / 8]) >> (7 - i % 8) & 1U);
    out += alphabet[value];
  }
  return out;
}

std::string json_escaped(std::string_view text, bool slashes) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\' || (slashes && c == '/')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (encoded) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// "name=value" pairs between `separator`s.
template <class Each>
void each_pair(std::string_view text, char separator, Each each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view pair = trimmed(text.substr(0, end));
    const std::size_t equals = pair.find('=');
    if (equals != std::string_view::npos) each(pair.substr(0, equals), pair.substr(equals + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// The strings below members with a secret's name.
void collect_secrets(const json::value& value, bool secret, Redactor& into) {
  if (const json::string* text = value.if_string()) {
    if (secret) into.add({text->data(), text->size()});
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) collect_secrets(element, secret, into);
  } else if (const json::object* object = value.if_object()) {
    for (const auto& member : *object)
      collect_secrets(member.value(), secret || is_secret_name({member.key().data(), member.key().size()}),
                      into);
  }
}

void add_body(const MonitorSpec& spec, Redactor& into) {
  if (spec.body.size() <= kLongestBody) into.add(spec.body);
  boost::system::error_code error;
  const json::value parsed = json::parse(spec.body, error);
  if (!error) collect_secrets(parsed, false, into);
  if (spec.body_type != BodyType::kForm) return;
  each_pair(spec.body, '&', [&into](std::string_view name, std::string_view value) {
    if (is_secret_name(percent_decoded(name))) into.add(percent_decoded(value));
  });
}

// Of the credentials that `text` begins with (RFC 6750, section 2.1); 0: none.
std::size_t bearer_length(std::string_view text) {
  constexpr std::string_view kScheme = "bearer ";
  if (text.size() <= kScheme.size() || lower(text.substr(0, kScheme.size())) != kScheme) return 0;
  std::size_t end = kScheme.size();
  while (end < text.size() &&
         (is_unreserved(text[end]) || text[end] == '+' || text[end] == '/' || text[end] == '='))
    ++end;
  return end > kScheme.size() ? end : 0;
}

// "Bearer abc" is one secret, and abc another.
void add_header(const Header& header, Redactor& into) {
  const std::string name = lower(header.name);
  if (!header.sensitive && !is_secret_name(name)) return;
  into.add(trimmed(header.value));
  if (name == "cookie") {
    each_pair(header.value, ';', [&into](std::string_view, std::string_view value) { into.add(value); });
  } else if (const std::size_t space = header.value.find(' '); space != std::string::npos) {
    into.add(trimmed(std::string_view(header.value).substr(space)));
  }
}

}  // namespace

bool is_secret_name(std::string_view header) {
  const std::string name = lower(header);
  if (name == "authorization" || name == "cookie" || name == "proxy-authorization" || name == "set-cookie" ||
      name == "authentication-info" || name == "proxy-authentication-info")
    return true;
  for (const std::string_view part :
       {"api-key", "apikey", "api_key", "token", "secret", "password", "passwd", "session-id", "sessionid"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

Redactor::Redactor(const MonitorSpec& spec) {
  for (const Header& header : spec.headers) add_header(header, *this);
  bearer_ = spec.authentication.scheme == AuthScheme::kOauth2;
  add(spec.authentication.password);
  add(spec.authentication.token);
  add(spec.authentication.client_secret);
  add(spec.proxy.password);
  add(spec.tls.client_key_pem);
  if (!spec.body.empty()) add_body(spec, *this);
}

void Redactor::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  add_needle(std::string(secret));
  for (const bool upper : {true, false}) {
    for (const bool form : {true, false}) add_needle(percent_encoded(secret, upper, form));
  }
  for (const bool url : {true, false}) {
    for (const std::size_t before : {0U, 1U, 2U}) add_needle(base64_part(secret, before, url));
  }
  for (const bool slashes : {true, false}) add_needle(json_escaped(secret, slashes));
  add_needle(html_escaped(secret));
}

Redactor Redactor::with(const std::vector<std::string>& secrets) const {
  Redactor more = *this;
  for (const std::string& secret : secrets) more.add(secret);
  return more;
}

void Redactor::add_needle(std::string needle) {
  if (needle.size() < kShortest) return;
  const auto before = [](const std::string& a, const std::string& b) {
    const auto first = [](const std::string& text) { return static_cast<unsigned char>(text[0]); };
    return first(a) != first(b) ? first(a) < first(b) : (a.size() != b.size() ? a.size() > b.size() : a < b);
  };
  const auto at = std::lower_bound(needles_.begin(), needles_.end(), needle, before);
  if (at != needles_.end() && *at == needle) return;
  first_bytes_.set(static_cast<unsigned char>(needle[0]));
  needles_.insert(at, std::move(needle));
}

std::string Redactor::redact(std::string_view text, std::size_t most, bool cut) const {
  const std::size_t end = std::min(most, text.size());
  if (empty()) return std::string(text.substr(0, end));
  std::string out;
  out.reserve(end);
  for (std::size_t i = 0; i < end;) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::string_view rest = text.substr(i);
    std::size_t length = bearer_ ? bearer_length(rest) : 0;
    if (length == 0 && first_bytes_.test(first)) {
      auto needle = std::lower_bound(
          needles_.begin(), needles_.end(), first,
          [](const std::string& n, unsigned char c) { return static_cast<unsigned char>(n[0]) < c; });
      for (; length == 0 && needle != needles_.end() && static_cast<unsigned char>((*needle)[0]) == first;
           ++needle) {
        const bool begins = cut && rest.size() < needle->size() && rest.size() >= kShortest &&
                            std::string_view(*needle).starts_with(rest);
        if (begins || rest.starts_with(*needle)) length = std::min(rest.size(), needle->size());
      }
    }
    if (length > 0) {
      out += kMark;
      i += length;
    } else {
      out += text[i++];
    }
  }
  return out;
}

}  // namespace openseer::domain
