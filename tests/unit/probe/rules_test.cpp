// The parts of the probe that need no network: egress, redirects, timing, text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/egress.h"
#include "probe/plain_text.h"
#include "probe/request.h"
#include "probe/timing.h"

namespace openseer::probe {
namespace {

using testing::ElementsAre;

Reach reach(const char* text) { return reach_of(boost::asio::ip::make_address(text)); }

TEST(Egress, PublicAddressesArePublic) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
        "192.167.255.255", "169.253.255.255", "223.255.255.255", "2606:4700::1111",
        "2a00:1450:4001:80b::200e", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"}) {
    EXPECT_EQ(reach(text), Reach::kPublic) << text;
  }
}

TEST(Egress, NetworksOfOnesOwnArePrivateInEverySpelling) {
  for (const char* text : {"127.0.0.1",
                           "127.255.255.254",
                           "10.0.0.1",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "100.64.0.1",
                           "100.127.255.255",
                           "198.18.0.1",
                           "::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fec0::1",
                           "::ffff:127.0.0.1",
                           "::ffff:192.168.0.1",
                           "::10.0.0.1",
                           "::ffff:0:10.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b:1::808:808",
                           "2002:a00:1::",
                           "2002:c0a8:101::1",
                           "2001:0:808:808::f5ff:fffe",
                           "2a00:1450::5efe:10.0.0.1",
                           "2a00:1450::200:5efe:192.168.0.1"}) {
    EXPECT_EQ(reach(text), Reach::kPrivate) << text;
  }
}

TEST(Egress, MetadataAndLocalLinksAreNeverReached) {
  for (const char* text : {"169.254.169.254",
                           "169.254.0.1",
                           "100.100.100.200",
                           "192.0.0.192",
                           "168.63.129.16",
                           "0.0.0.0",
                           "0.1.2.3",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "fe80::1",
                           "febf::1",
                           "ff02::1",
                           "fd00:ec2::254",
                           "fd20:ce::254",
                           "100::1",
                           "::ffff:169.254.169.254",
                           "::169.254.169.254",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::a9fe:a9fe",
                           "2002:a9fe:a9fe::1",
                           "2001:0:a9fe:a9fe::1",
                           "2a00:1450::5efe:169.254.169.254"}) {
    EXPECT_EQ(reach(text), Reach::kNever) << text;
  }
}

TEST(Egress, ThePolicyOpensPrivateNetworksOnly) {
  const EgressPolicy closed{false};
  const EgressPolicy open{true};
  const auto at = [](const char* text) { return boost::asio::ip::make_address(text); };
  EXPECT_TRUE(may_connect(closed, at("1.1.1.1")));
  EXPECT_FALSE(may_connect(closed, at("::ffff:10.0.0.1")));
  EXPECT_TRUE(may_connect(open, at("::ffff:10.0.0.1")));
  EXPECT_FALSE(may_connect(open, at("::ffff:169.254.169.254")));
}

Target target(const std::string& url) {
  const auto parsed = parse_target(url);
  EXPECT_TRUE(parsed) << url;
  return parsed.value_or(Target{});
}

TEST(Target, KnowsHostPortAndAddress) {
  const Target plain = target("HTTP://Example.COM/a?b#c");
  EXPECT_EQ(plain.scheme, "http");
  EXPECT_EQ(plain.host, "example.com");
  EXPECT_EQ(plain.port, 80);
  EXPECT_FALSE(plain.numeric);
  EXPECT_EQ(plain.url, "http://Example.COM/a?b");
  const Target six = target("https://[::1]:8443/");
  EXPECT_EQ(six.host, "::1");
  EXPECT_EQ(six.port, 8443);
  EXPECT_TRUE(six.numeric && six.tls());
  EXPECT_EQ(target("http://2130706433/").numeric, boost::asio::ip::make_address("127.0.0.1"));
  EXPECT_EQ(target("http://me:secret@example.com/").url, "http://example.com/");
  for (const char* url : {"", "ftp://example.com/", "file:///etc/passwd", "http://", "gopher://x/"}) {
    EXPECT_FALSE(parse_target(url)) << url;
  }
}

TEST(Target, LocationsAreRelativeToTheirOrigin) {
  const Target base = target("https://example.com/a/b?c=d");
  const auto url = [&](const std::string& location) {
    const auto next = parse_location(base, location);
    return next ? next->url : "";
  };
  EXPECT_EQ(url("/x"), "https://example.com/x");
  EXPECT_EQ(url("x"), "https://example.com/a/x");
  EXPECT_EQ(url("?y=1"), "https://example.com/a/b?y=1");
  EXPECT_EQ(url("//other.example/z"), "https://other.example/z");
  EXPECT_EQ(url("http://other.example"), "http://other.example/");
  EXPECT_EQ(url("/with space"), "https://example.com/with%20space");
  EXPECT_EQ(url("ftp://example.com/"), "");
  EXPECT_EQ(url("javascript:alert(1)"), "");
}

Request request(const char* method) {
  return {method,
          target("https://example.com/"),
          {{"Content-Type", "text/plain", false},
           {"X-Key", "k", true},
           {"Cookie", "c", false},
           {"X-Plain", "p", false}},
          "body"};
}

