// Connections: the addresses that are tried, those that are kept, and proxies.

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificates.h"
#include "dns_server.h"
#include "local_server.h"
#include "probing.h"
#include "unit/probe/http/http2_server.h"

namespace openseer::probe {
namespace {

using domain::Measurement;
using domain::Reason;
using test::Connection;
using test::DnsServer;
using test::FixedServer;
using test::local_options;
using test::LocalServer;
using test::probe_once;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Say = DnsServer::Say;

constexpr const char* kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(ProberAddresses, EveryAddressTriedIsTold) {
  const FixedServer server(kHello);
  const DnsServer names([](const std::string&, const std::string& type) {
    return type == "AAAA" ? Say{DnsServer::Kind::kAnswer, {"::1"}, 60}
                          : Say{DnsServer::Kind::kAnswer, {"127.0.0.3", "127.0.0.1"}, 60};
  });
  domain::MonitorSpec spec = test::spec_for(server.url("/", "host.example"));
  spec.dns_server = names.address();
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.remote_address, "127.0.0.1");
  const auto& attempts = found.details.hops.at(0).attempts;
  ASSERT_EQ(attempts.size(), 3u);
  EXPECT_EQ(attempts[0].address, "::1");
  EXPECT_NE(attempts[0].reason, Reason::kNone);
  EXPECT_EQ(attempts[1].address, "127.0.0.3");
  EXPECT_EQ(attempts[1].reason, Reason::kConnectRefused);
  EXPECT_EQ(attempts[2].address, "127.0.0.1");
  EXPECT_EQ(attempts[2].reason, Reason::kNone);
}

TEST(ProberAddresses, AFixedAddressTakesThePlaceOfTheName) {
  const FixedServer server(kHello);
  domain::MonitorSpec spec = test::spec_for(server.url("/", "host.example"));
  spec.connect_address = "127.0.0.1";
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_THAT(server.requests().at(0), HasSubstr("Host: host.example:"));
  const Measurement denied = probe_once(spec, Options{});
  EXPECT_EQ(denied.reason, Reason::kEgressDenied) << denied.message;
}

TEST(ProberAddresses, TheFamilyAskedForIsTheOnlyOne) {
  const FixedServer server(kHello);
  domain::MonitorSpec spec = test::spec_for(server.url("/", "localhost"));
  spec.ip_family = domain::IpFamily::kIpv4;
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.details.hops.at(0).attempts.size(), 1u);
  spec.ip_family = domain::IpFamily::kIpv6;
  EXPECT_NE(probe_once(spec).reason, Reason::kNone);
}

// `count` checks of `spec` on one prober, one after the other.
std::vector<Measurement> probe_times(const domain::MonitorSpec& spec, std::size_t count,
                                     const Options& options) {
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), options);
  std::vector<Measurement> found;
  std::function<void(Measurement)> next = [&](Measurement measurement) {
    found.push_back(std::move(measurement));
    if (found.size() == count) return context.stop();
    prober.start(spec, next);
  };
  prober.start(spec, next);
  context.run();
  return found;
}

TEST(ProberKept, AConnectionIsUsedAgainWhenTheMonitorWantsIt) {
  std::atomic<int> connections{0};
  const LocalServer server([&](Connection& c) {
    ++connections;
    while (!c.read_request().empty() && c.write(kHello)) {
    }
  });
  domain::MonitorSpec spec = test::spec_for(server.url());
  spec.reuse_connection = true;
  const auto found = probe_times(spec, 4, local_options());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].reason, Reason::kNone) << found[i].message;
    EXPECT_EQ(found[i].details.hops.at(0).reused_connection, i > 0);
    EXPECT_EQ(found[i].phases.connect > Microseconds{0}, i == 0);
    EXPECT_EQ(found[i].remote_address, "127.0.0.1");
  }
  EXPECT_EQ(connections, 1);
}

TEST(ProberKept, OneThatTheServerHasClosedIsReplaced) {
  std::atomic<int> connections{0};
  const LocalServer server([&](Connection& c) {
    ++connections;
    c.read_request();
    c.write(kHello);  // says nothing of closing, and closes
  });
  domain::MonitorSpec spec = test::spec_for(server.url());
  spec.reuse_connection = true;
  for (const Measurement& found : probe_times(spec, 5, local_options())) {
    EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  }
  EXPECT_EQ(connections, 5);
}

TEST(ProberKept, TlsKeepsItsCertificate) {
  test::Wish wish;
  const test::Identity identity = test::make_identity(wish);
  const LocalServer server(
      [&](Connection& c) {
        while (!c.read_request().empty() && c.write(kHello)) {
        }
      },
      test::server_context(identity));
  domain::MonitorSpec spec = test::spec_for(server.url("/", "localhost"));
  spec.reuse_connection = true;
  spec.tls.skip_verification = true;
  for (const Measurement& found : probe_times(spec, 3, local_options())) {
    EXPECT_EQ(found.reason, Reason::kNone) << found.message;
    EXPECT_EQ(found.certificate_expires_at, wish.not_after);
    ASSERT_EQ(found.details.hops.at(0).chain.size(), 1u);
    EXPECT_NE(found.details.hops.at(0).cipher, "");
  }
}

TEST(ProberProxy, AnHttpProxyIsAskedForTheWholeUrl) {
  const FixedServer proxy(kHello);
  domain::MonitorSpec spec = test::spec_for("http://host.example/path?q");
  spec.proxy = {proxy.url(""), "user", "secret"};
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_THAT(proxy.requests().at(0),
              StartsWith("GET http://host.example/path?q HTTP/1.1\r\nHost: host.example\r\n"));
  EXPECT_THAT(proxy.requests().at(0), HasSubstr("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"));
}

