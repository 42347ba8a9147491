#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/probe/http/conversation.h"

namespace openseer::probe::http::test {
namespace {

using domain::HttpVersion;
using domain::Reason;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Http1Request, IsWrittenAsRfc9112Says) {
  Message message = get("/a?b=c");
  message.headers = {{"Accept", "*/*"}, {"X-Twice", "1"}, {"X-Twice", "2"}};
  auto http = make_http1();
  http->begin(message, {});
  EXPECT_FALSE(http->request_sent());
  EXPECT_EQ(sent_by(*http),
            "GET /a?b=c HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n");
  EXPECT_TRUE(http->request_sent());
}

TEST(Http1Request, HasItsBodyAndLength) {
  auto http = make_http1();
  http->begin(request("POST", "hello"), {});
  EXPECT_EQ(sent_by(*http), "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(Http1Request, SaysThatABodyIsEmptyWhereOneIsExpected) {
  Message message = request("PUT");
  message.sends_length = true;
  auto http = make_http1();
  http->begin(message, {});
  EXPECT_THAT(sent_by(*http), HasSubstr("Content-Length: 0\r\n"));
}

TEST(Http1Request, SendsALargeBodyInAsManyWritesAsItTakes) {
  const std::string body(100'000, 'x');
  auto http = make_http1();
  http->begin(request("POST", body), {});
  std::string all;
  while (!http->output().empty()) {
    EXPECT_FALSE(http->request_sent());
    const std::string_view piece = http->output().substr(0, 7'001);
    all += piece;
    http->sent(piece.size());
  }
  EXPECT_TRUE(http->request_sent());
  EXPECT_EQ(all, "POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 100000\r\n\r\n" + body);
}

TEST(Http1Request, NamesTheWholeUrlToAProxy) {
  Message message = get();
  message.absolute = "http://example.com/x";
  auto http = make_http1();
  http->begin(message, {});
  EXPECT_THAT(sent_by(*http), StartsWith("GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n"));
}

class Http1Answer : public testing::TestWithParam<std::size_t> {
 protected:
  static std::unique_ptr<Exchange> exchange(std::string_view bytes, std::optional<End> end = {},
                                            Message message = get(), ExchangeLimits limits = {}) {
    return exchange1(bytes, GetParam(), end, std::move(message), limits);
  }
  static Fault fault(std::string_view bytes, std::optional<End> end = {}, ExchangeLimits limits = {}) {
    const auto http = exchange(bytes, end, get(), limits);
    EXPECT_TRUE(http->failed()) << bytes;
    EXPECT_FALSE(http->reusable());
    return http->fault();
  }
  static Reason reason(std::string_view bytes, std::optional<End> end = {}) {
    return fault(bytes, end).reason;
  }
};
INSTANTIATE_TEST_SUITE_P(InPiecesOf, Http1Answer, testing::ValuesIn(kSteps));

TEST_P(Http1Answer, WithLengthIsRead) {
  const auto http = exchange("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello");
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().status, 200);
  EXPECT_EQ(http->answer().version, HttpVersion::k1_1);
  EXPECT_EQ(http->answer().headers.find("x-a"), "b");
  EXPECT_EQ(http->answer().body, "hello");
  EXPECT_EQ(http->answer().wire_bytes, 5U);
  EXPECT_EQ(http->answer().decoded_bytes, 5U);
  EXPECT_TRUE(http->reusable());
}

TEST_P(Http1Answer, InChunksIsRead) {
  const auto http = exchange(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;ext=\"v\"\r\n "
      "\r\n5\r\nworld\r\n0\r\nX-Trailer: t\r\n\r\n");
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().body, "hello world");
  EXPECT_EQ(http->answer().wire_bytes, 11U);
  EXPECT_FALSE(http->answer().headers.find("x-trailer"));
  EXPECT_TRUE(http->reusable());
}

TEST_P(Http1Answer, UntilTheEndOfTheStreamIsRead) {
  const auto http = exchange("HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello", End::kClosed);
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().version, HttpVersion::k1_0);
  EXPECT_EQ(http->answer().body, "hello");
  EXPECT_FALSE(http->reusable());
}

TEST_P(Http1Answer, UntilTheEndOfTheStreamMayBeEmpty) {
  const auto http = exchange("HTTP/1.1 200 OK\r\n\r\n", End::kClosed);
  EXPECT_TRUE(http->done()) << http->fault().message;
}

TEST_P(Http1Answer, MayLeaveOutTheSpaceBeforeNoReason) {
  const auto http = exchange("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().status, 404);
}

TEST_P(Http1Answer, MayHaveAStatusBeyond599) {
  EXPECT_EQ(exchange("HTTP/1.1 999 No\r\nContent-Length: 0\r\n\r\n")->answer().status, 999);
}

TEST_P(Http1Answer, AfterInterimAnswersIsTheFinalOne) {
  const auto http = exchange(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 "
      "Created\r\nContent-Length: 0\r\nX: y\r\n\r\n");
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().status, 201);
  EXPECT_FALSE(http->answer().headers.find("link"));
  EXPECT_EQ(http->answer().headers.find("x"), "y");
}

TEST_P(Http1Answer, ThatSwitchesProtocolsIsFinal) {
  const auto http =
      exchange("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  ASSERT_TRUE(http->done());
  EXPECT_EQ(http->answer().status, 101);
  EXPECT_FALSE(http->reusable());
}

TEST_P(Http1Answer, ToHeadHasNoBody) {
  const auto http = exchange("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n", {},
                             request("HEAD"));
  EXPECT_TRUE(http->done()) << http->fault().message;
  EXPECT_TRUE(http->reusable());
}

TEST_P(Http1Answer, WithoutContentHasNoBody) {
  EXPECT_TRUE(exchange("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n")->done());
  EXPECT_TRUE(exchange("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n")->done());
}

TEST_P(Http1Answer, KeepsTheConnectionOnlyWhenItSaysSo) {
  EXPECT_FALSE(exchange("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")->reusable());
  EXPECT_FALSE(exchange("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")->reusable());
  EXPECT_TRUE(exchange("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n")->reusable());
  EXPECT_FALSE(
      exchange("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n")
          ->reusable());
}

TEST_P(Http1Answer, WithMoreBehindItEndsTheConnection) {
  const auto http = exchange("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello");
  EXPECT_TRUE(http->done());
  EXPECT_EQ(http->answer().body, "he");
  EXPECT_FALSE(http->reusable());
}

TEST_P(Http1Answer, FoldedHeadersAreOneLine) {
  const auto http = exchange("HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(http->answer().headers.find("x-long"), "a b");
}

TEST_P(Http1Answer, KeepsOnlyTheBeginningOfTheBody) {
  const auto http =
      exchange("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", {}, get(), {.kept_bytes = 3});
  EXPECT_EQ(http->answer().body, "hel");
  EXPECT_TRUE(http->answer().body_truncated);
  EXPECT_EQ(http->answer().decoded_bytes, 5U);
}

// --- what can be wrong ---

TEST_P(Http1Answer, ThatIsNotHttpHasAMalformedStatusLine) {
  const Fault ssh = fault("SSH-2.0-OpenSSH_9.2p1\r\n");
  EXPECT_EQ(ssh.reason, Reason::kMalformedStatusLine);
  EXPECT_THAT(ssh.message, HasSubstr("begins with \"S"));
  EXPECT_EQ(reason("HTTP/2 200\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("ICY 200 OK\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("<html>"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("\r\nHTTP/1.1 200 OK\r\n\r\n"), Reason::kMalformedStatusLine);
}

TEST_P(Http1Answer, WithoutAProperStatusHasAMalformedStatusLine) {
  EXPECT_EQ(reason("HTTP/1.1\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("HTTP/1.1 20 OK\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("HTTP/1.1 2000 OK\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("HTTP/1.1 abc OK\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("HTTP/1.1 000 OK\r\n\r\n"), Reason::kMalformedStatusLine);
  EXPECT_EQ(reason("HTTP/1.2 200 OK\r\n\r\n"), Reason::kMalformedStatusLine);
}

TEST_P(Http1Answer, WithAMalformedHeaderName) {
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n"), Reason::kMalformedHeader);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nName : x\r\n\r\n"), Reason::kMalformedHeader);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"), Reason::kMalformedHeader);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\n: x\r\n\r\n"), Reason::kMalformedHeader);
}

TEST_P(Http1Answer, WithAMalformedHeaderValue) {
  EXPECT_EQ(reason(std::string("HTTP/1.1 200 OK\r\nA: x\0y\r\n\r\n", 27)), Reason::kMalformedHeader);
}

TEST_P(Http1Answer, WithBareLineFeedsIsSeenAtOnce) {
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\n"), Reason::kMalformedHeader);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\nA"), Reason::kMalformedStatusLine);
}

TEST_P(Http1Answer, WithAMalformedLength) {
  for (const char* length : {"-1", "+1", "1x", "0x10", "", "99999999999999999999", "5 5", "5,", "1e3"}) {
    EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(length) + "\r\n\r\nhello"),
              Reason::kMalformedLength)
        << length;
  }
}

