#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "http/server.h"

namespace openseer::http {

enum class Framing {
  kLength,   // Content-Length
  kChunked,  // Transfer-Encoding: chunked
  kClose,    // the end of the connection ends the body (HTTP/1.0 streams)
  kNone,     // a status that has no body (204, 304)
};

// The status line and header of a response, blank line included. Adds Date,
// the framing's field, and "Connection: close" unless `keep_alive`.
std::string response_head(int status, const Headers& headers, Framing framing, std::size_t length,
                          bool keep_alive, bool http_1_0);

// A short answer in plain text that a person may see.
Response text_response(int status, std::string_view text);

}  // namespace openseer::http