TEST(ProberProxy, AProxyIsHeldToTheEgressPolicy) {
  const FixedServer proxy(kHello);
  domain::MonitorSpec spec = test::spec_for("http://192.0.2.1/");
  spec.proxy.url = proxy.url("");
  EXPECT_EQ(probe_once(spec, Options{}).reason, Reason::kEgressDenied);
  spec.url = "http://169.254.169.254/";
  EXPECT_EQ(probe_once(spec).reason, Reason::kEgressDenied)
      << "the target is an address that is never reached";
  EXPECT_TRUE(proxy.requests().empty());
}

TEST(ProberProxy, AProxyThatRefusesSaysSo) {
  const FixedServer proxy("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  domain::MonitorSpec spec = test::spec_for("https://host.example/");
  spec.proxy.url = proxy.url("");
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kProxy) << found.message;
  EXPECT_THAT(found.message, HasSubstr("403"));
  EXPECT_THAT(proxy.requests().at(0), StartsWith("CONNECT host.example:443 HTTP/1.1\r\n"));
}

// A SOCKS5 proxy (RFC 1928, RFC 1929) that wants "user" and "secret", and is the target, too.
struct SocksProxy {
  explicit SocksProxy(char reply) : reply(reply) {}

  void serve(Connection& c) {
    greeting = c.read_bytes(4);
    c.write("\x05\x02");
    credentials = c.read_bytes(3 + 4 + 6);
    c.write(std::string("\x01\x00", 2));
    request = c.read_bytes(10);
    c.write(std::string("\x05", 1) + reply + std::string("\x00\x01\x7f\x00\x00\x01\x00\x50", 8));
    if (reply != 0) return;
    asked = c.read_request();
    c.write(kHello);
  }

  const char reply;
  std::string greeting;
  std::string credentials;
  std::string request;
  std::string asked;
  LocalServer server{[this](Connection& c) { serve(c); }};
};

domain::MonitorSpec through(const SocksProxy& proxy, std::string url) {
  domain::MonitorSpec spec = test::spec_for(std::move(url));
  spec.proxy = {"socks5://127.0.0.1:" + std::to_string(proxy.server.port()), "user", "secret"};
  return spec;
}

TEST(ProberProxy, ASocksProxyIsGivenTheAddressThatWasJudged) {
  SocksProxy proxy(0);
  const DnsServer names([](const std::string&, const std::string& type) {
    return type == "A" ? Say{DnsServer::Kind::kAnswer, {"192.0.2.7"}, 60}
                       : Say{DnsServer::Kind::kAnswer, {}, 60};
  });
  domain::MonitorSpec spec = through(proxy, "http://host.example:8080/path");
  spec.dns_server = names.address();
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.details.body, "hello");
  EXPECT_EQ(proxy.greeting, std::string("\x05\x02\x00\x02", 4));
  EXPECT_EQ(proxy.credentials, "\x01\x04user\x06secret");
  EXPECT_EQ(proxy.request, std::string("\x05\x01\x00\x01\xc0\x00\x02\x07\x1f\x90", 10));
  EXPECT_THAT(proxy.asked, StartsWith("GET /path HTTP/1.1\r\nHost: host.example:8080\r\n"));
  EXPECT_THAT(proxy.asked, Not(HasSubstr("Proxy-Authorization")));
}

TEST(ProberProxy, ASocksProxyThatCannotConnectSaysWhy) {
  SocksProxy proxy(5);
  const Measurement found = probe_once(through(proxy, "http://192.0.2.7/"));
  EXPECT_EQ(found.reason, Reason::kProxy);
  EXPECT_EQ(found.message, "the proxy could not connect to the target: the target refused the connection");
}

TEST(ProberProxy, ASocksProxyIsNotAskedForWhatThePolicyForbids) {
  SocksProxy proxy(0);
  EXPECT_EQ(probe_once(through(proxy, "http://169.254.169.254/")).reason, Reason::kEgressDenied);
  EXPECT_EQ(proxy.greeting, "");
}

TEST(ProberHttp2, PriorKnowledgeSpeaksItFromTheFirstByteAndKeepsTheConnection) {
  std::atomic<int> connections{0};
  const LocalServer server([&](Connection& c) {
    ++connections;
    http::test::Http2Server http2;
    for (std::string bytes = c.read_some(); !bytes.empty(); bytes = c.read_some()) {
      http2.answer_with("200", "hello");
      http2.receive(bytes);
      if (!c.write(http2.output())) return;
    }
  });
  domain::MonitorSpec spec = test::spec_for(server.url("/path"));
  spec.http = domain::HttpPolicy::kPriorKnowledge2;
  spec.reuse_connection = true;
  const auto found = probe_times(spec, 3, local_options());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].reason, Reason::kNone) << found[i].message;
    EXPECT_EQ(found[i].http_version, domain::HttpVersion::k2);
    EXPECT_EQ(found[i].http_status, 200);
    EXPECT_EQ(found[i].details.body, "hello");
    EXPECT_EQ(found[i].details.hops.at(0).reused_connection, i > 0);
  }
  EXPECT_EQ(connections, 1);
}

TEST(ProberHttp2, AServerThatKnowsOnlyHttp1RefusesPriorKnowledge) {
  const LocalServer server([](Connection& c) {
    c.read_bytes(24);  // the preface
    c.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    c.wait_for_close();
  });
  domain::MonitorSpec spec = test::spec_for(server.url());
  spec.http = domain::HttpPolicy::kPriorKnowledge2;
  EXPECT_EQ(probe_once(spec).reason, Reason::kHttpVersionRefused);
}

}  // namespace
}  // namespace openseer::probe
