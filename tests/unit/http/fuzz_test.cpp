#include <iostream>
#include <random>

#include <gtest/gtest.h>

#include "http/compression.h"
#include "http/connect_codec.h"
#include "http/content_security.h"
#include "http/request_parser.h"
#include "http/target.h"
#include "live_server.h"
#include "openseer/v1/monitor_service.pb.h"

// Bytes that nobody would send on purpose. Each test prints its seed; set
// OPENSEER_FUZZ_SEED to repeat it, OPENSEER_FUZZ_ROUNDS to look for longer.
namespace openseer::http {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

class Fuzz : public testing::Test {
 protected:
  Fuzz() { std::cout << "seed " << seed_ << std::endl; }

  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  std::string noise(std::size_t longest) {
    std::string bytes(below(longest + 1), '\0');
    for (char& c : bytes) c = static_cast<char>(below(256));
    return bytes;
  }

  // `text` with a few bytes changed, removed, doubled or moved.
  std::string mutated(std::string text) {
    for (std::size_t i = 1 + below(6); i > 0 && !text.empty(); --i) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = static_cast<char>(below(256));
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size()), 1 + below(24)));
          break;
        case 3:
          text.insert(at, 1, "\r\n:;, %/0f{}\"\\"[below(14)]);
          break;
        default:
          text.resize(at);
          break;
      }
    }
    return text;
  }

  std::uint64_t seed_ = from_environment("OPENSEER_FUZZ_SEED", std::random_device{}());
  std::uint64_t rounds_ = from_environment("OPENSEER_FUZZ_ROUNDS", 3000);
  std::mt19937_64 random_{seed_};
};

const std::vector<std::string>& requests() {
  static const std::vector<std::string> kRequests{
      "GET /monitors/%5Bid%5D?x=1 HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip;q=0.5, br\r\n\r\n",
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\nhello world",
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\n"
      "Trailer: x\r\n\r\n",
      "\r\nHEAD http://h/../a/./b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  };
  return kRequests;
}

TEST_F(Fuzz, TheRequestParserAlwaysEndsInOneState) {
  Limits limits;
  limits.header_bytes = 300;
  limits.body_bytes = 100;
  for (std::uint64_t round = 0; round < rounds_; ++round) {
    std::string bytes = below(4) == 0 ? noise(400) : mutated(requests()[below(requests().size())]);
    RequestParser parser(limits);
    std::string input;
    while (true) {
      const std::size_t n = std::min(bytes.size(), 1 + below(64));
      input += bytes.substr(0, n);
      bytes.erase(0, n);
      for (std::size_t used = 1; used > 0 && !input.empty();) {
        used = parser.put(input);
        ASSERT_LE(used, input.size());
        input.erase(0, used);
      }
      if (bytes.empty() || parser.state() == RequestParser::State::kFailed) break;
      if (parser.state() == RequestParser::State::kComplete) break;
    }
    if (parser.state() == RequestParser::State::kFailed) {
      ASSERT_GE(parser.status(), 400);
    } else if (parser.state() == RequestParser::State::kComplete) {
      const Request request = parser.take();
      ASSERT_TRUE(request.path.starts_with('/'));
      ASSERT_EQ((request.path + "/").find("/../"), std::string::npos);
      ASSERT_LE(request.body.size(), limits.body_bytes);
    }
  }
}

TEST_F(Fuzz, TargetsNeverKeepDotSegments) {
  for (std::uint64_t round = 0; round < rounds_; ++round) {
    const auto target = parse_target(mutated("/a/%2e%2e/./b%2F../c//../%e2%82%ac?q=%00"));
    if (!target) continue;
    const std::string path = target->path + "/";
    ASSERT_TRUE(path.starts_with('/'));
    ASSERT_EQ(path.find("/../"), std::string::npos) << path;
    ASSERT_EQ(path.find("/./"), std::string::npos) << path;
    ASSERT_EQ(path.find('\0'), std::string::npos);
  }
}

TEST_F(Fuzz, CodecsRefuseOrRead) {
  const std::string json =
      R"({"workspaceId":"7","spec":{"name":"n","url":"https://h","interval":"60s","headers":[{"name":"a"}],)"
      R"("body":"AAEC","acceptedStatuses":[{"first":200,"last":299}],"maxRedirects":3}})";
  openseer::v1::CreateMonitorRequest valid;
  ASSERT_TRUE(decode(json, Codec::kJson, valid));
  const std::string binary = valid.SerializeAsString();
  for (std::uint64_t round = 0; round < rounds_; ++round) {
    openseer::v1::CreateMonitorRequest message;
    const Codec codec = below(2) == 0 ? Codec::kJson : Codec::kProto;
    const std::string bytes = below(5) == 0 ? noise(200) : mutated(codec == Codec::kJson ? json : binary);
    const Result<void> outcome = decode(bytes, codec, message);
    if (!outcome) ASSERT_EQ(outcome.error().code, Code::kInvalidArgument);
    ASSERT_NO_THROW(end_stream(outcome));
  }
}

TEST_F(Fuzz, EnvelopesAndGzipStayWithinTheLimit) {
  const std::string packed = gzip(std::string(3000, 'a') + "end");
  for (std::uint64_t round = 0; round < rounds_; ++round) {
    Request request;
    request.headers.set("Connect-Content-Encoding", "gzip");
    request.body =
        below(3) == 0 ? envelope(kCompressed, mutated(packed)) : mutated(envelope(kCompressed, packed));
    const auto payload = request_payload(request, {Codec::kJson, true}, 2000);
    if (payload) ASSERT_LE(payload->size(), std::max<std::size_t>(2000, request.body.size()));
  }
}

TEST_F(Fuzz, PoliciesOfBrokenPagesStayOneHeader) {
  const std::string page =
      "<html><script src=\"a\"></script><SCRIPT>let a = '</p>'</SCRIPT><script>b</script>";
  for (std::uint64_t round = 0; round < rounds_; ++round) {
    ASSERT_EQ(page_policy(mutated(page)).find_first_of("\r\n<>"), std::string::npos);
  }
}

asio::awaitable<Response> answer_ok(Exchange&) {
  Response response;
  response.body = "ok";
  co_return response;
}

TEST_F(Fuzz, AServerThatWasSentAnythingStillAnswers) {
  Limits limits;
  limits.header_time = limits.body_time = limits.idle_time = Milliseconds{500};
  test::LiveServer server(answer_ok, limits);
  for (std::uint64_t round = 0; round < rounds_ / 20; ++round) {
    test::Client hostile(server.port());
    try {
      hostile.send(below(4) == 0 ? noise(2000) : mutated(requests()[below(requests().size())]));
    } catch (const boost::system::system_error&) {
      // closed already
    }
    hostile.close();
    test::Client client(server.port());
    client.send(test::get("/"));
    ASSERT_EQ(client.answer().body, "ok");
  }
}

}  // namespace
}  // namespace openseer::http
