#include "probe/http/url.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include <idn2.h>

#include "domain/url.h"
#include "probe/http/headers.h"

namespace openseer::probe::http {
namespace {

// Of a redirect as well: twice what a monitor's own URL may have.
constexpr std::size_t kMaxLength = 8 * 1024;
// Of a name with percent-encoding and before IDNA.
constexpr std::size_t kMaxHost = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// What a browser takes out before it reads a URL: white space around it, tabs and
// line breaks within; and the fragment, which is never sent.
std::string tidy(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  std::string out(text.substr(0, text.find('#')));
  std::erase_if(out, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
  const std::size_t query = std::min(out.find('?'), out.size());
  std::replace(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(query), '\\', '/');
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7f) {
      out += c;
    } else {
      (((out += '%') += kHex[byte >> 4]) += kHex[byte & 15]);
    }
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::string> to_ascii(const std::string& name) {
  char* ascii = nullptr;
  if (idn2_to_ascii_8z(name.c_str(), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
    return std::nullopt;
  }
  const std::unique_ptr<char, void (*)(void*)> owned(ascii, idn2_free);
  return std::string(ascii);
}

std::optional<std::uint16_t> parse_port(std::string_view text, bool tls) {
  if (text.empty()) return tls ? 443 : 80;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0 || port > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

bool set_host(Url& url, std::string_view written) {
  const bool bracketed = written.starts_with('[');
  if (bracketed) {
    if (!written.ends_with(']')) return false;
    url.host = written.substr(1, written.size() - 2);
  } else {
    if (written.size() > kMaxHost) return false;
    std::optional<std::string> name = percent_decode(written);
    if (name && !is_ascii(*name))
      name = name->find('\0') == std::string::npos ? to_ascii(*name) : std::nullopt;
    if (!name) return false;
    url.host = std::move(*name);
  }
  std::ranges::transform(url.host, url.host.begin(), lower);
  // The monitor's own rules hold for the host of a redirect.
  if (!domain::url_fault("http://" + (bracketed ? "[" + url.host + "]" : url.host) + "/").empty())
    return false;
  boost::system::error_code not_numeric;
  const auto address = boost::asio::ip::make_address(url.host, not_numeric);
  if (!not_numeric) {
    url.numeric = address;
    url.host = address.to_string();
  }
  return true;
}

// `text` is what follows "scheme:", tidied, from its two slashes.
std::optional<Url> parse_rest(std::string_view scheme, std::string_view text) {
  if (!text.starts_with("//")) return std::nullopt;
  text.remove_prefix(2);
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  std::string_view authority = text.substr(0, end);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  Url url;
  url.scheme = scheme;
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view port = colon == std::string_view::npos ? "" : authority.substr(colon + 1);
  const std::optional<std::uint16_t> number = parse_port(port, url.tls());
  if (!number || !set_host(url, authority.substr(0, colon))) return std::nullopt;
  url.port = *number;
  url.target = percent_encode(text.substr(end));
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

// "http" or "https", taken off the front with its colon; empty without a scheme,
// nullopt for another one.
std::optional<std::string> take_scheme(std::string_view& text) {
  if (text.empty() || !is_alpha(text.front())) return "";
  const std::size_t end =
      std::ranges::find_if_not(
          text, [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; }) -
      text.begin();
  if (end == text.size() || text[end] != ':') return "";
  const std::string_view scheme = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (same_name(scheme, "http")) return "http";
  if (same_name(scheme, "https")) return "https";
  return std::nullopt;
}

// RFC 3986, section 5.2.4, on a path that begins with a slash.
std::string without_dots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    const bool up = segment == "/..";
    if (up) out.resize(out.rfind('/') == std::string::npos ? 0 : out.rfind('/'));
    if (up || segment == "/.") {
      if (path.empty()) out += '/';
      continue;
    }
    out += segment;
  }
  return out;
}

// The path of `target` without dots, its query as it is.
std::string tidy_target(std::string_view target) {
  const std::size_t query = std::min(target.find('?'), target.size());
  return without_dots(target.substr(0, query)) + std::string(target.substr(query));
}

}  // namespace

std::string Url::authority() const {
  std::string out = host_and_port();
  if (port == (tls() ? 443 : 80)) out.resize(out.rfind(':'));
  return out;
}

std::string Url::host_and_port() const {
  const bool bracketed = numeric && numeric->is_v6();
  return (bracketed ? "[" + host + "]:" : host + ":") + std::to_string(port);
}

std::string Url::text() const { return scheme + "://" + authority() + target; }

std::string_view Url::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::optional<Url> parse_url(std::string_view text) {
  if (text.size() > kMaxLength) return std::nullopt;
  const std::string tidied = tidy(text);
  std::string_view rest = tidied;
  const std::optional<std::string> scheme = take_scheme(rest);
  if (!scheme || scheme->empty()) return std::nullopt;
  std::optional<Url> url = parse_rest(*scheme, rest);
  if (url) url->target = tidy_target(url->target);
  return url;
}

std::optional<Url> resolve(const Url& base, std::string_view reference) {
  if (reference.size() > kMaxLength) return std::nullopt;
  const std::string tidied = tidy(reference);
  std::string_view rest = tidied;
  const std::optional<std::string> scheme = take_scheme(rest);
  if (!scheme) return std::nullopt;
  if (!scheme->empty() || rest.starts_with("//")) {
    std::optional<Url> url = parse_rest(scheme->empty() ? base.scheme : *scheme, rest);
    if (url) url->target = tidy_target(url->target);
    return url;
  }
  Url url = base;
  if (rest.empty()) return url;
  const std::string encoded = percent_encode(rest);
  if (encoded.starts_with('?')) {
    url.target = std::string(base.path()) + encoded;
  } else if (encoded.starts_with('/')) {
    url.target = encoded;
  } else {
    url.target = std::string(base.path().substr(0, base.path().rfind('/') + 1)) + encoded;
  }
  url.target = tidy_target(url.target);
  return url;
}

}  // namespace openseer::probe::http
