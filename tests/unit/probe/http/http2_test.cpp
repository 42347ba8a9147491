// The other side is nghttp2's server where it behaves, and frames written by hand
// (RFC 9113, section 4) where it does not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/probe/http/conversation.h"
#include "unit/probe/http/http2_server.h"

namespace openseer::probe::http::test {
namespace {

using domain::HttpVersion;
using domain::Reason;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint8_t kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6, kGoAway = 7,
                       kContinuation = 9;
constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4;

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 255);
  return out;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  const std::string& payload = "") {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) +
         static_cast<char>(flags) + number(stream, 4) + payload;
}

// A literal field without indexing (RFC 7541, section 6.2.2).
std::string field(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) +
         value;
}

const std::string kHello = frame(kSettings, 0, 0);
const std::string kOk = field(":status", "200");

std::string headers(const std::string& block, std::uint8_t flags = kEndHeaders, std::uint32_t stream = 1) {
  return frame(kHeaders, flags, stream, block);
}

class Http2Answer : public testing::TestWithParam<std::size_t> {
 protected:
  static std::unique_ptr<Exchange> exchange(const std::string& bytes, std::optional<End> end = {},
                                            Message message = get(), ExchangeLimits limits = {}) {
    auto http = make_http2();
    http->begin(std::move(message), limits);
    sent_by(*http);
    feed(*http, bytes, GetParam());
    if (end && !http->failed()) http->end(*end);
    return http;
  }
  static Fault fault(const std::string& bytes, std::optional<End> end = {}, ExchangeLimits limits = {}) {
    const auto http = exchange(bytes, end, get(), limits);
    EXPECT_TRUE(http->failed());
    EXPECT_FALSE(http->reusable());
    EXPECT_FALSE(http->fault().message.empty());
    return http->fault();
  }
};
INSTANTIATE_TEST_SUITE_P(InPiecesOf, Http2Answer, testing::ValuesIn(kSteps));

TEST_P(Http2Answer, IsRead) {
  const auto http = exchange(kHello + headers(kOk + field("x-a", "b")) + frame(kData, 0, 1, "hel") +
                             frame(kData, kEndStream, 1, "lo"));
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().status, 200);
  EXPECT_EQ(http->answer().version, HttpVersion::k2);
  EXPECT_EQ(http->answer().headers.find("x-a"), "b");
  EXPECT_EQ(http->answer().headers.size(), 1U);
  EXPECT_EQ(http->answer().body, "hello");
  EXPECT_EQ(http->answer().wire_bytes, 5U);
  EXPECT_TRUE(http->reusable());
}

TEST_P(Http2Answer, WithoutABodyEndsWithItsHeaders) {
  EXPECT_TRUE(exchange(kHello + headers(kOk, kEndHeaders | kEndStream))->done());
}

TEST_P(Http2Answer, AfterInterimAnswersIsTheFinalOne) {
  const auto http = exchange(kHello + headers(field(":status", "103") + field("link", "x")) +
                             headers(kOk, kEndHeaders | kEndStream));
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().status, 200);
  EXPECT_FALSE(http->answer().headers.find("link"));
}

TEST_P(Http2Answer, TrailersAreIgnored) {
  const auto http = exchange(kHello + headers(kOk) + frame(kData, 0, 1, "x") +
                             headers(field("x-trailer", "t"), kEndHeaders | kEndStream));
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().headers.size(), 0U);
}

TEST_P(Http2Answer, ToHeadHasNoBodyWhateverItsLength) {
  const auto http = exchange(kHello + headers(kOk + field("content-length", "10"), kEndHeaders | kEndStream),
                             {}, request("HEAD"));
  EXPECT_TRUE(http->done()) << http->fault().message;
}

TEST_P(Http2Answer, InHttp1MeansThatHttp2IsRefused) {
  EXPECT_EQ(fault("HTTP/1.1 400 Bad Request\r\n\r\n").reason, Reason::kHttpVersionRefused);
}

