// Content codings, as an answer of HTTP/1.1 brings them.

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/probe/http/conversation.h"

namespace openseer::probe::http::test {
namespace {

using domain::Reason;
using testing::HasSubstr;

std::string zlib(const std::string& plain, int window) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string gzip(const std::string& plain) { return zlib(plain, 15 + 16); }

std::string brotli(const std::string& plain) {
  std::size_t size = BrotliEncoderMaxCompressedSize(plain.size()) + 64;
  std::string out(size, '\0');
  BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, plain.size(),
                        reinterpret_cast<const std::uint8_t*>(plain.data()), &size,
                        reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(size);
  return out;
}

std::string zstd(const std::string& plain) {
  std::string out(ZSTD_compressBound(plain.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), 3));
  return out;
}

std::string answer(const std::string& coding, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Encoding: " + coding +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

const std::string kText = [] {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  return text;
}();

struct Coding {
  std::string name;
  std::string (*encode)(const std::string&);
};

class Decoding : public testing::TestWithParam<Coding> {};
INSTANTIATE_TEST_SUITE_P(
    Of, Decoding,
    testing::Values(Coding{"gzip", gzip}, Coding{"X-GZip", gzip}, Coding{"br", brotli}, Coding{"zstd", zstd},
                    Coding{"deflate", [](const std::string& t) { return zlib(t, 15); }},
                    Coding{"deflate", [](const std::string& t) { return zlib(t, -15); }}));

TEST_P(Decoding, GivesTheTextWhateverThePieces) {
  const std::string coded = GetParam().encode(kText);
  for (const std::size_t step : kSteps) {
    const auto http = exchange1(answer(GetParam().name, coded), step, {}, get(), {.kept_bytes = 1'000'000});
    ASSERT_TRUE(http->done()) << http->fault().message;
    EXPECT_EQ(http->answer().body, kText);
    EXPECT_EQ(http->answer().wire_bytes, coded.size());
    EXPECT_EQ(http->answer().decoded_bytes, kText.size());
    EXPECT_TRUE(http->reusable());
  }
}

TEST_P(Decoding, StopsABombAtTheLimit) {
  const std::string bomb = GetParam().encode(std::string(10'000'000, '\0'));
  for (const std::size_t step : {std::size_t{7}, std::size_t{1'000'000}}) {
    const auto http = exchange1(answer(GetParam().name, bomb), step, {}, get(), {.decoded_bytes = 1'000'000});
    ASSERT_TRUE(http->failed());
    EXPECT_EQ(http->fault().reason, Reason::kBodyLimit);
    EXPECT_EQ(http->fault().message, "the body is larger than 1000000 bytes once it is decoded");
    EXPECT_LE(http->answer().decoded_bytes, 1'008'192U) << "one piece beyond the limit at most";
    EXPECT_LE(http->answer().body.size(), 16U * 1024);
  }
}

TEST_P(Decoding, TellsBrokenBytes) {
  std::string coded = GetParam().encode(kText);
  for (std::size_t i = 20; i < coded.size(); i += 13) coded[i] = static_cast<char>(coded[i] ^ 0x5a);
  for (const std::size_t step : kSteps) {
    const auto http = exchange1(answer(GetParam().name, coded), step);
    ASSERT_TRUE(http->failed());
    EXPECT_EQ(http->fault().reason, Reason::kMalformedEncoding) << http->fault().message;
  }
}

TEST_P(Decoding, TellsAStreamThatEndsInTheMiddle) {
  const std::string coded = GetParam().encode(kText);
  const auto http = exchange1(answer(GetParam().name, coded.substr(0, coded.size() / 2)), 100);
  ASSERT_TRUE(http->failed());
  EXPECT_EQ(http->fault().reason, Reason::kMalformedEncoding);
  EXPECT_THAT(http->fault().message, HasSubstr("ends in the middle"));
}

TEST_P(Decoding, TakesAnEmptyBody) {
  EXPECT_TRUE(exchange1(answer(GetParam().name, ""), 100)->done());
  const auto http = exchange1(answer(GetParam().name, GetParam().encode("")), 1);
  EXPECT_TRUE(http->done()) << http->fault().message;
  EXPECT_EQ(http->answer().decoded_bytes, 0U);
}

TEST(StackedDecoding, UndoesTheLastCodingFirst) {
  const std::string coded = zstd(brotli(gzip(kText)));
  for (const std::size_t step : kSteps) {
    const auto http = exchange1(answer("gzip, br,zstd", coded), step, {}, get(), {.kept_bytes = 1'000'000});
    ASSERT_TRUE(http->done()) << http->fault().message;
    EXPECT_EQ(http->answer().body, kText);
  }
}

TEST(StackedDecoding, ReadsSeveralHeadersAsOne) {
  const std::string coded = brotli(gzip("hello"));
  const auto http =
      exchange1("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\nContent-Length: " +
                    std::to_string(coded.size()) + "\r\n\r\n" + coded,
                100);
  EXPECT_EQ(http->answer().body, "hello");
}

TEST(StackedDecoding, IsBounded) {
  const auto http = exchange1(answer("gzip, gzip, gzip, gzip", gzip(gzip(gzip(gzip("x"))))), 100);
  ASSERT_TRUE(http->failed());
  EXPECT_EQ(http->fault().reason, Reason::kMalformedEncoding);
}

TEST(StackedDecoding, StopsABombInABomb) {
  const auto http = exchange1(answer("gzip, gzip", gzip(gzip(std::string(30'000'000, 'x')))), 1'000, {},
                              get(), {.decoded_bytes = 1'000'000});
  EXPECT_EQ(http->fault().reason, Reason::kBodyLimit);
}

TEST(OneDecoding, LeavesWhatItDoesNotKnow) {
  EXPECT_EQ(exchange1(answer("UTF-8", "plain"), 100)->answer().body, "plain");
  EXPECT_EQ(exchange1(answer("identity", "plain"), 100)->answer().body, "plain");
  EXPECT_EQ(exchange1(answer("secret, gzip", gzip("coded")), 100)->answer().body, "coded");
}

TEST(OneDecoding, ReadsSeveralGzipMembers) {
  for (const std::size_t step : kSteps) {
    const auto http = exchange1(answer("gzip", gzip("one ") + gzip("two")), step);
    ASSERT_TRUE(http->done()) << http->fault().message;
    EXPECT_EQ(http->answer().body, "one two");
  }
}

TEST(OneDecoding, RefusesBytesBehindTheEnd) {
  for (const auto& [coding, body] : {std::pair<std::string, std::string>{"gzip", gzip("x") + "trash"},
                                     {"br", brotli("x") + "trash"},
                                     {"deflate", zlib("x", 15) + "trash"},
                                     {"zstd", zstd("x") + "trash"}}) {
    EXPECT_EQ(exchange1(answer(coding, body), 1)->fault().reason, Reason::kMalformedEncoding) << coding;
    EXPECT_EQ(exchange1(answer(coding, body), 1'000)->fault().reason, Reason::kMalformedEncoding) << coding;
  }
}

TEST(OneDecoding, RefusesAZstdWindowBeyondEightMegabytes) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  std::string coded(1'000, '\0');
  ZSTD_outBuffer out{coded.data(), coded.size(), 0};
  ZSTD_inBuffer in{"hello", 5, 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
  in = {"", 0, 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
  coded.resize(out.pos);
  ZSTD_freeCCtx(context);
  EXPECT_EQ(exchange1(answer("zstd", coded), 100)->fault().reason, Reason::kMalformedEncoding);
}

// 64 MiB of a gzip header's endless name, twice encoded: a few KB that become nothing.
TEST(DecodingLimits, LayersThatComeToNothingAreBoundedAsWell) {
  const std::string name = std::string("\x1f\x8b\x08\x08\0\0\0\0\0\3", 10) + std::string(64 << 20, 'n');
  const std::string bomb = gzip(gzip(name));
  ASSERT_LT(bomb.size(), 4'000u);
  const auto http = exchange1(answer("gzip, gzip, gzip", bomb), bomb.size());
  EXPECT_EQ(http->fault().reason, Reason::kBodyLimit);
  EXPECT_THAT(http->fault().message, HasSubstr("once it is decoded"));
  EXPECT_EQ(http->answer().decoded_bytes, 0u);
}

}  // namespace
}  // namespace openseer::probe::http::test