TEST_P(Http1Answer, WithContradictoryLengths) {
  const Fault twice = fault("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
  EXPECT_EQ(twice.reason, Reason::kMalformedLength);
  EXPECT_THAT(twice.message, HasSubstr("contradict"));
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!"), Reason::kMalformedLength);
  EXPECT_TRUE(exchange("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello")->done());
}

TEST_P(Http1Answer, WithLengthAndChunksIsRefused) {
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            Reason::kMalformedLength);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
            Reason::kMalformedLength);
}

TEST_P(Http1Answer, WithAnotherTransferCodingIsRefused) {
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            Reason::kMalformedHeader);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
            Reason::kMalformedHeader);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
            Reason::kMalformedHeader);
}

TEST_P(Http1Answer, WithAMalformedChunk) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* chunk :
       {"x\r\nhello\r\n", "5\r\nhelloworld\r\n", "-5\r\nhello\r\n", "\r\nhello\r\n", " 5\r\nhello\r\n",
        "fffffffffffffffff\r\nhello", "5\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\nbad trailer\r\n\r\n"}) {
    EXPECT_EQ(reason(head + chunk), Reason::kMalformedChunk) << chunk;
  }
}

TEST_P(Http1Answer, WithAnEndlessChunkLineIsStopped) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;";
  EXPECT_EQ(reason(head + std::string(20'000, 'x')), Reason::kMalformedChunk);
}

TEST_P(Http1Answer, WithEndlessTrailersIsStopped) {
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
  for (int i = 0; i < 10'000; ++i) bytes += "X-Trailer: x\r\n";
  EXPECT_EQ(reason(bytes), Reason::kHeaderLimit);
}

TEST_P(Http1Answer, WithATooLargeHeaderIsStopped) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  EXPECT_EQ(fault(head + "X: " + std::string(5'000, 'x'), {}, {.header_bytes = 4'096}).reason,
            Reason::kHeaderLimit);
  std::string many = head;
  for (int i = 0; i < 1'000; ++i) many += "X-Header: x\r\n";
  const Fault sum = fault(many, {}, {.header_bytes = 4'096});
  EXPECT_EQ(sum.reason, Reason::kHeaderLimit);
  EXPECT_THAT(sum.message, HasSubstr("4096 bytes"));
  EXPECT_EQ(fault(std::string("HTTP/1.1 200 ") + std::string(5'000, 'x'), {}, {.header_bytes = 4'096}).reason,
            Reason::kHeaderLimit);
}

TEST_P(Http1Answer, ThatIsAlwaysInterimIsStopped) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(reason(bytes), Reason::kMalformedStatusLine);
}

TEST_P(Http1Answer, LargerThanTheLimitIsStopped) {
  const Fault large = fault("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2'000, 'x'), {},
                            {.wire_bytes = 1'000});
  EXPECT_EQ(large.reason, Reason::kBodyLimit);
  EXPECT_EQ(large.message, "the body is larger than 1000 bytes");
  EXPECT_EQ(fault("HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000, 'x'), {}, {.wire_bytes = 1'000}).reason,
            Reason::kBodyLimit);
  EXPECT_EQ(fault("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2'000, 'x'),
                  {}, {.wire_bytes = 1'000})
                .reason,
            Reason::kBodyLimit);
}

// --- where it ends too early ---

TEST_P(Http1Answer, ThatNeverCameIsTold) {
  EXPECT_EQ(fault("", End::kClosed).message, "the server closed the connection without an answer");
  EXPECT_EQ(reason("", End::kClosed), Reason::kRequestReset);
  EXPECT_EQ(reason("", End::kReset), Reason::kRequestReset);
}

TEST_P(Http1Answer, ThatEndsWithinItsHeaders) {
  EXPECT_EQ(reason("HTTP/1.1 20", End::kClosed), Reason::kHeaderReset);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-", End::kReset), Reason::kHeaderReset);
  EXPECT_EQ(reason("HTTP/1.1 100 Continue\r\n\r\n", End::kClosed), Reason::kHeaderReset);
}

TEST_P(Http1Answer, ThatIsMalformedWhereItEndsIsCalledSo) {
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nA: b\r\nBad Name: x\r\nC:", End::kClosed), Reason::kMalformedHeader);
}

TEST_P(Http1Answer, ThatEndsWithinItsBody) {
  const Fault cut = fault("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", End::kClosed);
  EXPECT_EQ(cut.reason, Reason::kBodyReset);
  EXPECT_THAT(cut.message, HasSubstr("after 5 of 10 bytes"));
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", End::kReset), Reason::kBodyReset);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", End::kClosed),
            Reason::kBodyReset);
  EXPECT_EQ(reason("HTTP/1.1 200 OK\r\n\r\nhello", End::kReset), Reason::kBodyReset);
}

TEST_P(Http1Answer, LeavesTheAnswerSoFarBehind) {
  const auto http = exchange("HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\nhello", End::kReset);
  EXPECT_EQ(http->answer().status, 503);
  EXPECT_EQ(http->answer().body, "hello");
}

// --- one after another ---

TEST(Http1Connection, CarriesOneExchangeAfterAnother) {
  auto http = make_http1();
  for (int i = 0; i < 3; ++i) {
    http->begin(get("/" + std::to_string(i)), {});
    EXPECT_THAT(sent_by(*http), StartsWith("GET /" + std::to_string(i)));
    EXPECT_EQ(http->stage(), Stage::kWaiting);
    feed(*http, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(i), 3);
    ASSERT_TRUE(http->done());
    EXPECT_EQ(http->answer().body, std::to_string(i));
    ASSERT_TRUE(http->reusable());
  }
}

TEST(Http1Connection, IsOverWhenItEndsOrSpeaksWhileIdle) {
  auto closed = exchange1("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1'000);
  closed->end(End::kClosed);
  EXPECT_FALSE(closed->reusable());
  EXPECT_FALSE(closed->failed());
  auto talks = exchange1("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1'000);
  talks->receive("HTTP/1.1 408 Request Timeout\r\n\r\n");
  EXPECT_FALSE(talks->reusable());
}

TEST(Http1Connection, GivenUpBeforeAnAnswerMayBeTriedAgain) {
  auto http = exchange1("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 1'000);
  http->begin(get(), {});
  http->end(End::kReset);
  EXPECT_TRUE(http->retryable());
  EXPECT_FALSE(exchange1("", 1, End::kReset)->retryable()) << "a new connection tells about the server";
}

TEST(Http1Connection, AnEarlyAnswerIsReadThoughTheRequestCannotBeSent) {
  auto http = make_http1();
  http->begin(request("POST", std::string(100'000, 'x')), {});
  http->sent(100);
  http->stop_sending();
  EXPECT_TRUE(http->output().empty());
  http->receive("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(http->done());
  EXPECT_EQ(http->answer().status, 413);
  EXPECT_FALSE(http->reusable());
}

TEST(Http1Connection, StagesComeInOrder) {
  auto http = make_http1();
  EXPECT_EQ(http->stage(), Stage::kIdle);
  http->begin(get(), {});
  EXPECT_EQ(http->stage(), Stage::kWaiting);
  http->receive("H");
  EXPECT_EQ(http->stage(), Stage::kHeader);
  http->receive("TTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(http->stage(), Stage::kBody);
  http->receive("ab");
  EXPECT_EQ(http->stage(), Stage::kDone);
}

}  // namespace
}  // namespace openseer::probe::http::test
