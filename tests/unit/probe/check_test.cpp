// The state machine of a check, driven by hand: no socket, no clock, no thread.

#include "probe/check/check.h"

#include <cerrno>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace openseer::probe {
namespace {

using boost::asio::ip::make_address;
using domain::Reason;
using testing::ElementsAre;

constexpr Monotonic kStart{Seconds{1000}};

// Does what a driver does, as far as the test says.
class Hand : public Check::Io {
 public:
  explicit Hand(domain::MonitorSpec monitor, std::unique_ptr<http::Exchange> kept_one = nullptr)
      : spec(std::move(monitor)), kept(std::move(kept_one)), check(spec, options, *this, kStart) {
    options.egress.allow_private = true;
    check.start(kStart, Instant{});
  }

  std::optional<dns::Answer> resolve(const dns::Question& question) override {
    asked.push_back((question.family == dns::Family::kIpv6 ? "AAAA " : "A ") + question.name);
    return std::nullopt;
  }
  void forget_lookups() override {}
  int connect(std::size_t, const boost::asio::ip::address& address, std::uint16_t port) override {
    connected.push_back(address.to_string() + " " + std::to_string(port));
    return connect_error;
  }
  void use(std::size_t id) override { used = id; }
  http::Fault secure(const domain::TlsSettings& settings, tls::Offer, std::string name) override {
    secured.push_back(name + (settings.client_key_pem.empty() ? "" : " with a key"));
    return {};
  }
  void wake_at(Monotonic when) override { wake = when; }
  http::Exchange* take_kept(std::string&, tls::Report&) override {
    if (!kept) return nullptr;
    exchange = std::move(kept);
    return exchange.get();
  }
  http::Exchange* make_exchange(bool http2) override {
    exchange = http2 ? http::make_http2() : http::make_http1();
    return exchange.get();
  }
  void release(bool may_be_kept) override { released.push_back(may_be_kept); }
  http::Fault tls_fault() const override { return {}; }
  std::optional<std::string> token() override { return known_token; }
  void keep_token(const http::OauthToken& token) override { known_token = token.value; }
  void forget_token() override { known_token.reset(); }
  std::string nonce() override { return "0123456789abcdef"; }

  void resolve_to(const char* address, Monotonic now = kStart) {
    const auto at = make_address(address);
    check.on_resolved(at.is_v6() ? dns::Family::kIpv6 : dns::Family::kIpv4,
                      {dns::Outcome::kFound, {at}, Seconds{60}, ""}, now);
  }
  void resolve_to_nothing(dns::Family family, dns::Outcome outcome) {
    check.on_resolved(family, {outcome, {}, Seconds{60}, "SERVFAIL"}, kStart);
  }
  // The request that goes out, and the answer that comes back.
  std::string request() {
    std::string sent(check.conversation()->output());
    check.conversation()->sent(sent.size());
    check.on_progress(kStart);
    return sent;
  }
  void answer(std::string_view bytes) {
    check.conversation()->receive(bytes);
    check.on_progress(kStart + Milliseconds{30});
  }

