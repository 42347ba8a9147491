#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/api/password_rules.h"
#include "openseer/v1/health_service.pb.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ApiAccounts : public ApiTest {
 protected:
  bool signed_in(Browser& browser) {
    return browser.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code == "ok";
  }
  Answer change_password(Browser& browser, const std::string& current, const std::string& next) {
    v1::ChangePasswordRequest request;
    request.set_current_password(current);
    request.set_new_password(next);
    return browser.call("UserService.ChangePassword", request);
  }
  Answer sign_up_with(const std::string& email, const std::string& password) {
    v1::SignUpRequest request;
    request.set_email(email);
    request.set_password(password);
    Browser browser(*this);
    return browser.call("AuthService.SignUp", request);
  }
};

TEST_F(ApiAccounts, FirstSignUpOwnsTheInstanceAndIsSignedIn) {
  Browser browser(*this);
  const auto before = browser.call("InstanceService.GetInstance", v1::GetInstanceRequest());
  EXPECT_TRUE(before.as<v1::GetInstanceResponse>().instance().needs_owner());
  const auto response = browser.sign_up(" owner@example.com ").as<v1::SignUpResponse>();
  EXPECT_EQ(response.user().email(), "owner@example.com");
  EXPECT_TRUE(response.user().instance_owner());
  ASSERT_EQ(response.memberships_size(), 1);
  EXPECT_EQ(response.memberships(0).role(), v1::ROLE_OWNER);
  EXPECT_TRUE(signed_in(browser));
  const auto after = browser.call("InstanceService.GetInstance", v1::GetInstanceRequest());
  EXPECT_FALSE(after.as<v1::GetInstanceResponse>().instance().needs_owner());
}

TEST_F(ApiAccounts, FurtherSignUpIsASettingOfTheOwner) {
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  Browser second(*this);
  EXPECT_EQ(second.sign_up("second@example.com").code, "permission_denied");
  v1::UpdateInstanceRequest open;
  open.set_sign_up(v1::SIGN_UP_POLICY_OPEN);
  EXPECT_EQ(owner.call("InstanceService.UpdateInstance", open).code, "ok");
  EXPECT_EQ(second.sign_up("second@example.com").code, "ok");
  EXPECT_EQ(second.call("InstanceService.UpdateInstance", open).code, "permission_denied");
  Browser third(*this);
  EXPECT_EQ(third.sign_up("SECOND@example.com").code, "already_exists");
}

TEST_F(ApiAccounts, BadSignUpNamesEachFieldAndSavesNothing) {
  EXPECT_THAT(sign_up_with("nonsense", "short").fields, ElementsAre("email", "password"));
  EXPECT_THAT(sign_up_with("a@example.com", "Password123").fields, ElementsAre("password"));
  EXPECT_THAT(sign_up_with("a@example.com", "A@Example.com").fields, ElementsAre("password"));
  EXPECT_THAT(sign_up_with("a@example.com", std::string(129, 'x')).fields, ElementsAre("password"));
  EXPECT_THAT(sign_up_with("a b@example.com", kPassword).fields, ElementsAre("email"));
  EXPECT_EQ(count("SELECT count(*) FROM app.users"), 0);
}

TEST_F(ApiAccounts, LengthOfAPasswordIsInCharacters) {
  std::string eight;
  for (int i = 0; i < 8; ++i) eight += "\xc3\xa9";
  EXPECT_FALSE(password_fault(eight, "a@example.com"));
  EXPECT_TRUE(password_fault(eight.substr(2), "a@example.com"));
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += "\xf0\x9f\x98\x80";
  EXPECT_FALSE(password_fault(longest, "a@example.com"));
}

TEST_F(ApiAccounts, CookieIsSecureAndBoundToTheHost) {
  Browser browser(*this);
  const std::string cookie(browser.sign_up("owner@example.com").headers.get("Set-Cookie"));
  EXPECT_THAT(cookie, StartsWith("__Host-openseer_session="));
  for (const char* attribute : {"; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"}) {
    EXPECT_THAT(cookie, HasSubstr(attribute));
  }
  // The database holds no token.
  const std::string token = browser.cookie.substr(browser.cookie.find('=') + 1);
  EXPECT_EQ(token.size(), 64U);
  EXPECT_EQ(count("SELECT count(*) FROM app.sessions WHERE token_hash = sha256('" + token + "')"), 1);
}

TEST_F(ApiAccounts, PlainHttpFromElsewhereNeedsTheOperatorsLeave) {
  Browser browser(*this);
  browser.headers.set("Host", "monitor.example:3000");
  browser.headers.set("Origin", "http://monitor.example:3000");
  EXPECT_EQ(browser.sign_up("owner@example.com").code, "permission_denied");
  EXPECT_EQ(count("SELECT count(*) FROM app.users"), 0);

  options_.allow_insecure_http = true;
  restart_api();
  const std::string cookie(browser.sign_up("owner@example.com").headers.get("Set-Cookie"));
  EXPECT_THAT(cookie, StartsWith("openseer_session="));
  EXPECT_THAT(cookie, Not(HasSubstr("Secure")));
  EXPECT_TRUE(signed_in(browser));
}

