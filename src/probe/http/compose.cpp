#include "probe/http/compose.h"

#include <algorithm>

#include "probe/http/headers.h"
#include "probe/http/tokens.h"

namespace openseer::probe::http {
namespace {

using domain::BodyType;
using domain::Header;

std::string_view content_type(BodyType type) {
  switch (type) {
    case BodyType::kText:
      return "text/plain; charset=utf-8";
    case BodyType::kJson:
      return "application/json";
    case BodyType::kForm:
      return "application/x-www-form-urlencoded";
    case BodyType::kBinary:
      break;
  }
  return "application/octet-stream";
}

// What would break out of its line. The monitor's rules refuse it; tokens and
// cookies come from elsewhere.
bool is_safe(const Header& header) {
  constexpr std::string_view kBreaks("\r\n\0", 3);
  return is_token(header.name) && header.value.find_first_of(kBreaks) == std::string::npos;
}

bool is_framing(std::string_view name) {
  return same_name(name, "content-length") || same_name(name, "transfer-encoding");
}

class Composer {
 public:
  explicit Composer(const Draft& draft) : draft_(draft) {
    message_.headers.reserve(draft.headers.size() + 6);
  }

  Message run() {
    message_.method = draft_.method;
    message_.scheme = draft_.url.scheme;
    message_.authority = draft_.url.authority();
    message_.path = draft_.url.target;
    message_.body = draft_.body;
    message_.sends_length = draft_.method == "POST" || draft_.method == "PUT" || draft_.method == "PATCH";
    if (draft_.through_http_proxy) {
      message_.absolute = draft_.url.text();
      add("Proxy-Authorization", draft_.proxy_authorization);
    }
    add("User-Agent", draft_.user_agent);
    add("Accept", "*/*");
    add("Accept-Encoding", "gzip, deflate, br, zstd");
    add("Authorization", draft_.authorization);
    if (!draft_.body.empty()) add("Content-Type", content_type(draft_.body_type));
    add_own();
    return std::move(message_);
  }

 private:
  bool overridden(std::string_view name) const {
    return std::ranges::any_of(draft_.headers, [&](const Header& h) { return same_name(h.name, name); });
  }

  void add(std::string_view name, std::string_view value) {
    if (value.empty() || overridden(name)) return;
    Header header{std::string(name), std::string(value)};
    if (is_safe(header)) message_.headers.push_back(std::move(header));
  }

  void add_own() {
    std::string_view cookies = draft_.cookies;
    for (const Header& header : draft_.headers) {
      if (is_framing(header.name) || !is_safe(header)) continue;
      if (same_name(header.name, "host")) {
        message_.authority = header.value;
        continue;
      }
      message_.headers.push_back(header);
      if (same_name(header.name, "cookie") && !cookies.empty()) {
        message_.headers.back().value.append("; ").append(cookies);
        cookies = {};
      }
    }
    if (!cookies.empty()) add("Cookie", cookies);
  }

  const Draft& draft_;
  Message message_;
};

}  // namespace

Message compose(const Draft& draft) { return Composer(draft).run(); }

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t taken = std::min<std::size_t>(3, bytes.size() - i);
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < taken ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) out += k <= taken ? kAlphabet[bits >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string basic_credentials(std::string_view username, std::string_view password) {
  return "Basic " + base64(std::string(username).append(":").append(password));
}

std::string bearer_credentials(std::string_view token) { return std::string("Bearer ").append(token); }

}  // namespace openseer::probe::http
