#include "http/target.h"

#include <algorithm>

#include "http/fields.h"
#include "http/utf8.h"

namespace openseer::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// `path` starts with '/'.
std::string without_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool directory = false;  // whether the result ends with '/'
  path.remove_prefix(1);
  for (bool more = true; more;) {
    const auto end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    more = end != std::string_view::npos;
    if (more) path.remove_prefix(end + 1);
    directory = !more && (segment == "." || segment == "..");
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
  }
  std::string result;
  for (const std::string_view segment : kept) result.append("/").append(segment);
  if (directory || result.empty()) result += '/';
  return result;
}

}  // namespace

std::optional<Target> parse_target(std::string_view target) {
  bool absolute = false;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size() || !same_name(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    absolute = true;
    break;
  }
  const auto mark = target.find('?');
  std::string_view path = target.substr(0, mark);
  if (path.empty() && absolute) path = "/";
  if (!path.starts_with('/') || target.find('#') != std::string_view::npos) return std::nullopt;

  std::optional<std::string> decoded = percent_decoded(path);
  if (!decoded || !is_utf8(*decoded)) return std::nullopt;
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  if (std::any_of(decoded->begin(), decoded->end(), control)) return std::nullopt;
  return Target{without_dot_segments(*decoded),
                std::string(mark == std::string_view::npos ? "" : target.substr(mark + 1))};
}

}  // namespace openseer::http
