#include "http/static_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/content_security.h"

namespace openseer::http {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kPage =
    "<!doctype html><html><head><script src=\"/_next/static/a.js\"></script>"
    "<script>alert(1)</script><script nonce='>'>alert(1)</script>"
    "<script id=\"__NEXT_DATA__\" type=\"application/json\">{\"page\":\"/\"}</script></head></html>";
// Of alert(1), by `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`.
constexpr std::string_view kAlertHash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

constexpr std::array<embedded::File, 8> kSite{{
    {"404.html", "d404", "<p>nothing here", {}, {}},
    {"_next/static/a.js", "daaa", "let a = 1", "BROTLI", "GZIP"},
    {"_next/static/pages/monitors/[id]-1.js", "d111", "let id", {}, {}},
    {"favicon.svg", "dfav", "<svg/>", {}, {}},
    {"index.html", "dind", kPage, {}, "PAGE-GZIP"},
    {"monitors/[id].html", "dmon", "<p>monitor", {}, {}},
    {"monitors/new.html", "dnew", "<p>new", {}, {}},
    {"settings/index.html", "dset", "<p>settings", {}, {}},
}};

Request request_for(std::string path) {
  Request request;
  request.method = "GET";
  request.path = std::move(path);
  return request;
}

Response fetch(std::string path) { return StaticFiles(kSite).answer(request_for(std::move(path))); }

Response fetch_with(std::string path, std::string name, std::string value) {
  Request request = request_for(std::move(path));
  request.headers.set(std::move(name), std::move(value));
  return StaticFiles(kSite).answer(request);
}

TEST(StaticFiles, PagesHaveCleanAddresses) {
  EXPECT_EQ(fetch("/").static_body, kPage);
  EXPECT_EQ(fetch("/settings").static_body, "<p>settings");
  EXPECT_EQ(fetch("/settings/").static_body, "<p>settings");
  EXPECT_EQ(fetch("/favicon.svg").static_body, "<svg/>");
  EXPECT_EQ(fetch("/favicon.svg").headers.get("Content-Type"), "image/svg+xml");
  EXPECT_EQ(fetch("/").headers.get("Content-Type"), "text/html; charset=utf-8");
}

TEST(StaticFiles, ASegmentInBracketsMatchesAnythingThatIsNotThere) {
  EXPECT_EQ(fetch("/monitors/7").static_body, "<p>monitor");
  EXPECT_EQ(fetch("/monitors/new").static_body, "<p>new");
  EXPECT_EQ(fetch("/_next/static/pages/monitors/[id]-1.js").static_body, "let id");
  EXPECT_EQ(fetch("/monitors/7/edit").status, 404);
  EXPECT_EQ(fetch("/monitors/").status, 404);
  EXPECT_EQ(fetch("/monitors").status, 404);
}

TEST(StaticFiles, TheUnknownGetsTheSitesOwnPage) {
  for (const char* path : {"/nothing", "/404", "/index.html", "/../favicon.svg", "/..", "//favicon.svg",
                           "/favicon.svg/x", "/etc/passwd", "/_next/static/", "/_next"}) {
    const Response response = fetch(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.static_body, "<p>nothing here") << path;
  }
  const StaticFiles without_pages(std::span(kSite).subspan(1, 1));
  EXPECT_EQ(without_pages.answer(request_for("/nothing")).status, 404);
  EXPECT_TRUE(StaticFiles({}).empty());
  EXPECT_FALSE(without_pages.empty());
}

TEST(StaticFiles, SendsTheSmallestFormTheClientTakes) {
  const auto encoded = [](std::string accept) {
    const Response response = fetch_with("/_next/static/a.js", "Accept-Encoding", std::move(accept));
    EXPECT_EQ(response.headers.get("Vary"), "Accept-Encoding");
    return std::string(response.headers.get("Content-Encoding")) + ":" + std::string(response.static_body);
  };
  EXPECT_EQ(encoded("gzip, deflate, br"), "br:BROTLI");
  EXPECT_EQ(encoded("gzip;q=0.5"), "gzip:GZIP");
  EXPECT_EQ(encoded("br;q=0, gzip"), "gzip:GZIP");
  EXPECT_EQ(encoded("br;q=0.0"), ":let a = 1");
  EXPECT_EQ(encoded("identity"), ":let a = 1");
  EXPECT_EQ(fetch_with("/", "Accept-Encoding", "br").static_body, kPage) << "there is no brotli form";
}

TEST(StaticFiles, EachFormHasItsOwnStrongEtag) {
  EXPECT_EQ(fetch("/_next/static/a.js").headers.get("ETag"), "\"daaa\"");
  EXPECT_EQ(fetch_with("/_next/static/a.js", "Accept-Encoding", "br").headers.get("ETag"), "\"daaa-br\"");
  EXPECT_EQ(fetch_with("/_next/static/a.js", "Accept-Encoding", "gzip").headers.get("ETag"), "\"daaa-gz\"");
}

TEST(StaticFiles, AnswersNotModifiedToAKnownEtag) {
  for (const char* known : {"\"dfav\"", "W/\"dfav\"", "\"other\", \"dfav\"", "*"}) {
    const Response response = fetch_with("/favicon.svg", "If-None-Match", known);
    EXPECT_EQ(response.status, 304) << known;
    EXPECT_TRUE(response.static_body.empty() && response.body.empty());
    EXPECT_EQ(response.headers.get("ETag"), "\"dfav\"");
  }
  EXPECT_EQ(fetch_with("/favicon.svg", "If-None-Match", "\"dfav-br\"").status, 200);
  EXPECT_EQ(fetch_with("/nothing", "If-None-Match", "\"d404\"").status, 404);
}

TEST(StaticFiles, OnlyHashedNamesAreCachedForGood) {
  EXPECT_EQ(fetch("/_next/static/a.js").headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(fetch("/").headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(fetch("/nothing").headers.get("Cache-Control"), "no-cache");
}

TEST(StaticFiles, ThePolicyAllowsExactlyThePagesInlineScripts) {
  const std::string policy(fetch("/").headers.get("Content-Security-Policy"));
  EXPECT_THAT(policy, HasSubstr("script-src 'self' " + std::string(kAlertHash) + ";"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, HasSubstr("default-src 'self'"));
  EXPECT_THAT(std::string(fetch("/settings").headers.get("Content-Security-Policy")),
              HasSubstr("script-src 'self';"));
  EXPECT_THAT(std::string(fetch("/nothing").headers.get("Content-Security-Policy")),
              HasSubstr("default-src"));
}

TEST(StaticFiles, NoInlineStyleIsAllowedButThePagesOwnElements) {
  const std::string plain = page_policy("<p style=\"color:red\">x");
  EXPECT_THAT(plain, HasSubstr("style-src 'self';"));
  EXPECT_THAT(plain, Not(HasSubstr("unsafe")));
  // Of p{}, by `printf 'p{}' | openssl dgst -sha256 -binary | base64`.
  EXPECT_THAT(page_policy("<style>p{}</style><style media=print>p{}</style>"),
              HasSubstr("style-src 'self' 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y=';"));
}

TEST(StaticFiles, EveryAnswerCarriesTheSecurityHeaders) {
  for (const char* path : {"/", "/favicon.svg", "/nothing"}) {
    const Response response = fetch(path);
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_THAT(std::string(response.headers.get("Content-Security-Policy")),
                HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(response.headers.get("Referrer-Policy"), "same-origin");
    EXPECT_EQ(response.headers.get("Strict-Transport-Security"), "");
  }
  Request secure = request_for("/");
  secure.tls = true;
  EXPECT_THAT(std::string(StaticFiles(kSite).answer(secure).headers.get("Strict-Transport-Security")),
              HasSubstr("max-age="));
}

TEST(StaticFiles, OnlyGetAndHeadAreAnswered) {
  Request request = request_for("/");
  request.method = "POST";
  const Response refused = StaticFiles(kSite).answer(request);
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.get("Allow"), "GET, HEAD");
  request.method = "HEAD";
  EXPECT_EQ(StaticFiles(kSite).answer(request).status, 200);
}

}  // namespace
}  // namespace openseer::http
