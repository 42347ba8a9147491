#include "probe/http/url.h"

#include <gtest/gtest.h>

namespace openseer::probe::http {
namespace {

std::string parsed(std::string_view text) {
  const auto url = parse_url(text);
  return url ? url->text() : "none";
}

std::string resolved(std::string_view base, std::string_view reference) {
  const auto url = resolve(*parse_url(base), reference);
  return url ? url->text() : "none";
}

TEST(Url, IsTakenApart) {
  const auto url = parse_url("HTTPS://Example.COM:8443/a/b?c=d#e");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/b?c=d");
  EXPECT_EQ(url->path(), "/a/b");
  EXPECT_EQ(url->authority(), "example.com:8443");
  EXPECT_TRUE(url->tls());
  EXPECT_FALSE(url->numeric);
}

TEST(Url, LeavesOutTheSchemesOwnPort) {
  EXPECT_EQ(parsed("http://example.com:80"), "http://example.com/");
  EXPECT_EQ(parsed("https://example.com:443/x"), "https://example.com/x");
  EXPECT_EQ(parsed("https://example.com:/x"), "https://example.com/x");
  EXPECT_EQ(parsed("https://example.com:80/x"), "https://example.com:80/x");
  EXPECT_EQ(parse_url("http://example.com")->host_and_port(), "example.com:80");
}

TEST(Url, LeavesOutCredentialsAndFragment) {
  EXPECT_EQ(parsed("http://user:p@ss@example.com/#top"), "http://example.com/");
  EXPECT_EQ(parsed("http://example.com#@evil.com/"), "http://example.com/");
  EXPECT_EQ(parsed("http://good.com\\@evil.com/"), "http://good.com/@evil.com/");
}

TEST(Url, HostsMayBeAddresses) {
  EXPECT_EQ(parsed("http://[::1]:81/x"), "http://[::1]:81/x");
  EXPECT_EQ(parsed("http://[2001:DB8:0:0::1]"), "http://[2001:db8::1]/");
  EXPECT_TRUE(parse_url("http://127.0.0.1/")->numeric);
  for (const char* odd : {"http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/",
                          "http://[::1/", "http://[fe80::1%25eth0]/", "http://::1/"}) {
    EXPECT_EQ(parsed(odd), "none") << odd;
  }
}

TEST(Url, InternationalisedHostsBecomeAscii) {
  EXPECT_EQ(parsed("http://Bücher.example/"), "http://xn--bcher-kva.example/");
  EXPECT_EQ(parsed("http://faß.de/"), "http://xn--fa-hia.de/");
  EXPECT_EQ(parsed("http://b%C3%BCcher.example/"), "http://xn--bcher-kva.example/");
  EXPECT_EQ(parsed("http://例え.テスト/"), "http://xn--r8jz45g.xn--zckzah/");
  EXPECT_EQ(parsed("http://\xff\xfe.example/"), "none");
  EXPECT_EQ(parsed("http://a%00b.example/"), "none");
}

TEST(Url, EncodesWhatMayNotBeSent) {
  EXPECT_EQ(parsed("http://example.com/a b/ü?q=ä b"), "http://example.com/a%20b/%C3%BC?q=%C3%A4%20b");
  EXPECT_EQ(parsed("http://example.com/100%/|x"), "http://example.com/100%/|x");
  EXPECT_EQ(parsed("  http://example.com/a\r\nb "), "http://example.com/ab");
}

TEST(Url, IsHttpOrHttpsWithAHost) {
  for (const char* bad :
       {"", "example.com", "ftp://example.com/", "http:example.com", "http:/example.com", "http://",
        "http:///x", "http://:80/", "http://a..b/", "http://-a.com/", "http://a b.com/",
        "http://example.com:0/", "http://example.com:65536/", "http://example.com:8x/", "javascript:alert(1)",
        "http://%zz.com/", "http://a%2/"}) {
    EXPECT_EQ(parsed(bad), "none") << bad;
  }
  EXPECT_EQ(parsed("http://example.com/" + std::string(10'000, 'x')), "none");
}

// RFC 3986, section 5.4, as far as it concerns http.
TEST(UrlReference, ResolvesAsRfc3986Says) {
  const char* base = "http://a/b/c/d;p?q";
  const std::pair<const char*, const char*> examples[] = {
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
  };
  for (const auto& [reference, expected] : examples)
    EXPECT_EQ(resolved(base, reference), expected) << reference;
}

TEST(UrlReference, KeepsTheSchemeOrTakesAnother) {
  EXPECT_EQ(resolved("https://a/x", "//b/y"), "https://b/y");
  EXPECT_EQ(resolved("https://a/x", "http://b/y"), "http://b/y");
  EXPECT_EQ(resolved("https://a:8443/x", "/y"), "https://a:8443/y");
  EXPECT_EQ(resolved("https://a/x", "\\\\b\\y"), "https://b/y");
}

TEST(UrlReference, LeadsNowhereElse) {
  for (const char* bad : {"ftp://b/", "mailto:x@y", "javascript:alert(1)", "file:///etc/passwd", "//",
                          "http://", "///x", "http:x"}) {
    EXPECT_EQ(resolved("http://a/", bad), "none") << bad;
  }
  EXPECT_EQ(resolved("http://a/b", "c:d"), "none") << "a scheme this program does not go by";
  EXPECT_EQ(resolved("http://a/b", "./c:d"), "http://a/c:d");
}

TEST(UrlReference, EncodesWhatServersWriteRaw) {
  EXPECT_EQ(resolved("http://a/", "/sp ace/ü"), "http://a/sp%20ace/%C3%BC");
}

}  // namespace
}  // namespace openseer::probe::http