  domain::MonitorSpec spec;
  Options options;
  std::vector<std::string> asked;
  std::vector<std::string> connected;
  std::vector<std::string> secured;
  std::vector<bool> released;
  std::optional<std::size_t> used;
  std::optional<Monotonic> wake;
  std::optional<std::string> known_token;
  std::unique_ptr<http::Exchange> exchange;
  std::unique_ptr<http::Exchange> kept;
  int connect_error = 0;
  Check check;
};

domain::MonitorSpec monitor(std::string url) {
  domain::MonitorSpec spec;
  spec.url = std::move(url);
  return spec;
}

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(Check, GoesFromNameToAnswer) {
  Hand hand(monitor("http://host.example/path"));
  EXPECT_THAT(hand.asked, ElementsAre("AAAA host.example", "A host.example"));
  hand.resolve_to_nothing(dns::Family::kIpv6, dns::Outcome::kNoAddress);
  hand.resolve_to("192.0.2.1", kStart + Milliseconds{5});
  EXPECT_THAT(hand.connected, ElementsAre("192.0.2.1 80"));
  EXPECT_EQ(hand.check.conversation(), nullptr);
  hand.check.on_connected(0, kStart + Milliseconds{10});
  EXPECT_EQ(hand.used, 0u);
  EXPECT_THAT(hand.request(), testing::StartsWith("GET /path HTTP/1.1\r\nHost: host.example\r\n"));
  hand.answer(kHello);
  ASSERT_TRUE(hand.check.over());
  const domain::Measurement found = hand.check.take_measurement();
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.phases.dns, Milliseconds{5});
  EXPECT_EQ(found.phases.connect, Milliseconds{5});
  EXPECT_EQ(found.details.body, "hello");
  EXPECT_EQ(found.details.final_url, "http://host.example/path");
  EXPECT_THAT(hand.released, ElementsAre(false));
}

TEST(Check, TriesTheNextAddressWhenOneFails) {
  Hand hand(monitor("http://host.example/"));
  hand.resolve_to("2001:db8::1");
  hand.resolve_to("192.0.2.1");
  EXPECT_THAT(hand.connected, ElementsAre("2001:db8::1 80"));
  EXPECT_EQ(hand.wake, kStart + Race::kAttemptDelay);
  hand.check.on_connect_failed(0, ENETUNREACH, kStart + Milliseconds{1});
  EXPECT_THAT(hand.connected, ElementsAre("2001:db8::1 80", "192.0.2.1 80"));
  hand.check.on_connect_failed(1, ECONNREFUSED, kStart + Milliseconds{2});
  ASSERT_TRUE(hand.check.over());
  const domain::Measurement found = hand.check.take_measurement();
  EXPECT_EQ(found.reason, Reason::kConnectRefused);
  EXPECT_EQ(found.message, "192.0.2.1 port 80 refused the connection");
  const auto& attempts = found.details.hops.at(0).attempts;
  ASSERT_EQ(attempts.size(), 2u);
  EXPECT_EQ(attempts[0].reason, Reason::kConnectUnreachable);
  EXPECT_EQ(attempts[1].reason, Reason::kConnectRefused);
}

TEST(Check, SaysWhatIsWrongWithAName) {
  const std::pair<dns::Outcome, Reason> kCases[] = {{dns::Outcome::kNotFound, Reason::kDnsNotFound},
                                                    {dns::Outcome::kNoAddress, Reason::kDnsNoAddress},
                                                    {dns::Outcome::kServerFailure, Reason::kDnsServerFailure},
                                                    {dns::Outcome::kTimeout, Reason::kTimeoutDns},
                                                    {dns::Outcome::kUnreachable, Reason::kDnsFailed},
                                                    {dns::Outcome::kWorker, Reason::kWorker}};
  for (const auto& [outcome, reason] : kCases) {
    Hand hand(monitor("http://host.example/"));
    hand.resolve_to_nothing(dns::Family::kIpv4, outcome);
    EXPECT_FALSE(hand.check.over());
    hand.resolve_to_nothing(dns::Family::kIpv6, dns::Outcome::kNoAddress);
    ASSERT_TRUE(hand.check.over());
    EXPECT_EQ(hand.check.take_measurement().reason, reason);
  }
}

TEST(Check, NeverConnectsToWhatThePolicyForbids) {
  Hand hand(monitor("http://host.example/"));
  hand.resolve_to("::ffff:169.254.169.254");
  hand.resolve_to("169.254.169.254");
  EXPECT_TRUE(hand.connected.empty());
  ASSERT_TRUE(hand.check.over());
  EXPECT_EQ(hand.check.take_measurement().reason, Reason::kEgressDenied);
}