TEST_P(Http2Answer, ThatIsNoHttp2IsTold) {
  EXPECT_EQ(fault("SSH-2.0-OpenSSH\r\n").reason, Reason::kMalformedHttp2);
  EXPECT_EQ(fault(frame(kData, 0, 1, "x")).reason, Reason::kMalformedHttp2);
  EXPECT_EQ(fault(kHello + frame(kData, 0, 1, std::string(20'000, 'x'))).reason, Reason::kMalformedHttp2)
      << "frame too large";
  EXPECT_EQ(fault(kHello + frame(kPing, 0, 0, "short")).reason, Reason::kMalformedHttp2);
}

TEST_P(Http2Answer, WithABrokenHeaderBlockIsTold) {
  EXPECT_EQ(fault(kHello + headers("\xff\xff\xff\xff\xff\xff\xff\xff")).reason, Reason::kMalformedHttp2);
}

TEST_P(Http2Answer, WithAMalformedHeaderIsTold) {
  EXPECT_EQ(fault(kHello + headers(kOk + field("X-Upper", "b"))).reason, Reason::kMalformedHeader);
  EXPECT_EQ(fault(kHello + headers(kOk + field("bad name", "b"))).reason, Reason::kMalformedHeader);
  EXPECT_EQ(fault(kHello + headers(kOk + field("x", "a\nb"))).reason, Reason::kMalformedHeader);
  EXPECT_EQ(fault(kHello + headers(kOk + field("connection", "close"))).reason, Reason::kMalformedHeader);
  EXPECT_EQ(fault(kHello + headers(field("x-a", "no status"))).reason, Reason::kMalformedHeader);
  EXPECT_EQ(fault(kHello + headers(field(":status", "abc"))).reason, Reason::kMalformedHeader);
  EXPECT_EQ(fault(kHello + headers(field(":status", "006"))).reason, Reason::kMalformedHeader);
}

TEST_P(Http2Answer, WithAWrongLengthIsTold) {
  EXPECT_EQ(fault(kHello + headers(kOk + field("content-length", "9")) + frame(kData, kEndStream, 1, "hello"))
                .reason,
            Reason::kMalformedLength);
  EXPECT_EQ(fault(kHello + headers(kOk + field("content-length", "2")) + frame(kData, kEndStream, 1, "hello"))
                .reason,
            Reason::kMalformedLength);
}

TEST_P(Http2Answer, WithATooLargeHeaderIsStopped) {
  std::string block = kOk;
  for (int i = 0; i < 100; ++i) block += field("x-" + std::to_string(i), std::string(100, 'x'));
  EXPECT_EQ(fault(kHello + headers(block), {}, {.header_bytes = 4'096}).reason, Reason::kHeaderLimit);
}

TEST_P(Http2Answer, LargerThanTheLimitIsStopped) {
  std::string bytes = kHello + headers(kOk);
  for (int i = 0; i < 20; ++i) bytes += frame(kData, 0, 1, std::string(100, 'x'));
  EXPECT_EQ(fault(bytes, {}, {.wire_bytes = 1'000}).reason, Reason::kBodyLimit);
}

// --- how it ends too early ---

TEST_P(Http2Answer, ThatIsResetIsToldByHowFarItCame) {
  const std::string reset = frame(kReset, 0, 1, number(2, 4));
  const Fault early = fault(kHello + reset);
  EXPECT_EQ(early.reason, Reason::kRequestReset);
  EXPECT_THAT(early.message, HasSubstr("INTERNAL_ERROR"));
  EXPECT_EQ(fault(kHello + headers(field(":status", "100")) + reset).reason, Reason::kHeaderReset);
  EXPECT_EQ(fault(kHello + headers(kOk) + frame(kData, 0, 1, "x") + reset).reason, Reason::kBodyReset);
  EXPECT_EQ(fault(kHello + headers(kOk) + frame(kReset, 0, 1, number(0, 4))).reason, Reason::kBodyReset);
}

TEST_P(Http2Answer, WithTheStreamClosedIsToldByHowFarItCame) {
  EXPECT_EQ(fault("", End::kClosed).reason, Reason::kRequestReset);
  EXPECT_EQ(fault(kHello, End::kReset).reason, Reason::kRequestReset);
  EXPECT_EQ(fault(kHello + headers(kOk, 0), End::kReset).reason, Reason::kHeaderReset);
  EXPECT_EQ(fault(kHello + headers(kOk), End::kReset).reason, Reason::kBodyReset);
}

TEST_P(Http2Answer, RefusedByResetOrGoAwayMayBeTriedAgain) {
  const auto refused = exchange(kHello + frame(kReset, 0, 1, number(7, 4)));
  EXPECT_EQ(refused->fault().reason, Reason::kRequestReset);
  EXPECT_TRUE(refused->retryable());
  const auto away = exchange(kHello + frame(kGoAway, 0, 0, number(0, 4) + number(0, 4)));
  EXPECT_EQ(away->fault().reason, Reason::kRequestReset);
  EXPECT_TRUE(away->retryable());
}

TEST_P(Http2Answer, AfterAGoAwayThatCoversItIsStillRead) {
  const auto http = exchange(kHello + frame(kGoAway, 0, 0, number(1, 4) + number(0, 4)) +
                             headers(kOk, kEndHeaders | kEndStream));
  EXPECT_TRUE(http->done()) << http->fault().message;
  EXPECT_FALSE(http->reusable());
}

TEST_P(Http2Answer, ThatWantsHttp1SaysSo) {
  EXPECT_EQ(fault(kHello + frame(kReset, 0, 1, number(13, 4))).reason, Reason::kHttpVersionRefused);
}

// --- floods ---

TEST_P(Http2Answer, FloodsOfControlFramesAreStopped) {
  const auto flood = [&](const std::string& of) {
    std::string bytes = kHello;
    for (int i = 0; i < 2'000; ++i) bytes += of;
    return fault(bytes).reason;
  };
  EXPECT_EQ(flood(frame(kPing, 0, 0, "12345678")), Reason::kMalformedHttp2);
  EXPECT_EQ(flood(frame(kSettings, 0, 0)), Reason::kMalformedHttp2);
  EXPECT_EQ(flood(headers(field(":status", "100"))), Reason::kMalformedHttp2);
}

TEST_P(Http2Answer, FloodsOfEmptyDataAreStopped) {
  std::string bytes = kHello + headers(kOk);
  for (int i = 0; i < 2'000; ++i) bytes += frame(kData, 0, 1);
  EXPECT_EQ(fault(bytes).reason, Reason::kMalformedHttp2);
}

TEST_P(Http2Answer, FloodsOfContinuationsAreStopped) {
  std::string bytes = kHello + headers(kOk, 0);
  for (int i = 0; i < 2'000; ++i) bytes += frame(kContinuation, 0, 1, field("x", "y"));
  const Reason reason = fault(bytes).reason;
  EXPECT_TRUE(reason == Reason::kMalformedHttp2 || reason == Reason::kHeaderLimit);
}

TEST(Http2Flood, OfPingsNobodyReadsTheAnswersToIsStopped) {
  auto http = make_http2();
  http->begin(get(), {});
  sent_by(*http);
  http->receive(kHello);
  for (int i = 0; i < 5'000 && !http->failed(); ++i) http->receive(frame(kPing, 0, 0, "12345678"));
  ASSERT_TRUE(http->failed());
  EXPECT_THAT(http->fault().message, HasSubstr("flood"));
}

// --- with a server that behaves ---

TEST(Http2, SendsWhatTheServerUnderstands) {
  Http2Server server;
  auto http = make_http2();
  Message message = request("POST", std::string(300'000, 'x'));
  message.headers = {{"X-Twice", "1"}, {"X-Twice", "2"}, {"Connection", "close"}};
  http->begin(message, {});
  server.answer_with("200", "fine");
  converse(*http, server);
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_TRUE(http->request_sent());
  EXPECT_EQ(http->answer().body, "fine");
  EXPECT_THAT(
      server.requests(),
      ElementsAre(":method: POST\n:scheme: http\n:authority: example.com\n:path: /\nx-twice: 1\nx-twice: 2\n"
                  "content-length: 300000\n"));
  EXPECT_EQ(server.received(), 300'000U);
}

TEST(Http2, ReadsALargeBodyThroughFlowControl) {
  Http2Server server;
  auto http = make_http2();
  http->begin(get(), {});
  server.answer_with("200", std::string(3'000'000, 'x'));
  converse(*http, server);
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().decoded_bytes, 3'000'000U);
  EXPECT_TRUE(http->answer().body_truncated);
}

TEST(Http2, CarriesOneExchangeAfterAnother) {
  Http2Server server;
  auto http = make_http2();
  for (int i = 0; i < 3; ++i) {
    http->begin(get("/" + std::to_string(i)), {});
    server.answer_with("200", std::to_string(i));
    converse(*http, server);
    ASSERT_TRUE(http->done()) << http->fault().message;
    EXPECT_EQ(http->answer().body, std::to_string(i));
    ASSERT_TRUE(http->reusable());
  }
  server.go_away();
  converse(*http, server);
  EXPECT_FALSE(http->reusable());
  EXPECT_FALSE(http->failed());
}

TEST(Http2, AnswersPingsWhileItIdles) {
  auto http = make_http2();
  http->begin(get(), {});
  sent_by(*http);
  http->receive(kHello + headers(kOk, kEndHeaders | kEndStream));
  sent_by(*http);
  http->receive(frame(kPing, 0, 0, "12345678"));
  EXPECT_EQ(sent_by(*http), frame(kPing, 1, 0, "12345678"));
  EXPECT_TRUE(http->reusable());
}

TEST(Http2, AnEarlyAnswerEndsAnUpload) {
  auto http = make_http2();
  http->begin(request("POST", std::string(300'000, 'x')), {});
  sent_by(*http);
  http->receive(kHello + headers(field(":status", "413"), kEndHeaders | kEndStream) +
                frame(kReset, 0, 1, number(0, 4)));
  ASSERT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().status, 413);
  EXPECT_FALSE(http->reusable());
}

TEST(Http2, StagesIgnoreTheSettings) {
  auto http = make_http2();
  http->begin(get(), {});
  sent_by(*http);
  EXPECT_TRUE(http->request_sent());
  http->receive(kHello);
  EXPECT_EQ(http->stage(), Stage::kWaiting);
  http->receive(headers(kOk, 0));
  EXPECT_EQ(http->stage(), Stage::kHeader);
  http->receive(frame(kContinuation, kEndHeaders, 1));
  EXPECT_EQ(http->stage(), Stage::kBody);
  http->receive(frame(kData, kEndStream, 1));
  EXPECT_EQ(http->stage(), Stage::kDone);
}

}  // namespace
}  // namespace openseer::probe::http::test
