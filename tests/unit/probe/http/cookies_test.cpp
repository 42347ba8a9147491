#include "probe/http/cookies.h"

#include <gtest/gtest.h>

namespace openseer::probe::http {
namespace {

using namespace std::chrono_literals;

const Instant kNow = std::chrono::sys_days{std::chrono::year{2026} / 11 / 25};

class Jar {
 public:
  Jar& set(std::string_view url, std::string_view cookie, Instant now = kNow) {
    Headers headers;
    headers.add("Set-Cookie", cookie);
    jar_.store(*parse_url(url), headers, now);
    return *this;
  }
  std::string sent(std::string_view url, Instant now = kNow) const {
    return jar_.cookies_for(*parse_url(url), now);
  }
  std::size_t size() const { return jar_.size(); }

 private:
  CookieJar jar_;
};

TEST(Cookies, GoBackToTheirHost) {
  const Jar jar = Jar().set("http://example.com/", "a=1").set("http://example.com/", " b = 2 ; HttpOnly");
  EXPECT_EQ(jar.sent("http://example.com/x"), "a=1; b=2");
  EXPECT_EQ(jar.sent("https://example.com:8443/"), "a=1; b=2");
  EXPECT_EQ(jar.sent("http://www.example.com/"), "");
  EXPECT_EQ(jar.sent("http://badexample.com/"), "");
}

TEST(Cookies, GoToADomainWhenTheySaySo) {
  const Jar jar = Jar().set("http://www.example.com/", "a=1; Domain=.Example.com");
  EXPECT_EQ(jar.sent("http://example.com/"), "a=1");
  EXPECT_EQ(jar.sent("http://api.example.com/"), "a=1");
  EXPECT_EQ(jar.sent("http://badexample.com/"), "");
}

TEST(Cookies, OfAnotherDomainAreRefused) {
  EXPECT_EQ(Jar().set("http://example.com/", "a=1; Domain=other.com").size(), 0U);
  EXPECT_EQ(Jar().set("http://example.com/", "a=1; Domain=www.example.com").size(), 0U);
  EXPECT_EQ(Jar().set("http://example.com/", "a=1; Domain=com").size(), 0U);
  EXPECT_EQ(Jar().set("http://10.0.0.1/", "a=1; Domain=0.0.1").size(), 0U);
  EXPECT_EQ(Jar().set("http://10.0.0.1/", "a=1; Domain=10.0.0.1").sent("http://10.0.0.1/"), "a=1");
}

TEST(Cookies, StayBelowTheirPath) {
  const Jar jar = Jar()
                      .set("http://a.com/docs/index.html", "own=1")
                      .set("http://a.com/", "set=2; Path=/docs")
                      .set("http://a.com/", "root=3");
  EXPECT_EQ(jar.sent("http://a.com/docs"), "own=1; set=2; root=3");
  EXPECT_EQ(jar.sent("http://a.com/docs/x"), "own=1; set=2; root=3");
  EXPECT_EQ(jar.sent("http://a.com/docsx"), "root=3");
  EXPECT_EQ(jar.sent("http://a.com/?/docs/"), "root=3");
}

TEST(Cookies, LongerPathsComeFirst) {
  EXPECT_EQ(Jar().set("http://a.com/", "r=1").set("http://a.com/", "d=2; Path=/d").sent("http://a.com/d"),
            "d=2; r=1");
}

TEST(Cookies, ThatAreSecureNeedTls) {
  const Jar jar = Jar().set("https://a.com/", "a=1; Secure");
  EXPECT_EQ(jar.sent("https://a.com/"), "a=1");
  EXPECT_EQ(jar.sent("http://a.com/"), "");
  EXPECT_EQ(Jar().set("http://a.com/", "a=1; Secure").size(), 0U);
}

TEST(Cookies, ExpireByAgeBeforeDate) {
  const Jar jar = Jar().set("http://a.com/", "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(jar.sent("http://a.com/", kNow + 59s), "a=1");
  EXPECT_EQ(jar.sent("http://a.com/", kNow + 60s), "");
  EXPECT_EQ(Jar()
                .set("http://a.com/", "a=1; Expires=Wed, 25 Nov 2026 00:00:10 GMT")
                .sent("http://a.com/", kNow + 9s),
            "a=1");
  EXPECT_EQ(Jar()
                .set("http://a.com/", "a=1; Expires=Wed, 25 Nov 2026 00:00:10 GMT")
                .sent("http://a.com/", kNow + 10s),
            "");
}

TEST(Cookies, AreReplacedAndDeleted) {
  Jar jar;
  jar.set("http://a.com/", "a=1").set("http://a.com/", "a=2");
  EXPECT_EQ(jar.sent("http://a.com/"), "a=2");
  EXPECT_EQ(jar.set("http://a.com/", "a=; Max-Age=0").size(), 0U);
  EXPECT_EQ(Jar().set("http://a.com/", "a=1").set("http://a.com/", "a=1; Max-Age=-5").size(), 0U);
}

TEST(Cookies, WithPrefixesKeepTheirPromise) {
  EXPECT_EQ(Jar().set("https://a.com/", "__Secure-a=1").size(), 0U);
  EXPECT_EQ(Jar().set("https://a.com/", "__Secure-a=1; Secure").size(), 1U);
  EXPECT_EQ(Jar().set("https://a.com/x/y", "__Host-a=1; Secure").size(), 0U);
  EXPECT_EQ(Jar().set("https://a.com/", "__host-a=1; Secure; Path=/; Domain=a.com").size(), 0U);
  EXPECT_EQ(Jar().set("https://a.com/x/y", "__Host-a=1; Secure; Path=/").size(), 1U);
  EXPECT_EQ(Jar().set("https://a.com/", "=__Secure-a=1; Secure").size(), 0U);
}

TEST(Cookies, AreBounded) {
  EXPECT_EQ(Jar().set("http://a.com/", "a=" + std::string(5'000, 'x')).size(), 0U);
  Jar jar;
  for (int i = 0; i < 1'000; ++i) jar.set("http://a.com/", "c" + std::to_string(i) + "=1");
  EXPECT_EQ(jar.size(), 50U);
}

TEST(Cookies, WithControlCharactersAreRefused) {
  EXPECT_EQ(Jar().set("http://a.com/", "a=1\x01").size(), 0U);
  EXPECT_EQ(Jar().set("http://a.com/", "").size(), 0U);
  EXPECT_EQ(Jar().set("http://a.com/", "=").size(), 0U);
}

TEST(CookieDate, HasManySpellings) {
  const Instant expected = std::chrono::sys_days{std::chrono::year{1994} / 11 / 6} + 8h + 49min + 37s;
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994", "06-November-1994 8:49:37", "1994 08:49:37 nov 6"}) {
    EXPECT_EQ(parse_cookie_date(text), expected) << text;
  }
}

TEST(CookieDate, RefusesWhatIsNone) {
  for (const char* text : {"", "Sun, 06 Nov 1994", "31 Feb 2026 00:00:00", "06 Nov 1600 08:49:37",
                           "06 Nov 1994 24:00:00", "06 Xyz 1994 08:49:37", "0 Nov 1994 08:49:37"}) {
    EXPECT_FALSE(parse_cookie_date(text)) << text;
  }
}

}  // namespace
}  // namespace openseer::probe::http