TEST(Check, ADeadlineNamesThePhaseThatWasUnderWay) {
  domain::MonitorSpec spec = monitor("https://192.0.2.1/");
  spec.timeout = Milliseconds{400};
  const std::pair<int, Reason> kCases[] = {{0, Reason::kTimeoutConnect},
                                           {1, Reason::kTimeoutTls},
                                           {2, Reason::kTimeoutFirstByte},
                                           {3, Reason::kTimeoutDownload}};
  for (const auto& [steps, reason] : kCases) {
    Hand hand(spec);
    if (steps > 0) hand.check.on_connected(0, kStart);
    if (steps > 1) hand.check.on_secured({}, kStart);
    if (steps > 2) hand.answer("HTTP/1.1 200 OK\r\n");
    hand.check.on_deadline(kStart + Milliseconds{400});
    ASSERT_TRUE(hand.check.over());
    const domain::Measurement found = hand.check.take_measurement();
    EXPECT_EQ(found.reason, reason) << found.message;
    EXPECT_EQ(found.phases.total, Milliseconds{400});
  }
}

TEST(Check, ClientKeysStayWithTheirOrigin) {
  domain::MonitorSpec spec = monitor("https://192.0.2.1/");
  spec.tls.client_key_pem = "key";
  spec.tls.server_name = "own.example";
  spec.http = domain::HttpPolicy::kOnly1_1;
  Hand hand(spec);
  hand.check.on_connected(0, kStart);
  hand.check.on_secured({}, kStart);
  hand.request();
  hand.answer("HTTP/1.1 302 Found\r\nLocation: https://192.0.2.2/\r\n\r\n");
  hand.check.on_connected(0, kStart);
  EXPECT_THAT(hand.secured, ElementsAre("own.example with a key", "192.0.2.2"));
}

TEST(Check, ADigestChallengeIsAnsweredOnce) {
  domain::MonitorSpec spec = monitor("http://192.0.2.1/");
  spec.authentication.scheme = domain::AuthScheme::kDigest;
  spec.authentication.username = "user";
  spec.authentication.password = "secret";
  constexpr std::string_view kChallenge =
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n"
      "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\n\r\n";
  Hand hand(spec);
  hand.check.on_connected(0, kStart);
  EXPECT_THAT(hand.request(), testing::Not(testing::HasSubstr("Authorization")));
  hand.answer(kChallenge);
  EXPECT_FALSE(hand.check.over());
  hand.check.on_connected(0, kStart);
  EXPECT_THAT(hand.request(), testing::HasSubstr("Authorization: Digest username=\"user\""));
  hand.answer(kChallenge);
  ASSERT_TRUE(hand.check.over());
  const domain::Measurement found = hand.check.take_measurement();
  EXPECT_EQ(found.http_status, 401);
  EXPECT_EQ(found.details.hops.size(), 2u);
}

TEST(Check, AnAccessTokenIsFetchedFirstAndKept) {
  domain::MonitorSpec spec = monitor("http://192.0.2.1/");
  spec.authentication.scheme = domain::AuthScheme::kOauth2;
  spec.authentication.token_url = "http://192.0.2.9/token";
  spec.authentication.client_id = "id";
  spec.authentication.client_secret = "secret";
  Hand hand(spec);
  hand.check.on_connected(0, kStart);
  EXPECT_THAT(hand.request(), testing::StartsWith("POST /token HTTP/1.1\r\nHost: 192.0.2.9\r\n"));
  hand.answer(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 60\r\n\r\n"
      "{\"access_token\":\"abc\",\"token_type\":\"Bearer\",\"expires_in\":60}");
  ASSERT_THAT(hand.connected, ElementsAre("192.0.2.9 80", "192.0.2.1 80"));
  hand.check.on_connected(0, kStart);
  EXPECT_THAT(hand.request(), testing::HasSubstr("Authorization: Bearer abc\r\n"));
  hand.answer(kHello);
  ASSERT_TRUE(hand.check.over());
  const domain::Measurement found = hand.check.take_measurement();
  EXPECT_EQ(found.details.hops.size(), 1u);
  EXPECT_THAT(found.details.secrets, ElementsAre("abc"));
  EXPECT_EQ(hand.known_token, "abc");
}

