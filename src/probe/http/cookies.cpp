#include "probe/http/cookies.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "probe/http/tokens.h"

namespace openseer::probe::http {
namespace {

// RFC 6265bis, section 5.7, and what a browser keeps of one site.
constexpr std::size_t kMaxPair = 4096;
constexpr std::size_t kMaxAttribute = 1024;
constexpr std::size_t kMaxCookies = 50;
constexpr std::int64_t kMaxAge = 400LL * 24 * 3600;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool starts_with_name(std::string_view text, std::string_view prefix) {
  return same_name(text.substr(0, prefix.size()), prefix);
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

// Section 5.1.3.
bool domain_matches(const Url& url, std::string_view domain) {
  if (url.host == domain) return true;
  return !url.numeric && url.host.size() > domain.size() && url.host.ends_with(domain) &&
         url.host[url.host.size() - domain.size() - 1] == '.';
}

// Section 5.1.4.
bool path_matches(std::string_view path, std::string_view of_cookie) {
  if (!path.starts_with(of_cookie)) return false;
  return path.size() == of_cookie.size() || of_cookie.ends_with('/') || path[of_cookie.size()] == '/';
}

std::string_view default_path(const Url& url) {
  const std::string_view path = url.path();
  const std::size_t last = path.rfind('/');
  return last == 0 || last == std::string_view::npos ? "/" : path.substr(0, last);
}

bool is_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
         (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

// The number of `least` to `most` digits that `text` starts with, taken off; what
// follows must be no digit.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t size = 0;
  while (size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  if (size < least || size > most) return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + size, value);
  text.remove_prefix(size);
  return value;
}

struct DateParts {
  std::optional<Seconds> time;
  std::optional<int> day;
  std::optional<unsigned> month;
  std::optional<int> year;
};

std::optional<Seconds> time_of(std::string_view token) {
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return std::nullopt;
      token.remove_prefix(1);
    }
    const auto number = take_number(token, 1, 2);
    if (!number) return std::nullopt;
    parts[i] = *number;
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return std::nullopt;
  return Seconds{parts[0] * 3600 + parts[1] * 60 + parts[2]};
}

std::optional<unsigned> month_of(std::string_view token) {
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (token.size() < 3) return std::nullopt;
  const std::size_t at = kMonths.find(lowered(token.substr(0, 3)));
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return static_cast<unsigned>(at / 3 + 1);
}

// Each part is the first token that looks like it (section 5.1.1).
void take_date_token(DateParts& parts, std::string_view token) {
  if (!parts.time && (parts.time = time_of(token))) return;
  if (std::string_view rest = token; !parts.day && (parts.day = take_number(rest, 1, 2))) return;
  if (!parts.month && (parts.month = month_of(token))) return;
  if (std::string_view rest = token; !parts.year) parts.year = take_number(rest, 2, 4);
}

}  // namespace

std::optional<Instant> parse_cookie_date(std::string_view text) {
  DateParts parts;
  while (!text.empty()) {
    const auto end = static_cast<std::size_t>(std::ranges::find_if(text, is_delimiter) - text.begin());
    if (end > 0) take_date_token(parts, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!parts.time || !parts.day || !parts.month || !parts.year) return std::nullopt;
  int year = *parts.year;
  if (year >= 70 && year <= 99) year += 1900;
  if (year >= 0 && year <= 69) year += 2000;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{*parts.month},
                                         std::chrono::day{static_cast<unsigned>(*parts.day)}};
  if (year < 1601 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + *parts.time;
}

// Of one Set-Cookie; the last of each counts.
struct CookieJar::Attributes {
  std::optional<std::int64_t> max_age;  // seconds
  std::optional<Instant> expires;
  std::string domain;
  std::string path;
  bool secure = false;

  void take(std::string_view attribute) {
    const std::size_t equals = std::min(attribute.find('='), attribute.size());
    const std::string_view name = trim(attribute.substr(0, equals));
    const std::string_view value = trim(attribute.substr(std::min(equals + 1, attribute.size())));
    if (value.size() > kMaxAttribute) return;
    if (same_name(name, "expires")) {
      if (const auto date = parse_cookie_date(value)) expires = date;
    } else if (same_name(name, "max-age")) {
      take_max_age(value);
    } else if (same_name(name, "domain")) {
      domain = lowered(value.starts_with('.') ? value.substr(1) : value);
    } else if (same_name(name, "path")) {
      path = value.starts_with('/') ? value : "";
    } else if (same_name(name, "secure")) {
      secure = true;
    }
  }

  void take_max_age(std::string_view value) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (value.empty() || end != value.data() + value.size()) return;
    if (error == std::errc::result_out_of_range) seconds = value.starts_with('-') ? 0 : kMaxAge;
    max_age = std::min(seconds, kMaxAge);
  }
};

void CookieJar::store(const Url& url, const Headers& headers, Instant now) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (same_name(headers[i].name, "set-cookie")) store_one(url, headers[i].value, now);
  }
}

