#include "probe/request.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <curl/curl.h>

namespace openseer::probe {
namespace {

using domain::Header;

// libcurl's own parser, so that what is checked here is what it connects to.
class CurlUrl {
 public:
  CurlUrl() : url_(curl_url()) {
    if (url_ == nullptr) throw std::bad_alloc();
  }
  ~CurlUrl() { curl_url_cleanup(url_); }
  CurlUrl(const CurlUrl&) = delete;
  CurlUrl& operator=(const CurlUrl&) = delete;

  bool set(CURLUPart part, const char* value, unsigned flags = 0) {
    return curl_url_set(url_, part, value, flags) == CURLUE_OK;
  }

  std::optional<std::string> get(CURLUPart part, unsigned flags = 0) const {
    char* text = nullptr;
    if (curl_url_get(url_, part, &text, flags) != CURLUE_OK) return std::nullopt;
    const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
    return std::string(text);
  }

 private:
  CURLU* url_;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

std::optional<Target> target_of(CurlUrl& url) {
  url.set(CURLUPART_FRAGMENT, nullptr);
  url.set(CURLUPART_USER, nullptr);
  url.set(CURLUPART_PASSWORD, nullptr);
  const auto scheme = url.get(CURLUPART_SCHEME);
  const auto host = url.get(CURLUPART_HOST, CURLU_PUNYCODE);
  const auto port = url.get(CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const auto whole = url.get(CURLUPART_URL);
  if (!scheme || !host || host->empty() || !port || !whole) return std::nullopt;
  Target target;
  target.url = *whole;
  target.scheme = *scheme;
  std::ranges::transform(target.scheme, target.scheme.begin(), lower);
  if (target.scheme != "http" && target.scheme != "https") return std::nullopt;
  target.host = *host;
  std::ranges::transform(target.host, target.host.begin(), lower);
  if (target.host.starts_with('[') && target.host.ends_with(']')) {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  const auto [end, error] = std::from_chars(port->data(), port->data() + port->size(), target.port);
  if (error != std::errc{} || *end != '\0') return std::nullopt;
  boost::system::error_code not_numeric;
  const auto address = boost::asio::ip::make_address(target.host, not_numeric);
  if (!not_numeric) target.numeric = address;
  return target;
}

bool stays_with_origin(const Header& header) {
  constexpr std::array<std::string_view, 4> kOfOrigin{"authorization", "cookie", "host",
                                                      "proxy-authorization"};
  return header.sensitive ||
         std::ranges::any_of(kOfOrigin, [&](std::string_view name) { return same_name(header.name, name); });
}

bool describes_body(const Header& header) {
  constexpr std::array<std::string_view, 4> kOfBody{"content-encoding", "content-language",
                                                    "content-location", "content-type"};
  return std::ranges::any_of(kOfBody, [&](std::string_view name) { return same_name(header.name, name); });
}

bool becomes_get(std::string_view method, int status) {
  if (status == 303) return method != "GET" && method != "HEAD";
  return (status == 301 || status == 302) && method == "POST";
}

}  // namespace

std::optional<Target> parse_target(const std::string& url) {
  CurlUrl parsed;
  if (!parsed.set(CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME)) return std::nullopt;
  return target_of(parsed);
}

std::optional<Target> parse_location(const Target& base, const std::string& location) {
  CurlUrl parsed;
  // Servers write raw spaces and bytes outside ASCII; they are encoded, as browsers do.
  constexpr unsigned kLenient = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE | CURLU_ALLOW_SPACE;
  if (!parsed.set(CURLUPART_URL, base.url.c_str())) return std::nullopt;
  if (!parsed.set(CURLUPART_URL, location.c_str(), kLenient)) return std::nullopt;
  return target_of(parsed);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void redirect(Request& request, int status, Target next) {
  if (becomes_get(request.method, status)) {
    request.method = "GET";
    request.body.clear();
    std::erase_if(request.headers, describes_body);
  }
  if (!request.target.same_origin(next)) std::erase_if(request.headers, stays_with_origin);
  request.target = std::move(next);
}

bool has_header(const std::vector<Header>& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const Header& h) { return same_name(h.name, name); });
}

}  // namespace openseer::probe
