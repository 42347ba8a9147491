// Names: how each way of not having an address is told, what is kept and for how
// long, and that nobody waits for somebody else's name server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dns_server.h"
#include "local_server.h"
#include "probe/dns/hosts.h"
#include "probe/dns/reply.h"
#include "probing.h"

namespace openseer::probe {
namespace {

using domain::Measurement;
using domain::Reason;
using test::DnsServer;
using test::FixedServer;
using test::local_options;
using test::probe_once;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using Kind = DnsServer::Kind;
using Say = DnsServer::Say;

constexpr const char* kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

domain::MonitorSpec spec_at(const std::string& url, const DnsServer& server) {
  domain::MonitorSpec spec = test::spec_for(url);
  spec.dns_server = server.address();
  return spec;
}

DnsServer::Script always(Say say) {
  return [say](const std::string&, const std::string&) { return say; };
}

// IPv4 only, as most names are.
DnsServer::Script ipv4_at(std::vector<std::string> addresses, unsigned ttl = 60) {
  return [=](const std::string&, const std::string& type) {
    return type == "A" ? Say{Kind::kAnswer, addresses, ttl} : Say{Kind::kAnswer, {}, ttl};
  };
}

TEST(ProberNames, EachFailureIsToldApart) {
  const std::pair<Kind, Reason> kCases[] = {{Kind::kNotFound, Reason::kDnsNotFound},
                                            {Kind::kServerFailure, Reason::kDnsServerFailure},
                                            {Kind::kRefused, Reason::kDnsServerFailure},
                                            {Kind::kGarbage, Reason::kDnsServerFailure},
                                            {Kind::kAnswer, Reason::kDnsNoAddress}};
  for (const auto& [kind, reason] : kCases) {
    const DnsServer server(always({kind, {}, 60}));
    const Measurement found = probe_once(spec_at("http://host.example/", server));
    EXPECT_EQ(found.reason, reason) << found.message;
    EXPECT_THAT(found.message, HasSubstr("host.example"));
    EXPECT_GT(found.phases.dns, Microseconds{0});
    EXPECT_EQ(found.phases.connect, Microseconds{0});
    ASSERT_EQ(found.details.hops.size(), 1u);
    EXPECT_TRUE(found.details.hops[0].attempts.empty());
  }
}

TEST(ProberNames, ASilentServerEndsAtTheDeadline) {
  const DnsServer server(always({Kind::kSilent, {}, 0}));
  domain::MonitorSpec spec = spec_at("http://host.example/", server);
  spec.timeout = Milliseconds{300};
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kTimeoutDns) << found.message;
  EXPECT_LE(found.phases.total, Milliseconds{400});
  EXPECT_GE(found.phases.dns, Milliseconds{295});
}

TEST(ProberNames, AServerThatIsNotThereCannotBeReached) {
  domain::MonitorSpec spec = test::spec_for("http://host.example/");
  spec.dns_server = "127.0.0.1:1";
  spec.timeout = Seconds{1};
  const Measurement found = probe_once(spec);
  // c-ares may take the refused datagrams for lost ones.
  EXPECT_THAT(found.reason, testing::AnyOf(Reason::kDnsFailed, Reason::kTimeoutDns)) << found.message;
}

TEST(ProberNames, ANameServerIsHeldToTheEgressPolicy) {
  const DnsServer server(ipv4_at({"127.0.0.1"}));
  const Measurement found = probe_once(spec_at("http://host.example/", server), Options{});
  EXPECT_EQ(found.reason, Reason::kEgressDenied) << found.message;
  EXPECT_TRUE(server.questions().empty());
}

TEST(ProberNames, AnAddressTheServerGivesIsHeldToTheEgressPolicy) {
  for (const char* address : {"169.254.169.254", "0.0.0.0", "224.0.0.1"}) {
    const DnsServer server(ipv4_at({address}));
    const Measurement found = probe_once(spec_at("http://host.example/", server));
    EXPECT_EQ(found.reason, Reason::kEgressDenied) << found.message;
    EXPECT_THAT(found.message, HasSubstr(address));
  }
}

TEST(ProberNames, OnlyTheFamilyAskedForIsLookedUp) {
  const DnsServer server(always({Kind::kNotFound, {}, 0}));
  domain::MonitorSpec spec = spec_at("http://host.example/", server);
  spec.ip_family = domain::IpFamily::kIpv4;
  probe_once(spec);
  EXPECT_THAT(server.questions(), ElementsAre("A host.example"));
}

// Several checks on one prober, one after the other or all at once.
std::vector<Measurement> probe_all(const std::vector<domain::MonitorSpec>& specs, bool at_once) {
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), local_options());
  std::vector<Measurement> found;
  std::function<void()> next = [&] {
    prober.start(specs[found.size()], [&](Measurement measurement) {
      found.push_back(std::move(measurement));
      if (found.size() == specs.size()) return context.stop();
      if (!at_once) next();
    });
  };
  if (at_once) {
    for (const domain::MonitorSpec& spec : specs) {
      prober.start(spec, [&](Measurement measurement) {
        found.push_back(std::move(measurement));
        if (found.size() == specs.size()) context.stop();
      });
    }
  } else {
    next();
  }
  context.run();
  return found;
}

