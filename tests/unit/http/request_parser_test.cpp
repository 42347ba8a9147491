#include "http/request_parser.h"

#include <gtest/gtest.h>

#include "http/target.h"

namespace openseer::http {
namespace {

using namespace std::string_view_literals;
using State = RequestParser::State;

Limits small_limits() {
  Limits limits;
  limits.header_bytes = 512;
  limits.body_bytes = 64;
  return limits;
}

// Feeds `bytes` in pieces of `piece` and returns what is left over.
std::string feed(RequestParser& parser, std::string_view bytes, std::size_t piece = 4096) {
  std::string input;
  while (true) {
    const std::size_t n = std::min(piece, bytes.size());
    input.append(bytes.substr(0, n));
    bytes.remove_prefix(n);
    for (std::size_t used = 1; used > 0 && !input.empty();) {
      used = parser.put(input);
      input.erase(0, used);
    }
    const bool over = parser.state() == State::kComplete || parser.state() == State::kFailed;
    if (over || bytes.empty()) return input.append(bytes);
  }
}

int status_of(std::string_view request) {
  RequestParser parser(small_limits());
  feed(parser, request);
  return parser.state() == State::kFailed ? parser.status() : 0;
}

TEST(RequestParser, ReadsARequestInPiecesOfAnySize) {
  for (const std::size_t piece : {1, 2, 3, 7, 4096}) {
    RequestParser parser(small_limits());
    const auto rest =
        feed(parser,
             "\r\nPOST /a%20b/../c?x=%31 HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nContent-Length: 5\r\n\r\n"
             "helloGET /",
             piece);
    ASSERT_EQ(parser.state(), State::kComplete) << piece;
    EXPECT_TRUE(parser.keep_alive());
    const Request request = parser.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/c");
    EXPECT_EQ(request.query, "x=%31");
    EXPECT_EQ(request.headers.get("x-one"), "1");
    EXPECT_EQ(request.body, "hello");
    EXPECT_EQ(rest, "GET /");
  }
}

TEST(RequestParser, ReadsChunkedBodiesAndKeepsTrailersOut) {
  for (const std::size_t piece : {1, 5, 4096}) {
    RequestParser parser(small_limits());
    feed(parser,
         "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3;ext=1\r\nabc\r\nA\r\n0123456789\r\n0\r\nCookie: smuggled=1\r\n\r\n",
         piece);
    ASSERT_EQ(parser.state(), State::kComplete) << piece;
    const Request request = parser.take();
    EXPECT_EQ(request.body, "abc0123456789");
    EXPECT_EQ(request.headers.get("Cookie"), "");
  }
}

TEST(RequestParser, RefusesLengthsThatAreWrongOrAmbiguous) {
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(status_of(start + "Content-Length: x\r\n\r\n"), 400);
  EXPECT_EQ(status_of(start + "Content-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(status_of(start + "Content-Length: 1 2\r\n\r\n"), 400);
  EXPECT_EQ(status_of(start + "Content-Length: 99999999999999999999999\r\n\r\n"), 400);
  EXPECT_EQ(status_of(start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400);
  EXPECT_EQ(status_of(start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesWhatItDoesNotImplement) {
  const std::string host = "Host: h\r\n";
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n"), 501);
  EXPECT_EQ(status_of("BREW / HTTP/1.1\r\n" + host + "\r\n"), 501);
  EXPECT_EQ(status_of("CONNECT h:1 HTTP/1.1\r\n" + host + "\r\n"), 501);
  EXPECT_EQ(status_of("GET / HTTP/2.0\r\n" + host + "\r\n"), 505);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n" + host + "Expect: a-miracle\r\n\r\n"), 417);
}

TEST(RequestParser, RefusesWhatExceedsTheLimits) {
  const std::string start = "POST / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(status_of(start + "X: " + std::string(600, 'a') + "\r\n\r\n"), 431);
  EXPECT_EQ(status_of(start + "X: " + std::string(600, 'a')), 431) << "before the header's end";
  EXPECT_EQ(status_of(start + "Content-Length: 65\r\n\r\n"), 413) << "before the body comes";
  EXPECT_EQ(
      status_of(start + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'a') + "\r\n1\r\n"),
      413);
  EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\n1;x=" + std::string(20'000, 'a')), 400);
}

TEST(RequestParser, NeedsExactlyOneHost) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(RequestParser, RefusesTextThatIsNotHttp) {
  EXPECT_EQ(status_of("hello\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv), 400);
  EXPECT_EQ(status_of("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
}

TEST(RequestParser, AsksForABodyThatWaitsForContinue) {
  RequestParser parser(small_limits());
  feed(parser, "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(parser.state(), State::kBody);
  EXPECT_TRUE(parser.expects_continue());
}

TEST(Target, DecodesThenRemovesDotSegments) {
  const auto path = [](std::string_view target) { return parse_target(target)->path; };
  EXPECT_EQ(path("/"), "/");
  EXPECT_EQ(path("/a/b"), "/a/b");
  EXPECT_EQ(path("/a/./b/"), "/a/b/");
  EXPECT_EQ(path("/a/.."), "/");
  EXPECT_EQ(path("/../../etc/passwd"), "/etc/passwd");
  EXPECT_EQ(path("/%2e%2E/%2e%2e/etc/passwd"), "/etc/passwd");
  EXPECT_EQ(path("/a/..%2f..%2fb"), "/b");
  EXPECT_EQ(path("/monitors/%5Bid%5D.js"), "/monitors/[id].js");
  EXPECT_EQ(path("/gr%C3%BCn"), "/gr\xC3\xBCn");
  EXPECT_EQ(path("http://example.org/x?y"), "/x");
  EXPECT_EQ(path("https://example.org"), "/");
}

TEST(Target, RefusesBrokenEscapesControlCharactersAndOtherForms) {
  for (const std::string_view target : {"", "*", "a", "/%", "/%4", "/%zz", "/%00", "/a%0d%0ab", "/%ff",
                                        "/%c0%af", "/%ed%a0%80", "/a#b", "ftp://h/"}) {
    EXPECT_FALSE(parse_target(target)) << target;
  }
}

}  // namespace
}  // namespace openseer::http