TEST(Check, ATokenThatCannotBeHadIsAnAuthenticationFailure) {
  domain::MonitorSpec spec = monitor("http://192.0.2.1/");
  spec.authentication.scheme = domain::AuthScheme::kOauth2;
  spec.authentication.token_url = "http://192.0.2.9/token";
  Hand hand(spec);
  hand.check.on_connect_failed(0, ECONNREFUSED, kStart);
  ASSERT_TRUE(hand.check.over());
  const domain::Measurement found = hand.check.take_measurement();
  EXPECT_EQ(found.reason, Reason::kAuthentication);
  EXPECT_EQ(found.message, "no access token from 192.0.2.9: 192.0.2.9 port 80 refused the connection");
}

TEST(Check, AKeptConnectionThatFailsIsReplacedByANewOne) {
  domain::MonitorSpec spec = monitor("http://192.0.2.1/");
  spec.reuse_connection = true;
  Hand first(spec);
  first.check.on_connected(0, kStart);
  first.request();
  first.answer(kHello);
  EXPECT_THAT(first.released, ElementsAre(true));
  EXPECT_TRUE(first.connected.size() == 1 && first.exchange->reusable());

  Hand second(spec, std::move(first.exchange));
  EXPECT_TRUE(second.connected.empty());
  EXPECT_THAT(second.request(), testing::StartsWith("GET / "));
  second.check.conversation()->end(http::End::kReset);
  second.check.on_progress(kStart);
  EXPECT_FALSE(second.check.over()) << "the server had closed it before it saw the request";
  EXPECT_THAT(second.connected, ElementsAre("192.0.2.1 80"));
  second.check.on_connected(0, kStart);
  second.request();
  second.answer(kHello);
  ASSERT_TRUE(second.check.over());
  const domain::Measurement found = second.check.take_measurement();
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_FALSE(found.details.hops.at(0).reused_connection);
}

TEST(Check, ARequestThatMayHaveBeenDoneIsNotSentTwice) {
  for (const auto& [method, sent_again] :
       {std::pair{"PUT", true}, std::pair{"POST", false}, std::pair{"PATCH", false}}) {
    domain::MonitorSpec spec = monitor("http://192.0.2.1/");
    spec.method = method;
    spec.body = "once";
    spec.reuse_connection = true;
    Hand first(spec);
    first.check.on_connected(0, kStart);
    first.request();
    first.answer(kHello);
    Hand second(spec, std::move(first.exchange));
    second.request();
    second.check.conversation()->end(http::End::kReset);
    second.check.on_progress(kStart);
    EXPECT_EQ(second.check.over(), !sent_again) << method;
    EXPECT_EQ(second.connected.size(), sent_again ? 1u : 0u) << method;
    if (second.check.over()) EXPECT_EQ(second.check.take_measurement().reason, Reason::kRequestReset);
  }
}

TEST(Check, AnAccessTokenIsFetchedThroughTheProxyAsWell) {
  domain::MonitorSpec spec = monitor("http://host.example/");
  spec.authentication.scheme = domain::AuthScheme::kOauth2;
  spec.authentication.token_url = "http://tokens.example/token";
  spec.proxy = {"http://192.0.2.9:3128", "user", "secret"};
  Hand hand(spec);
  hand.check.on_connected(0, kStart);
  const std::string request = hand.request();
  EXPECT_THAT(request,
              testing::StartsWith("POST http://tokens.example/token HTTP/1.1\r\nHost: tokens.example\r\n"));
  EXPECT_THAT(request, testing::HasSubstr("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"));
}

}  // namespace
}  // namespace openseer::probe
