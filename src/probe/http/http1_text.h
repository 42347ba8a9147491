#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "probe/http/exchange.h"

// How HTTP/1.1 requests are written, and what Beast's errors mean. Pure.
namespace openseer::probe::http {

// From the request line to the empty line (RFC 9112, section 3).
std::string http1_head(const Message& message);

// Whether a line in `text` ends without a carriage return, from `from` on.
bool has_bare_line_feed(std::string_view text, std::size_t from);

// Of an answer that Beast's parser refused: while its body was read or its header,
// whose status line was good or not.
Fault http1_fault(const boost::system::error_code& error, bool in_body, bool status_line_good,
                  std::size_t header_limit);

}  // namespace openseer::probe::http