TEST(ProberNames, AnAnswerIsKeptAsLongAsItSays) {
  const FixedServer target(kHello);
  const DnsServer kept(ipv4_at({"127.0.0.1"}, 60));
  const DnsServer fleeting(ipv4_at({"127.0.0.1"}, 0));
  for (const auto& [server, questions] : {std::pair{&kept, 2u}, std::pair{&fleeting, 6u}}) {
    const std::string url = target.url("/", "host.example");
    for (const Measurement& found : probe_all({3, spec_at(url, *server)}, false)) {
      EXPECT_EQ(found.reason, Reason::kNone) << found.message;
    }
    EXPECT_EQ(server->questions().size(), questions);
  }
}

TEST(ProberNames, AMissingNameIsKeptAsLongAsItsZoneSays) {
  const DnsServer kept(always({Kind::kNotFound, {}, 60}));
  const DnsServer fleeting(always({Kind::kNotFound, {}, 0}));
  for (const auto& [server, questions] : {std::pair{&kept, 2u}, std::pair{&fleeting, 6u}}) {
    for (const Measurement& found : probe_all({3, spec_at("http://host.example/", *server)}, false)) {
      EXPECT_EQ(found.reason, Reason::kDnsNotFound) << found.message;
    }
    EXPECT_EQ(server->questions().size(), questions);
  }
}

TEST(ProberNames, ManyWhoAskTheSameAreAnsweredByOneQuery) {
  const FixedServer target(kHello);
  const DnsServer server(ipv4_at({"127.0.0.1"}, 0));
  const auto found = probe_all({20, spec_at(target.url("/", "host.example"), server)}, true);
  for (const Measurement& one : found) EXPECT_EQ(one.reason, Reason::kNone) << one.message;
  EXPECT_THAT(server.questions(), UnorderedElementsAre("A host.example", "AAAA host.example"));
}

TEST(ProberNames, NobodyWaitsForSomebodyElsesServer) {
  const FixedServer target(kHello);
  const DnsServer silent(always({Kind::kSilent, {}, 0}));
  const DnsServer quick(ipv4_at({"127.0.0.1"}));
  domain::MonitorSpec stuck = spec_at("http://stuck.example/", silent);
  stuck.timeout = Milliseconds{500};
  std::vector<domain::MonitorSpec> specs(50, stuck);
  specs.push_back(spec_at(target.url("/", "host.example"), quick));
  const auto found = probe_all(specs, true);
  EXPECT_EQ(found.front().reason, Reason::kNone) << "the quick one is first: " << found.front().message;
}

TEST(ProberNames, ABrokenFamilyDoesNotStandInTheWay) {
  const FixedServer target(kHello);
  for (const Kind broken : {Kind::kSilent, Kind::kServerFailure, Kind::kGarbage}) {
    const DnsServer server([&](const std::string&, const std::string& type) {
      return type == "A" ? Say{Kind::kAnswer, {"127.0.0.1"}, 60} : Say{broken, {}, 0};
    });
    const Measurement found = probe_once(spec_at(target.url("/", "host.example"), server));
    EXPECT_EQ(found.reason, Reason::kNone) << found.message;
    EXPECT_LT(found.phases.total, Seconds{1});
  }
}

TEST(Hosts, AreReadOnceAndLocalhostIsAlwaysHere) {
  dns::Hosts hosts("/does/not/exist");
  const Monotonic now = std::chrono::steady_clock::now();
  ASSERT_NE(hosts.find("localhost", now), nullptr);
  EXPECT_NE(hosts.find("web.localhost", now), nullptr);
  EXPECT_EQ(hosts.find("elsewhere", now), nullptr);
}

TEST(DnsReply, NoCutOffMessageIsReadBeyondItsEnd) {
  // A whole reply with one address, cut at every byte and with every byte broken.
  const std::string whole = std::string(
      "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\1h\7example\0\0\1\0\1\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1", 43);
  const auto read = [](const std::string& text) {
    return dns::read_reply({reinterpret_cast<const unsigned char*>(text.data()), text.size()},
                           dns::Family::kIpv4);
  };
  EXPECT_EQ(read(whole).outcome, dns::Outcome::kFound);
  EXPECT_EQ(read(whole).ttl, Seconds{60});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.substr(0, size)).outcome, dns::Outcome::kServerFailure) << size;
    for (const char value : {'\0', '\x3f', '\xc0', '\xff'}) {
      std::string broken = whole;
      broken[size] = value;
      read(broken);
    }
  }
}

}  // namespace
}  // namespace openseer::probe
