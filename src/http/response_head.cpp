#include "http/response_head.h"

#include <ctime>

#include <boost/beast/http/status.hpp>

#include "http/fields.h"
#include "http/static_files.h"

namespace openseer::http {
namespace {

std::string_view reason_of(int status) {
  if (status == 499) return "Client Closed Request";
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  if (known == boost::beast::http::status::unknown) return "Unknown";
  const auto reason = boost::beast::http::obsolete_reason(known);
  return {reason.data(), reason.size()};
}

// RFC 9110, 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

bool belongs_to_the_server(std::string_view name) {
  return same_name(name, "Content-Length") || same_name(name, "Transfer-Encoding") ||
         same_name(name, "Connection") || same_name(name, "Date");
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string response_head(int status, const Headers& headers, Framing framing, std::size_t length,
                          bool keep_alive, bool http_1_0) {
  std::string head = "HTTP/1.1 " + std::to_string(status) + ' ';
  head.append(reason_of(status)).append("\r\n");
  append_field(head, "Date", http_date(std::time(nullptr)));
  for (const auto& [name, value] : headers.all()) {
    if (!belongs_to_the_server(name)) append_field(head, name, value);
  }
  if (framing == Framing::kLength) append_field(head, "Content-Length", std::to_string(length));
  if (framing == Framing::kChunked) append_field(head, "Transfer-Encoding", "chunked");
  if (!keep_alive || framing == Framing::kClose) {
    append_field(head, "Connection", "close");
  } else if (http_1_0) {
    append_field(head, "Connection", "keep-alive");
  }
  head += "\r\n";
  return head;
}

Response text_response(int status, std::string_view text) {
  Response response{.status = status, .headers = {}, .body = std::string(text) + '\n', .static_body = {}};
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.headers.set("Cache-Control", "no-store");
  add_security_headers(response, false);
  return response;
}

}  // namespace openseer::http
