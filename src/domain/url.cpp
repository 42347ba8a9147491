#include "domain/url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>

#include "domain/text.h"

namespace openseer::domain {
namespace {

struct Parts {
  std::string_view scheme;
  std::string_view authority;
};

struct Authority {
  std::string_view host;
  std::string_view port;
  bool bracketed = false;
  bool has_port = false;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool equals_lower(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

std::optional<Parts> split(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view rest = url.substr(colon + 3);
  return Parts{url.substr(0, colon), rest.substr(0, rest.find_first_of("/?#"))};
}

// Empty when the brackets or what follows them are malformed.
std::optional<Authority> split_authority(std::string_view text) {
  Authority parts;
  std::size_t end = 0;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parts.bracketed = true;
    parts.host = text.substr(1, close - 1);
    end = close + 1;
  } else {
    end = std::min(text.find(':'), text.size());
    parts.host = text.substr(0, end);
  }
  if (end == text.size()) return parts;
  if (text[end] != ':') return std::nullopt;
  parts.has_port = true;
  parts.port = text.substr(end + 1);
  return parts;
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, 16> bytes;
  return inet_pton(family, std::string(text).c_str(), bytes.data()) == 1;
}

// A name whose last label is a number is an IPv4 address to some parsers
// (WHATWG "ends in a number"), in spellings such as 127.1 or 0x7f000001.
bool ends_in_number(std::string_view host) {
  const std::string_view label = host.substr(host.rfind('.') + 1);
  if (label.starts_with("0x") || label.starts_with("0X")) {
    return std::all_of(label.begin() + 2, label.end(), is_hex);
  }
  return !label.empty() && std::all_of(label.begin(), label.end(), is_digit);
}

// Underscores are not valid host names by RFC 1123, yet they are in use.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > 253) return false;
  for (;;) {
    const std::size_t dot = host.find('.');
    if (!is_label(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

std::string host_fault(const Authority& authority) {
  const std::string_view host = authority.host;
  if (authority.bracketed) {
    return is_address(AF_INET6, host) ? "" : "must have a valid IPv6 address between the brackets";
  }
  if (host.empty()) return "must name a host";
  const std::string_view bare = host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
  if (ends_in_number(bare)) {
    return is_address(AF_INET, host) ? "" : "must write an IPv4 address as four numbers from 0 to 255";
  }
  return is_name(host) ? "" : "must have a valid host name";
}

std::string port_fault(const Authority& authority) {
  if (!authority.has_port) return "";
  unsigned value = 0;
  const char* const end = authority.port.data() + authority.port.size();
  const auto [last, error] = std::from_chars(authority.port.data(), end, value);
  const bool valid = error == std::errc{} && last == end && value >= 1 && value <= 65535;
  return valid ? "" : "must have a port from 1 to 65535";
}

std::string character_fault(std::string_view url) {
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == ' ') return "must not contain a space (write %20)";
    if (byte < 0x20 || byte == 0x7f) return "must not contain a control character or a line break";
  }
  return "";
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::string url_fault(std::string_view url) {
  if (url.empty()) return "must not be empty";
  if (url.size() > kMaxUrlLength) return "must be at most 2048 characters";
  if (std::string fault = character_fault(url); !fault.empty()) return fault;
  const std::optional<Parts> parts = split(url);
  if (!parts) return "must be a full URL such as https://example.com/";
  if (!equals_lower(parts->scheme, "http") && !equals_lower(parts->scheme, "https")) {
    return "must be http or https";
  }
  if (parts->authority.find('@') != std::string_view::npos) {
    return "must not contain a user name or password; set authentication instead";
  }
  if (!is_ascii(parts->authority)) return "must write its host in ASCII (the xn-- form)";
  if (!is_ascii(url)) return "must percent-encode characters outside ASCII";
  const std::optional<Authority> authority = split_authority(parts->authority);
  if (!authority) return "must have a valid host";
  if (std::string fault = host_fault(*authority); !fault.empty()) return fault;
  return port_fault(*authority);
}

std::string proxy_fault(std::string_view url) {
  if (url.size() > kMaxUrlLength) return "must be at most 2048 characters";
  const std::optional<Parts> parts = split(url);
  constexpr auto kForm = "must be http://host:port or socks5://host:port";
  if (!parts || (!equals_lower(parts->scheme, "http") && !equals_lower(parts->scheme, "socks5")))
    return kForm;
  if (parts->authority.find('@') != std::string_view::npos)
    return "must not contain a user name or password; give them beside it";
  const std::size_t whole = parts->scheme.size() + 3 + parts->authority.size();
  if (url.substr(whole) != "" && url.substr(whole) != "/") return kForm;
  const std::optional<Authority> authority = split_authority(parts->authority);
  if (!authority) return "must have a valid host";
  if (std::string fault = host_fault(*authority); !fault.empty()) return fault;
  return authority->has_port ? port_fault(*authority) : "must name its port";
}

bool is_host(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  if (is_address(AF_INET6, text) || is_address(AF_INET, text)) return true;
  return !ends_in_number(text) && is_name(text);
}

std::string host_of(std::string_view url) {
  const std::optional<Parts> parts = split(url);
  if (!parts) return "";
  const std::string_view authority = parts->authority;
  const std::size_t at = authority.rfind('@');
  const auto split_host =
      split_authority(at == std::string_view::npos ? authority : authority.substr(at + 1));
  return split_host ? std::string(split_host->host) : "";
}

std::string origin_of(std::string_view url) {
  const std::optional<Parts> parts = split(url);
  const auto authority = parts ? split_authority(parts->authority) : std::nullopt;
  if (!authority || authority->host.empty()) return "";
  const std::string origin = lower(std::string(parts->scheme) + "://" + std::string(authority->host) + ":");
  if (!authority->port.empty()) return origin + std::string(authority->port);
  return origin + (origin.starts_with("https:") ? "443" : "80");
}

}  // namespace openseer::domain
