// The parts of the probe that need no network: egress, redirects, timing, text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/check/request.h"
#include "probe/check/timing.h"
#include "probe/net/address.h"
#include "probe/net/egress.h"
#include "probe/plain_text.h"

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

http::Url url(const std::string& text) {
  const auto parsed = http::parse_url(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(http::Url{});
}

domain::MonitorSpec spec(const char* method) {
  domain::MonitorSpec spec;
  spec.url = "https://example.com/";
  spec.method = method;
  spec.headers = {{"Content-Type", "text/plain", false},
                  {"X-Key", "k", true},
                  {"Cookie", "c", false},
                  {"X-Plain", "p", false}};
  spec.body = "body";
  return spec;
}

struct Asked {
  std::string method;
  std::string body;
  std::vector<std::string> names;
  bool at_home = false;
};

// What is asked for after `method` was answered by a redirect.
Asked after_redirect(const char* method, int status, const std::string& to) {
  const domain::MonitorSpec monitor = spec(method);
  Request request(monitor, url(monitor.url));
  request.redirect(status, url(to));
  const http::Message message = request.message("", "", false, "", Instant{});
  Asked asked{message.method, message.body, {}, request.at_home()};
  for (const domain::Header& header : message.headers) {
    if (!header.name.starts_with("Accept")) asked.names.push_back(header.name);
  }
  return asked;
}

TEST(Redirect, SeeOtherBecomesGetWithoutBody) {
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    const Asked asked = after_redirect(method, 303, "https://example.com/b");
    EXPECT_EQ(asked.method, "GET");
    EXPECT_EQ(asked.body, "");
    EXPECT_THAT(asked.names, ElementsAre("X-Key", "Cookie", "X-Plain"));
  }
  EXPECT_EQ(after_redirect("HEAD", 303, "https://example.com/b").method, "HEAD");
}

TEST(Redirect, MovedTurnsOnlyPostIntoGet) {
  for (const int status : {301, 302}) {
    EXPECT_EQ(after_redirect("POST", status, "https://example.com/b").method, "GET");
    const Asked put = after_redirect("PUT", status, "https://example.com/b");
    EXPECT_EQ(put.method, "PUT");
    EXPECT_EQ(put.body, "body");
  }
}

TEST(Redirect, TemporaryAndPermanentKeepMethodAndBody) {
  for (const int status : {307, 308}) {
    const Asked post = after_redirect("POST", status, "https://example.com/b");
    EXPECT_EQ(post.method, "POST");
    EXPECT_EQ(post.body, "body");
  }
}

TEST(Redirect, SecretsStayWithTheirOrigin) {
  for (const char* to : {"https://example.com:444/", "http://example.com/", "https://example.org/"}) {
    const Asked moved = after_redirect("GET", 302, to);
    EXPECT_THAT(moved.names, ElementsAre("Content-Type", "X-Plain")) << to;
    EXPECT_FALSE(moved.at_home);
  }
  const Asked same = after_redirect("GET", 302, "https://EXAMPLE.com:443/other");
  EXPECT_THAT(same.names, ElementsAre("Content-Type", "X-Key", "Cookie", "X-Plain"));
  EXPECT_TRUE(same.at_home);
}

TEST(Redirect, WhoHasLeftHomeIsAStrangerEvenBackThere) {
  const domain::MonitorSpec monitor = spec("GET");
  Request request(monitor, url(monitor.url));
  request.redirect(302, url("https://example.org/"));
  request.redirect(302, url(monitor.url));
  EXPECT_FALSE(request.at_home());
}

constexpr Monotonic kBegan{Seconds{100}};

Marks complete_marks() {
  Marks marks;
  marks.tls = marks.looked_up = true;
  marks.began = kBegan;
  marks.resolved = kBegan + Milliseconds{10};
  marks.connected = kBegan + Milliseconds{30};
  marks.secured = kBegan + Milliseconds{60};
  marks.requested = kBegan + Milliseconds{61};
  marks.first_byte = kBegan + Milliseconds{100};
  return marks;
}

domain::Phases phases(const Marks& marks) { return phases_of(marks, kBegan + Milliseconds{150}); }

TEST(Timing, PhasesAreTheStepsBetweenMilestones) {
  const domain::Phases found = phases(complete_marks());
  EXPECT_EQ(found.dns, Milliseconds{10});
  EXPECT_EQ(found.connect, Milliseconds{20});
  EXPECT_EQ(found.tls, Milliseconds{30});
  EXPECT_EQ(found.wait, Milliseconds{39});
  EXPECT_EQ(found.download, Milliseconds{50});
  EXPECT_EQ(found.total, Milliseconds{150});
}

TEST(Timing, AnUnfinishedStageLastsUntilTheEnd) {
  Marks marks = complete_marks();
  marks.first_byte = {};
  EXPECT_EQ(phases(marks).wait, Milliseconds{89});
  EXPECT_EQ(phases(marks).download, Microseconds{0});
  marks.secured = marks.requested = {};
  EXPECT_EQ(phases(marks).tls, Milliseconds{120});
  marks.connected = {};
  EXPECT_EQ(phases(marks).connect, Milliseconds{140});
  marks.resolved = {};
  EXPECT_EQ(phases(marks).dns, Milliseconds{150});
  EXPECT_EQ(phases(marks).connect, Microseconds{0});
}

TEST(Timing, AKeptConnectionBeginsWithTheRequest) {
  Marks marks;
  marks.reused = true;
  marks.began = kBegan;
  marks.first_byte = kBegan + Milliseconds{20};
  EXPECT_EQ(phases(marks).connect, Microseconds{0});
  EXPECT_EQ(phases(marks).wait, Milliseconds{20});
  EXPECT_EQ(phases(marks).download, Milliseconds{130});
}

TEST(Timing, NothingIsNegativeWhenMilestonesAreOutOfOrder) {
  Marks marks = complete_marks();
  std::swap(marks.resolved, marks.connected);
  std::swap(marks.requested, marks.first_byte);
  const domain::Phases found = phases(marks);
  for (const Microseconds phase : {found.dns, found.connect, found.tls, found.wait, found.download}) {
    EXPECT_GE(phase, Microseconds{0});
  }
}

TEST(AddressText, IsWhatTheLibraryWrites) {
  for (const char* text : {"0.0.0.0", "255.255.255.255", "10.0.200.1", "::1", "2001:db8::ff"}) {
    EXPECT_EQ(text_of(boost::asio::ip::make_address(text)), text);
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
