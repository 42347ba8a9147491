#include "probe/http/proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/probe/http/conversation.h"

namespace openseer::probe::http::test {
namespace {

using domain::Reason;
using testing::HasSubstr;

const Url kTarget = *parse_url("https://example.com/");
const auto kAddress = boost::asio::ip::make_address("192.0.2.1");

class ProxyHandshake : public testing::TestWithParam<std::size_t> {
 protected:
  static std::unique_ptr<Protocol> tunnel(std::string_view answer, std::string_view authorization = "") {
    auto proxy = make_http_tunnel(kTarget, "OpenSeer/1", authorization);
    sent_by(*proxy);
    feed(*proxy, answer, GetParam());
    return proxy;
  }
  static std::unique_ptr<Protocol> socks(std::string_view answer, std::string_view username = "") {
    auto proxy = make_socks5(kAddress, 443, username, username.empty() ? "" : "secret");
    sent_by(*proxy);
    feed(*proxy, answer, GetParam());
    return proxy;
  }
  static std::string complaint(const Protocol& proxy) {
    EXPECT_TRUE(proxy.failed());
    EXPECT_FALSE(proxy.done());
    EXPECT_EQ(proxy.fault().reason, Reason::kProxy);
    return proxy.fault().message;
  }
};
INSTANTIATE_TEST_SUITE_P(InPiecesOf, ProxyHandshake, testing::ValuesIn(kSteps));

TEST(HttpTunnel, AsksForTheTarget) {
  auto proxy = make_http_tunnel(kTarget, "OpenSeer/1", "Basic x");
  EXPECT_EQ(sent_by(*proxy),
            "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nUser-Agent: "
            "OpenSeer/1\r\nProxy-Authorization: Basic x\r\n\r\n");
}

TEST_P(ProxyHandshake, OfATunnelIsOverWithAnOk) {
  EXPECT_TRUE(tunnel("HTTP/1.1 200 Connection established\r\n\r\n")->done());
  EXPECT_TRUE(tunnel("HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\n")->done());
}

TEST_P(ProxyHandshake, OfATunnelTellsAboutCredentials) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nno!";
  EXPECT_THAT(complaint(*tunnel(kAnswer)), HasSubstr("asks for a user name"));
  EXPECT_THAT(complaint(*tunnel(kAnswer, "Basic x")), HasSubstr("refuses the user name"));
}

TEST_P(ProxyHandshake, OfATunnelTellsAboutARefusal) {
  EXPECT_THAT(complaint(*tunnel("HTTP/1.1 503 Service Unavailable\r\n\r\n")), HasSubstr("503"));
}

TEST_P(ProxyHandshake, OfATunnelTellsAboutNonsense) {
  EXPECT_THAT(complaint(*tunnel("SSH-2.0-OpenSSH")), HasSubstr("CONNECT"));
  EXPECT_THAT(complaint(*tunnel("HTTP/1.1 200 OK\r\nX: " + std::string(20'000, 'x'))),
              HasSubstr("larger than 16384"));
}

TEST_P(ProxyHandshake, OfATunnelTellsAboutAnEnd) {
  auto proxy = tunnel("HTTP/1.1 200");
  proxy->end(End::kReset);
  EXPECT_THAT(complaint(*proxy), HasSubstr("reset"));
}

TEST(Socks5, AsksForAnIpv4Address) {
  auto proxy = make_socks5(kAddress, 443, "", "");
  EXPECT_EQ(sent_by(*proxy), std::string("\x05\x01\x00", 3));
  proxy->receive(std::string_view("\x05\x00", 2));
  EXPECT_EQ(sent_by(*proxy), std::string("\x05\x01\x00\x01\xc0\x00\x02\x01\x01\xbb", 10));
  proxy->receive(std::string_view("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
  EXPECT_TRUE(proxy->done());
}

TEST(Socks5, AsksForAnIpv6Address) {
  auto proxy = make_socks5(boost::asio::ip::make_address("2001:db8::1"), 80, "", "");
  sent_by(*proxy);
  proxy->receive(std::string_view("\x05\x00", 2));
  EXPECT_EQ(sent_by(*proxy),
            std::string("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50", 22));
}

TEST(Socks5, SendsCredentialsWhenTheProxyWantsThem) {
  auto proxy = make_socks5(kAddress, 443, "me", "secret");
  EXPECT_EQ(sent_by(*proxy), std::string("\x05\x02\x00\x02", 4));
  proxy->receive("\x05\x02");
  EXPECT_EQ(sent_by(*proxy), "\x01\x02me\x06secret");
  proxy->receive(std::string_view("\x01\x00", 2));
  EXPECT_THAT(sent_by(*proxy), testing::StartsWith(std::string("\x05\x01\x00", 3)));
}

TEST_P(ProxyHandshake, OfSocksTakesEveryKindOfBoundAddress) {
  EXPECT_TRUE(socks(std::string("\x05\x00\x05\x00\x00\x04", 6) + std::string(18, '\0'))->done());
  EXPECT_TRUE(socks(std::string("\x05\x00\x05\x00\x00\x03\x03", 7) + "abc" + std::string(2, '\0'))->done());
  EXPECT_TRUE(socks(std::string("\x05\x00\x05\x00\x00\x03\x00", 7) + std::string(2, '\0'))->done());
}

TEST_P(ProxyHandshake, OfSocksTellsWhy) {
  const auto refusal = [](char code) {
    return std::string("\x05\x00\x05", 3) + code + std::string("\x00\x01\0\0\0\0\0\0", 8);
  };
  EXPECT_THAT(complaint(*socks(refusal(2))), HasSubstr("rules do not allow"));
  EXPECT_THAT(complaint(*socks(refusal(4))), HasSubstr("unreachable"));
  EXPECT_THAT(complaint(*socks(refusal(5))), HasSubstr("refused the connection"));
  EXPECT_THAT(complaint(*socks(refusal(99))), HasSubstr("not known"));
}

TEST_P(ProxyHandshake, OfSocksTellsAboutCredentials) {
  EXPECT_THAT(complaint(*socks("\x05\x02")), HasSubstr("asks for a user name"));
  EXPECT_THAT(complaint(*socks("\x05\xff")), HasSubstr("asks for a user name"));
  EXPECT_THAT(complaint(*socks("\x05\xff", "me")), HasSubstr("accepts neither"));
  EXPECT_THAT(complaint(*socks("\x05\x02\x01\x01", "me")), HasSubstr("refuses the user name"));
}

TEST_P(ProxyHandshake, OfSocksTellsAboutNonsense) {
  EXPECT_THAT(complaint(*socks("HTTP/1.1 400 Bad Request")), HasSubstr("does not speak SOCKS5"));
  EXPECT_THAT(complaint(*socks(std::string("\x05\x00\x04\x00\x00\x01\x00", 7))), HasSubstr("not SOCKS5"));
  EXPECT_THAT(complaint(*socks(std::string("\x05\x00\x05\x00\x00\x07\x00", 7))), HasSubstr("unknown kind"));
  EXPECT_THAT(complaint(*socks(std::string("\x05\x00\x05\x00\x00\x01", 6) + std::string(7, '\0'))),
              HasSubstr("before the tunnel"));
}

TEST_P(ProxyHandshake, OfSocksTellsAboutAnEnd) {
  auto proxy = socks("\x05");
  proxy->end(End::kClosed);
  EXPECT_THAT(complaint(*proxy), HasSubstr("closed the connection"));
}

TEST(Socks5, RefusesCredentialsThatDoNotFit) {
  EXPECT_TRUE(make_socks5(kAddress, 443, std::string(256, 'x'), "")->failed());
}

}  // namespace
}  // namespace openseer::probe::http::test
