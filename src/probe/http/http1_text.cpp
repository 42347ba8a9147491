#include "probe/http/http1_text.h"

#include <boost/beast/http/error.hpp>

namespace openseer::probe::http {
namespace {

namespace beast = boost::beast::http;
using domain::Reason;

std::size_t size_of_headers(const Message& message) {
  std::size_t size = 0;
  for (const domain::Header& header : message.headers) size += header.name.size() + header.value.size() + 4;
  return size;
}

}  // namespace

std::string http1_head(const Message& message) {
  const std::string& target = message.absolute.empty() ? message.path : message.absolute;
  std::string out;
  out.reserve(message.method.size() + target.size() + message.authority.size() + size_of_headers(message) +
              64 + message.body.size());
  out.append(message.method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ");
  out.append(message.authority).append("\r\n");
  for (const domain::Header& header : message.headers) {
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  if (!message.body.empty() || message.sends_length) {
    out.append("Content-Length: ").append(std::to_string(message.body.size())).append("\r\n");
  }
  return out.append("\r\n");
}

bool has_bare_line_feed(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('\n', from); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

Fault http1_fault(const boost::system::error_code& error, bool in_body, bool status_line_good,
                  std::size_t header_limit) {
  if (error == beast::error::header_limit) {
    return {Reason::kHeaderLimit,
            "the answer's header is larger than " + std::to_string(header_limit) + " bytes"};
  }
  if (error == beast::error::multiple_content_length) {
    return {Reason::kMalformedLength,
            "the answer has several Content-Length headers that contradict each other"};
  }
  if (error == beast::error::bad_content_length) {
    return {Reason::kMalformedLength,
            "the answer's Content-Length is not a number, or stands beside Transfer-Encoding"};
  }
  if (error == beast::error::bad_transfer_encoding) {
    return {Reason::kMalformedLength,
            "the answer has both Content-Length and Transfer-Encoding, or the latter twice"};
  }
  if (in_body) {
    // Trailers are header lines as well.
    if (error == beast::error::bad_field || error == beast::error::bad_value) {
      return {Reason::kMalformedChunk, "the lines after the last chunk are malformed"};
    }
    return {Reason::kMalformedChunk, "the size or the end of a chunk is malformed"};
  }
  if (!status_line_good) return {Reason::kMalformedStatusLine, "the answer's status line is malformed"};
  if (error == beast::error::bad_line_ending) {
    return {Reason::kMalformedHeader, "a line of the answer's header does not end with CR LF"};
  }
  if (error == beast::error::bad_value || error == beast::error::bad_obs_fold) {
    return {Reason::kMalformedHeader, "the value of one of the answer's headers is malformed"};
  }
  return {Reason::kMalformedHeader, "the name of one of the answer's headers is malformed"};
}

}  // namespace openseer::probe::http