std::vector<std::string> names(const Request& request) {
  std::vector<std::string> out;
  for (const domain::Header& header : request.headers) out.push_back(header.name);
  return out;
}

TEST(Redirect, SeeOtherBecomesGetWithoutBody) {
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    Request moved = request(method);
    redirect(moved, 303, target("https://example.com/b"));
    EXPECT_EQ(moved.method, "GET");
    EXPECT_EQ(moved.body, "");
    EXPECT_THAT(names(moved), ElementsAre("X-Key", "Cookie", "X-Plain"));
  }
  Request head = request("HEAD");
  redirect(head, 303, target("https://example.com/b"));
  EXPECT_EQ(head.method, "HEAD");
}

TEST(Redirect, MovedTurnsOnlyPostIntoGet) {
  for (const int status : {301, 302}) {
    Request post = request("POST");
    redirect(post, status, target("https://example.com/b"));
    EXPECT_EQ(post.method, "GET");
    Request put = request("PUT");
    redirect(put, status, target("https://example.com/b"));
    EXPECT_EQ(put.method, "PUT");
    EXPECT_EQ(put.body, "body");
  }
}

TEST(Redirect, TemporaryAndPermanentKeepMethodAndBody) {
  for (const int status : {307, 308}) {
    Request post = request("POST");
    redirect(post, status, target("https://example.com/b"));
    EXPECT_EQ(post.method, "POST");
    EXPECT_EQ(post.body, "body");
  }
}

TEST(Redirect, SecretsStayWithTheirOrigin) {
  for (const char* url : {"https://example.com:444/", "http://example.com/", "https://example.org/"}) {
    Request moved = request("GET");
    redirect(moved, 302, target(url));
    EXPECT_THAT(names(moved), ElementsAre("Content-Type", "X-Plain")) << url;
  }
  Request same = request("GET");
  redirect(same, 302, target("https://EXAMPLE.com:443/other"));
  EXPECT_THAT(names(same), ElementsAre("Content-Type", "X-Key", "Cookie", "X-Plain"));
}

Marks complete_marks() {
  Marks marks;
  marks.tls = marks.looked_up = marks.connecting = true;
  marks.resolved = Milliseconds{10};
  marks.connected = Milliseconds{30};
  marks.secured = Milliseconds{60};
  marks.requested = Milliseconds{61};
  marks.first_byte = Milliseconds{100};
  marks.ended = Milliseconds{150};
  return marks;
}

TEST(Timing, PhasesAreTheStepsBetweenMilestones) {
  const domain::Phases phases = phases_of(complete_marks());
  EXPECT_EQ(phases.dns, Milliseconds{10});
  EXPECT_EQ(phases.connect, Milliseconds{20});
  EXPECT_EQ(phases.tls, Milliseconds{30});
  EXPECT_EQ(phases.wait, Milliseconds{39});
  EXPECT_EQ(phases.download, Milliseconds{50});
}

TEST(Timing, AnUnfinishedStageLastsUntilTheEnd) {
  Marks marks = complete_marks();
  marks.first_byte = {};
  EXPECT_EQ(stage_of(marks), Stage::kWait);
  EXPECT_EQ(phases_of(marks).wait, Milliseconds{89});
  marks.secured = marks.requested = {};
  EXPECT_EQ(stage_of(marks), Stage::kTls);
  EXPECT_EQ(phases_of(marks).tls, Milliseconds{120});
  marks.connected = {};
  EXPECT_EQ(stage_of(marks), Stage::kConnect);
  EXPECT_EQ(phases_of(marks).connect, Milliseconds{140});
  marks.connecting = false;
  EXPECT_EQ(stage_of(marks), Stage::kDns);
  EXPECT_EQ(phases_of(marks).dns, Milliseconds{150});
  EXPECT_EQ(phases_of(marks).connect, Milliseconds{0});
}

TEST(Timing, NothingIsNegativeWhenMilestonesAreOutOfOrder) {
  Marks marks = complete_marks();
  std::swap(marks.resolved, marks.connected);
  std::swap(marks.requested, marks.ended);
  const domain::Phases phases = phases_of(marks);
  for (const Microseconds phase : {phases.dns, phases.connect, phases.tls, phases.wait, phases.download}) {
    EXPECT_GE(phase, Microseconds{0});
  }
}

TEST(PlainText, KeepsUtf8AndReplacesTheRest) {
  EXPECT_EQ(plain_text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"), "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80");
  EXPECT_EQ(plain_text("a\xff\xc3(\x1b[31m\r\n\x7f"), "a?\?(?[31m?\?\?");
  EXPECT_EQ(plain_text("\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xc2\x9b"), "???????????");
  EXPECT_EQ(plain_text("cut \xe2\x82"), "cut ??");
}

TEST(PlainText, IsCutBetweenCharacters) {
  std::string text(299, 'a');
  text += "\xc3\xbc";
  EXPECT_EQ(plain_text(text), std::string(299, 'a'));
  EXPECT_EQ(plain_text(std::string(1000, 'b')).size(), 300u);
}

}  // namespace
}  // namespace openseer::probe