TEST_F(ApiAccounts, TlsAtATrustedProxyCounts) {
  Browser browser(*this);
  browser.headers.set("Host", "backend:8082");
  browser.headers.set("X-Forwarded-Host", "monitor.example");
  browser.headers.set("X-Forwarded-Proto", "https");
  browser.headers.set("Origin", "https://monitor.example");
  EXPECT_EQ(browser.sign_up("owner@example.com").code, "permission_denied");
  options_.trust_proxy = true;
  restart_api();
  EXPECT_THAT(std::string(browser.sign_up("owner@example.com").headers.get("Set-Cookie")),
              HasSubstr("; Secure"));
}

TEST_F(ApiAccounts, SignOutEndsTheSessionForGood) {
  Browser browser(*this);
  browser.sign_up("owner@example.com");
  Browser thief = browser;
  EXPECT_EQ(browser.call("AuthService.SignOut", v1::SignOutRequest()).code, "ok");
  EXPECT_TRUE(browser.cookie.empty());
  EXPECT_FALSE(signed_in(thief));
  EXPECT_EQ(browser.call("AuthService.SignOut", v1::SignOutRequest()).code, "ok");
}

TEST_F(ApiAccounts, SignInRotatesTheSession) {
  Browser browser(*this);
  browser.sign_up("owner@example.com");
  Browser before = browser;
  EXPECT_EQ(browser.sign_in("Owner@Example.com", kPassword).code, "ok");
  EXPECT_NE(browser.cookie, before.cookie);
  EXPECT_TRUE(signed_in(browser));
  EXPECT_FALSE(signed_in(before));
}

TEST_F(ApiAccounts, WrongCredentialsHaveOneMessage) {
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  Browser browser(*this);
  const Answer wrong_password = browser.sign_in("owner@example.com", "wrong password");
  const Answer nobody = browser.sign_in("nobody@example.com", "wrong password");
  const Answer nonsense = browser.sign_in("", "");
  const Answer endless = browser.sign_in("owner@example.com", std::string(100'000, 'x'));
  for (const Answer& answer : {wrong_password, nobody, nonsense, endless}) {
    EXPECT_EQ(answer.code, "unauthenticated");
    EXPECT_EQ(answer.message, "wrong e-mail or password");
  }
}

TEST_F(ApiAccounts, GuessingGetsSlowAndDoesNotLockTheOwnerOut) {
  Browser owner(*this);
  owner.sign_up("owner@example.com");
  Browser attacker(*this);
  attacker.address = "203.0.113.9";
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(attacker.sign_in("owner@example.com", "guess").code, "unauthenticated");
  const Answer blocked = attacker.sign_in("owner@example.com", kPassword);
  EXPECT_EQ(blocked.code, "resource_exhausted");
  EXPECT_THAT(blocked.message, HasSubstr("try again in"));
  EXPECT_EQ(owner.sign_in("owner@example.com", kPassword).code, "ok");
}

TEST_F(ApiAccounts, OneAddressCannotTryManyAccounts) {
  Browser attacker(*this);
  attacker.address = "2001:db8::1";
  attacker.sign_in("user@example.com", "guess");
  EXPECT_EQ(count("SELECT count(*) FROM app.sign_in_throttle"), 2);
  sql("UPDATE app.sign_in_throttle SET failures = 60");
  // The same /64, another account.
  attacker.address = "2001:db8::2";
  attacker.sign_in("other@example.com", "guess");
  attacker.address = "2001:db8::3";
  EXPECT_EQ(attacker.sign_in("third@example.com", "guess").code, "resource_exhausted");
}

TEST_F(ApiAccounts, PasswordChangeEndsTheOtherSessions) {
  Browser browser(*this);
  browser.sign_up("owner@example.com");
  Browser elsewhere(*this);
  ASSERT_EQ(elsewhere.sign_in("owner@example.com", kPassword).code, "ok");
  EXPECT_THAT(change_password(browser, "wrong", "another long password").fields,
              ElementsAre("current_password"));
  EXPECT_THAT(change_password(browser, kPassword, "password").fields, ElementsAre("new_password"));
  EXPECT_TRUE(signed_in(elsewhere));
  EXPECT_EQ(change_password(browser, kPassword, "another long password").code, "ok");
  EXPECT_TRUE(signed_in(browser));
  EXPECT_FALSE(signed_in(elsewhere));
  EXPECT_EQ(elsewhere.sign_in("owner@example.com", kPassword).code, "unauthenticated");
  EXPECT_EQ(elsewhere.sign_in("owner@example.com", "another long password").code, "ok");
}

TEST_F(ApiAccounts, SessionEndsWhenIdle) {
  Browser browser(*this);
  browser.sign_up("owner@example.com");
  sql("UPDATE app.sessions SET last_seen_at = now() - interval '8 days'");
  EXPECT_FALSE(signed_in(browser));
}

TEST_F(ApiAccounts, HealthSaysWhyNot) {
  Browser browser(*this);
  EXPECT_EQ(browser.call("HealthService.Check", v1::CheckRequest()).as<v1::CheckResponse>().readiness(),
            v1::READINESS_READY);
  readiness_ = Refusal{Code::kUnavailable, "the database is away", {}};
  const auto response = browser.call("HealthService.Check", v1::CheckRequest()).as<v1::CheckResponse>();
  EXPECT_EQ(response.readiness(), v1::READINESS_NOT_READY);
  EXPECT_EQ(response.reason(), "the database is away");
}

}  // namespace
}  // namespace openseer::control