void CookieJar::store_one(const Url& url, std::string_view header, Instant now) {
  if (has_control(header)) return;
  const std::string_view pair = next_in_list(header, ';');
  const std::size_t equals = pair.find('=');
  Cookie cookie;
  if (equals != std::string_view::npos) cookie.name = trim(pair.substr(0, equals));
  cookie.value = equals == std::string_view::npos ? pair : trim(pair.substr(equals + 1));
  if (cookie.name.size() + cookie.value.size() > kMaxPair || cookie.name.size() + cookie.value.size() == 0)
    return;
  Attributes attributes;
  while (!header.empty()) attributes.take(next_in_list(header, ';'));
  if (!apply(cookie, attributes, url, now)) return;

  const auto same = std::ranges::find_if(cookies_, [&](const Cookie& other) {
    return other.name == cookie.name && other.domain == cookie.domain && other.path == cookie.path &&
           other.host_only == cookie.host_only;
  });
  const bool expired = cookie.expires && *cookie.expires <= now;
  if (same != cookies_.end()) {
    if (expired) {
      cookies_.erase(same);
    } else {
      *same = std::move(cookie);
    }
  } else if (!expired && cookies_.size() < kMaxCookies) {
    cookies_.push_back(std::move(cookie));
  }
}

// False when the cookie is not for `url` to set (section 5.7, and the prefixes of 4.1.3).
bool CookieJar::apply(Cookie& cookie, const Attributes& attributes, const Url& url, Instant now) {
  if (!attributes.domain.empty()) {
    if (!domain_matches(url, attributes.domain)) return false;
    const bool single_label = attributes.domain.find('.') == std::string::npos;
    if (single_label && attributes.domain != url.host) return false;
  }
  cookie.host_only = attributes.domain.empty() || url.numeric;
  cookie.domain = attributes.domain.empty() ? url.host : attributes.domain;
  cookie.path = attributes.path.empty() ? default_path(url) : attributes.path;
  cookie.secure = attributes.secure;
  if (attributes.max_age) {
    cookie.expires = *attributes.max_age <= 0 ? Instant{} : now + Seconds{*attributes.max_age};
  } else {
    cookie.expires = attributes.expires;
  }
  if (cookie.secure && !url.tls()) return false;
  const std::string& named = cookie.name.empty() ? cookie.value : cookie.name;
  if (starts_with_name(named, "__Secure-")) return cookie.secure && !cookie.name.empty();
  if (starts_with_name(named, "__Host-")) {
    return cookie.secure && attributes.domain.empty() && cookie.path == "/" && !cookie.name.empty();
  }
  return true;
}

std::string CookieJar::cookies_for(const Url& url, Instant now) const {
  std::vector<const Cookie*> chosen;
  for (const Cookie& cookie : cookies_) {
    const bool of_host = cookie.host_only ? url.host == cookie.domain : domain_matches(url, cookie.domain);
    const bool alive = !cookie.expires || *cookie.expires > now;
    if (of_host && alive && (!cookie.secure || url.tls()) && path_matches(url.path(), cookie.path)) {
      chosen.push_back(&cookie);
    }
  }
  std::ranges::stable_sort(chosen, std::ranges::greater{}, [](const Cookie* c) { return c->path.size(); });
  std::string out;
  for (const Cookie* cookie : chosen) {
    if (!out.empty()) out += "; ";
    if (!cookie->name.empty()) (out += cookie->name) += '=';
    out += cookie->value;
  }
  return out;
}

}  // namespace openseer::probe::http
