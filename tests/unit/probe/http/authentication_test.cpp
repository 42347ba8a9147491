// Digest (RFC 7616) and OAuth 2.0 client credentials (RFC 6749).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "probe/http/digest.h"
#include "probe/http/oauth.h"

namespace openseer::probe::http {
namespace {

using domain::Reason;
using testing::HasSubstr;
using testing::Not;

Headers challenges(std::initializer_list<std::string_view> values) {
  Headers headers;
  for (const std::string_view value : values) headers.add("WWW-Authenticate", value);
  return headers;
}

constexpr std::string_view kNonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
constexpr std::string_view kCnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

std::string challenge(std::string_view algorithm) {
  return "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=" +
         std::string(algorithm) + ", nonce=\"" + std::string(kNonce) +
         "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
}

std::string mufasa(const DigestChallenge& challenge) {
  return digest_credentials(challenge, {"Mufasa", "Circle of Life", "GET", "/dir/index.html", kCnonce});
}

// The examples of RFC 7616, section 3.9.1.
TEST(Digest, AnswersAsTheRfcsExamples) {
  const auto md5 = find_digest_challenge(challenges({challenge("MD5")}));
  ASSERT_TRUE(md5);
  EXPECT_THAT(mufasa(*md5), HasSubstr("response=\"8ca523f5e9506fed4657c9700eebdbec\""));
  EXPECT_THAT(mufasa(*md5), HasSubstr("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""));
  EXPECT_THAT(mufasa(*md5), HasSubstr("qop=auth, nc=00000001"));
  const auto sha256 = find_digest_challenge(challenges({challenge("SHA-256")}));
  ASSERT_TRUE(sha256);
  EXPECT_THAT(mufasa(*sha256),
              HasSubstr("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\""));
}

TEST(Digest, PrefersTheStrongestItKnows) {
  const auto both =
      find_digest_challenge(challenges({challenge("MD5"), challenge("SHA-256"), challenge("SHA-9000")}));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->hash, DigestHash::kSha256);
  const auto in_one = find_digest_challenge(challenges(
      {"Basic realm=\"x\", " + challenge("SHA-256") + ", " + challenge("MD5") + ", Negotiate abc=="}));
  ASSERT_TRUE(in_one);
  EXPECT_EQ(in_one->hash, DigestHash::kSha256);
  EXPECT_EQ(in_one->realm, "http-auth@example.org");
}

TEST(Digest, KnowsSessionsAndOldServers) {
  const auto session =
      find_digest_challenge(challenges({"Digest realm=\"r\", nonce=\"n\", algorithm=MD5-sess, qop=auth"}));
  ASSERT_TRUE(session);
  EXPECT_TRUE(session->session);
  EXPECT_THAT(mufasa(*session), HasSubstr("algorithm=MD5-sess"));
  // RFC 2617's own example without qop (RFC 2069).
  const auto old = find_digest_challenge(
      challenges({"Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\""}));
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->qop_auth);
  const std::string answer =
      digest_credentials(*old, {"Mufasa", "CircleOfLife", "GET", "/dir/index.html", "c"});
  EXPECT_THAT(answer, HasSubstr("response=\"1949323746fe6a43ef61f9606e7febea\""));
  EXPECT_THAT(answer, Not(HasSubstr("cnonce")));
}

TEST(Digest, ReadsStaleAndUserhash) {
  const auto found = find_digest_challenge(
      challenges({"digest REALM=r, nonce=\"n\\\"q\", stale=TRUE, userhash=true, qop=\"auth\""}));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->stale);
  EXPECT_EQ(found->nonce, "n\"q");
  EXPECT_THAT(mufasa(*found), HasSubstr("userhash=true"));
  EXPECT_THAT(mufasa(*found), Not(HasSubstr("Mufasa")));
}

TEST(Digest, RefusesWhatCannotBeMet) {
  for (const char* unusable :
       {"Basic realm=\"x\"", "Digest realm=\"x\"", "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"x\", nonce=\"n\", algorithm=SHA-9", "Digest realm=\"x\", nonce=\"unterminated", "",
        "=", "Digest"}) {
    EXPECT_FALSE(find_digest_challenge(challenges({unusable}))) << unusable;
  }
}

const Url kTokenUrl = *parse_url("https://id.example.com/oauth/token");

TEST(Oauth, AsksWithTheClientsCredentials) {
  domain::Authentication authentication;
  authentication.client_id = "my client";
  authentication.client_secret = "s:c&t";
  authentication.scope = "read write";
  authentication.audience = "https://api";
  const Message message = oauth_request(authentication, kTokenUrl, "OpenSeer/1");
  EXPECT_EQ(message.method, "POST");
  EXPECT_EQ(message.body, "grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fapi");
  bool authorized = false;
  for (const auto& header : message.headers) {
    if (header.name == "Authorization") authorized = header.value == "Basic bXkrY2xpZW50OnMlM0FjJTI2dA==";
  }
  EXPECT_TRUE(authorized);
}

Answer answer(int status, std::string body) {
  Answer out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

Fault refusal(int status, std::string body) {
  const auto token = oauth_token(answer(status, std::move(body)));
  const Fault* const fault = std::get_if<Fault>(&token);
  EXPECT_NE(fault, nullptr);
  if (fault != nullptr) EXPECT_EQ(fault->reason, Reason::kAuthentication);
  return fault == nullptr ? Fault{} : *fault;
}

TEST(Oauth, ReadsTheToken) {
  const auto token =
      oauth_token(answer(200, R"({"access_token":"abc.def","token_type":"Bearer","expires_in":3600})"));
  ASSERT_TRUE(std::holds_alternative<OauthToken>(token));
  EXPECT_EQ(std::get<OauthToken>(token).value, "abc.def");
  EXPECT_EQ(std::get<OauthToken>(token).lifetime, Seconds{3600});
  EXPECT_TRUE(std::holds_alternative<OauthToken>(oauth_token(answer(200, R"({"access_token":"abc"})"))));
}

TEST(Oauth, SaysWhyThereIsNone) {
  EXPECT_EQ(refusal(401, R"({"error":"invalid_client"})").message,
            "the token server answered 401: invalid_client");
  EXPECT_EQ(refusal(500, "<html>").message, "the token server answered 500");
  EXPECT_THAT(refusal(200, "<html>").message, HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal(200, "{}").message, HasSubstr("no usable access_token"));
  EXPECT_THAT(refusal(200, R"({"access_token":"a\r\nX: y"})").message, HasSubstr("no usable access_token"));
  EXPECT_THAT(refusal(200, R"({"access_token":7})").message, HasSubstr("no usable access_token"));
  EXPECT_THAT(refusal(200, R"({"access_token":"a","token_type":"mac"})").message, HasSubstr("of type mac"));
  EXPECT_THAT(refusal(200, std::string(100'000, '[')).message, HasSubstr("not a JSON object"));
}

}  // namespace
}  // namespace openseer::probe::http
