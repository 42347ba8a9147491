#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace openseer::http {

struct Target {
  std::string path;
  std::string query;
};

// Reads a request target in origin or absolute form (RFC 9112, 3.2): decodes the
// path's percent escapes, then removes its dot segments (RFC 3986, 5.2.4), so
// that an escaped ".." climbs no further than a plain one. Empty when an escape
// is broken, the path is not UTF-8, or it holds a control character.
std::optional<Target> parse_target(std::string_view target);

}  // namespace openseer::http
