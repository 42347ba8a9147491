// Connections: the addresses that are tried, those that are kept, and proxies.

#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificates.h"
#include "dns_server.h"
#include "local_server.h"
#include "probing.h"

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

}  // namespace
}  // namespace openseer::probe
