// Sessions, the second factor and API tokens.
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "control/api/device.h"
#include "openseer/v1/session_service.pb.h"
#include "openseer/v1/two_factor_service.pb.h"
#include "pki/totp.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

class ApiAccess : public ApiTest {
 protected:
  ApiAccess() {
    owner_.sign_up("owner@example.com");
    workspace_ = owner_.workspace();
  }

  static bool signed_in(Browser& browser) {
    return browser.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code == "ok";
  }
  static v1::ListSessionsResponse sessions(Browser& browser) {
    return browser.call("SessionService.ListSessions", v1::ListSessionsRequest())
        .as<v1::ListSessionsResponse>();
  }

  // The raw secret of a factor that has begun.
  static std::string begin(Browser& browser) {
    v1::BeginTwoFactorRequest request;
    request.set_password(kPassword);
    const auto response =
        browser.call("TwoFactorService.BeginTwoFactor", request).as<v1::BeginTwoFactorResponse>();
    return from_base32(response.secret());
  }
  static std::string from_base32(const std::string& text) {
    std::string out;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const char c : text) {
      if (c == ' ') continue;
      buffer = buffer << 5 | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
      bits += 5;
      if (bits < 8) continue;
      bits -= 8;
      out += static_cast<char>(buffer >> bits);
    }
    return out;
  }
  // The code of the step that lies `offset` away from now. Each test uses them in
  // rising order, as time would.
  static std::string code(const std::string& secret, std::int64_t offset = 0) {
    const auto now = std::chrono::floor<Seconds>(std::chrono::system_clock::now()).time_since_epoch();
    return pki::hotp(secret, static_cast<std::uint64_t>(now / pki::kTotpStep + offset));
  }
  static Answer confirm(Browser& browser, const std::string& text) {
    v1::ConfirmTwoFactorRequest request;
    request.set_code(text);
    return browser.call("TwoFactorService.ConfirmTwoFactor", request);
  }
  static Answer complete(Browser& browser, const std::string& text) {
    v1::CompleteSignInRequest request;
    request.set_code(text);
    return browser.call("AuthService.CompleteSignIn", request);
  }
  // Enabled with the code of the step before this one; its secret and codes.
  std::pair<std::string, std::vector<std::string>> enable(Browser& browser) {
    const std::string secret = begin(browser);
    const auto response = confirm(browser, code(secret, -1)).as<v1::ConfirmTwoFactorResponse>();
    return {secret, {response.recovery_codes().begin(), response.recovery_codes().end()}};
  }
  Browser half_signed_in() {
    Browser browser(*this);
    const auto response = browser.sign_in("owner@example.com", kPassword).as<v1::SignInResponse>();
    EXPECT_TRUE(response.second_factor_required());
    EXPECT_FALSE(response.has_user());
    EXPECT_THAT(browser.cookie, IsEmpty());
    return browser;
  }

  Browser owner_{*this};
  std::string workspace_;
};

TEST_F(ApiAccess, SessionsTellWhereOneIsSignedIn) {
  Browser phone(*this);
  phone.headers.set("User-Agent", "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0");
  phone.address = "203.0.113.9";
  phone.sign_in("owner@example.com", kPassword);
  const v1::ListSessionsResponse list = sessions(owner_);
  ASSERT_THAT(list.sessions(), SizeIs(2));
  EXPECT_EQ(list.sessions(0).device(), "Firefox on Android");
  EXPECT_EQ(list.sessions(0).address(), "203.0.113.9");
  EXPECT_FALSE(list.sessions(0).current());
  EXPECT_TRUE(list.sessions(1).current());
}

TEST_F(ApiAccess, DevicesAreToldApart) {
  EXPECT_EQ(device_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                      "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"),
            "Edge on Windows");
  EXPECT_EQ(
      device_of("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
                "Version/18.1 Safari/605.1.15"),
      "Safari on macOS");
  EXPECT_EQ(device_of("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
                      "(KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone");
  EXPECT_EQ(device_of("curl/7.88.1"), "curl");
  EXPECT_EQ(device_of(""), "");
}

TEST_F(ApiAccess, ASessionThatIsRevokedIsOverAndOnlyItsOwnerCanDoThat) {
  Browser phone(*this);
  phone.sign_in("owner@example.com", kPassword);
  open_sign_up();
  Browser other(*this);
  other.sign_up("other@example.com");
  v1::RevokeSessionRequest request;
  request.set_session_id(sessions(phone).sessions(0).id());
  EXPECT_EQ(other.call("SessionService.RevokeSession", request).code, "not_found");
  EXPECT_TRUE(signed_in(phone));
  EXPECT_EQ(owner_.call("SessionService.RevokeSession", request).code, "ok");
  EXPECT_FALSE(signed_in(phone));
  EXPECT_TRUE(signed_in(owner_));
  EXPECT_EQ(owner_.call("SessionService.RevokeSession", request).code, "not_found");
}

TEST_F(ApiAccess, AllOtherSessionsEndAtOnce) {
  Browser phone(*this);
  phone.sign_in("owner@example.com", kPassword);
  Browser tablet(*this);
  tablet.sign_in("owner@example.com", kPassword);
  const Answer answer = owner_.call("SessionService.RevokeOtherSessions", v1::RevokeOtherSessionsRequest());
  EXPECT_EQ(answer.as<v1::RevokeOtherSessionsResponse>().revoked(), 2U);
  EXPECT_FALSE(signed_in(phone));
  EXPECT_FALSE(signed_in(tablet));
  EXPECT_TRUE(signed_in(owner_));
}

TEST_F(ApiAccess, PasswordChangeRotatesTheSessionThatStays) {
  Browser before = owner_;
  v1::ChangePasswordRequest request;
  request.set_current_password(kPassword);
  request.set_new_password("another long password");
  EXPECT_EQ(owner_.call("UserService.ChangePassword", request).code, "ok");
  EXPECT_NE(owner_.cookie, before.cookie);
  EXPECT_TRUE(signed_in(owner_));
  EXPECT_FALSE(signed_in(before));
}

TEST_F(ApiAccess, EmailChangeNeedsThePasswordAndEndsTheOtherSessions) {
  Browser phone(*this);
  phone.sign_in("owner@example.com", kPassword);
  v1::ChangeEmailRequest request;
  request.set_new_email("new@example.com");
  request.set_password("wrong");
  EXPECT_THAT(owner_.call("UserService.ChangeEmail", request).fields, ElementsAre("password"));
  request.set_password(kPassword);
  EXPECT_EQ(owner_.call("UserService.ChangeEmail", request).as<v1::ChangeEmailResponse>().user().email(),
            "new@example.com");
  EXPECT_TRUE(signed_in(owner_));
  EXPECT_FALSE(signed_in(phone));
  EXPECT_EQ(phone.sign_in("owner@example.com", kPassword).code, "unauthenticated");
  EXPECT_EQ(phone.sign_in("new@example.com", kPassword).code, "ok");
}

TEST_F(ApiAccess, AnEmailThatIsTakenIsRefused) {
  open_sign_up();
  Browser other(*this);
  other.sign_up("other@example.com");
  v1::ChangeEmailRequest request;
  request.set_new_email("OTHER@example.com");
  request.set_password(kPassword);
  EXPECT_EQ(owner_.call("UserService.ChangeEmail", request).code, "already_exists");
  request.set_new_email("nonsense");
  EXPECT_THAT(owner_.call("UserService.ChangeEmail", request).fields, ElementsAre("new_email"));
}

TEST_F(ApiAccess, TheDisplayNameIsTrimmedAndBounded) {
  v1::UpdateProfileRequest request;
  request.set_display_name("  Ann \xc3\x84  ");
  EXPECT_EQ(
      owner_.call("UserService.UpdateProfile", request).as<v1::UpdateProfileResponse>().user().display_name(),
      "Ann \xc3\x84");
  request.set_display_name(std::string("a\0b", 3));
  EXPECT_THAT(owner_.call("UserService.UpdateProfile", request).fields, ElementsAre("display_name"));
  request.set_display_name(std::string(101, 'x'));
  EXPECT_THAT(owner_.call("UserService.UpdateProfile", request).fields, ElementsAre("display_name"));
}

TEST_F(ApiAccess, TheSecondFactorIsAskedForInASecondStep) {
  const auto [secret, codes] = enable(owner_);
  EXPECT_THAT(codes, SizeIs(10));
  EXPECT_THAT(codes[0], MatchesRegex("[a-z2-7]{5}-[a-z2-7]{5}"));
  Browser browser = half_signed_in();
  EXPECT_THAT(browser.pending, StartsWith("__Host-openseer_pending="));
  EXPECT_FALSE(signed_in(browser)) << "the password alone is not enough";
  EXPECT_THAT(complete(browser, "000000").fields, ElementsAre("code"));
  const Answer done = complete(browser, code(secret));
  EXPECT_EQ(done.as<v1::CompleteSignInResponse>().user().email(), "owner@example.com");
  EXPECT_TRUE(done.as<v1::CompleteSignInResponse>().user().two_factor());
  EXPECT_TRUE(signed_in(browser));
  EXPECT_THAT(browser.pending, IsEmpty());
}

TEST_F(ApiAccess, ACodeWorksOnceOverAllSignIns) {
  const auto [secret, codes] = enable(owner_);
  const std::string now = code(secret);
  Browser first = half_signed_in();
  EXPECT_EQ(complete(first, now).code, "ok");
  Browser second = half_signed_in();
  const Answer replay = complete(second, now);
  EXPECT_THAT(replay.fields, ElementsAre("code"));
  EXPECT_THAT(replay.message, HasSubstr("used before"));
  EXPECT_THAT(complete(second, code(secret, -1)).fields, ElementsAre("code")) << "an earlier one neither";
  EXPECT_FALSE(signed_in(second));
  EXPECT_EQ(complete(second, code(secret, 1)).code, "ok");
}

TEST_F(ApiAccess, ARecoveryCodeIsUsedUp) {
  const auto [secret, codes] = enable(owner_);
  Browser browser = half_signed_in();
  std::string typed = codes[3];
  for (char& c : typed) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(complete(browser, " " + typed).as<v1::CompleteSignInResponse>().recovery_codes_left(), 9U);
  Browser again = half_signed_in();
  EXPECT_THAT(complete(again, codes[3]).fields, ElementsAre("code"));
  EXPECT_EQ(complete(again, codes[4]).as<v1::CompleteSignInResponse>().recovery_codes_left(), 8U);
}

TEST_F(ApiAccess, ThePendingSignInIsShort) {
  const auto [secret, codes] = enable(owner_);
  Browser nobody(*this);
  EXPECT_EQ(complete(nobody, code(secret)).code, "unauthenticated") << "without the first step";
  Browser late = half_signed_in();
  sql("UPDATE app.pending_sign_ins SET expires_at = now()");
  EXPECT_EQ(complete(late, code(secret)).code, "unauthenticated");
  Browser guesser = half_signed_in();
  for (int i = 0; i < 10; ++i) {
    sql("UPDATE app.sign_in_throttle SET blocked_until = now()");
    EXPECT_EQ(complete(guesser, "00000" + std::to_string(i)).code, "invalid_argument");
  }
  sql("DELETE FROM app.sign_in_throttle");
  EXPECT_EQ(complete(guesser, code(secret)).code, "unauthenticated") << "ten guesses are enough";
}

TEST_F(ApiAccess, GuessingOfCodesIsThrottledFromEverywhere) {
  const auto [secret, codes] = enable(owner_);
  Browser guesser = half_signed_in();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(complete(guesser, "000000").code, "invalid_argument");
  EXPECT_EQ(complete(guesser, code(secret)).code, "resource_exhausted");
  sql("UPDATE app.sign_in_throttle SET failures = 30, blocked_until = now()");
  Browser elsewhere = half_signed_in();
  elsewhere.address = "203.0.113.1";
  EXPECT_EQ(complete(elsewhere, "000000").code, "invalid_argument");
  elsewhere.address = "203.0.113.2";
  EXPECT_EQ(complete(elsewhere, code(secret)).code, "resource_exhausted");
}

TEST_F(ApiAccess, TheSecondFactorCountsOnlyWhenItIsConfirmed) {
  begin(owner_);
  Browser browser(*this);
  EXPECT_TRUE(browser.sign_in("owner@example.com", kPassword).as<v1::SignInResponse>().has_user());
  EXPECT_THAT(confirm(owner_, "000000").fields, ElementsAre("code"));
  const std::string second = begin(owner_);
  EXPECT_EQ(confirm(owner_, code(second)).code, "ok");
  v1::BeginTwoFactorRequest again;
  again.set_password(kPassword);
  EXPECT_EQ(owner_.call("TwoFactorService.BeginTwoFactor", again).code, "failed_precondition");
}

TEST_F(ApiAccess, EnablingTheSecondFactorEndsSessionsThatNeverShowedIt) {
  Browser phone(*this);
  phone.sign_in("owner@example.com", kPassword);
  Browser before = owner_;
  enable(owner_);
  EXPECT_TRUE(signed_in(owner_));
  EXPECT_FALSE(signed_in(before));
  EXPECT_FALSE(signed_in(phone));
}

TEST_F(ApiAccess, DisablingTheSecondFactorNeedsPasswordAndCode) {
  const auto [secret, codes] = enable(owner_);
  v1::DisableTwoFactorRequest request;
  request.set_password("wrong");
  request.set_code(code(secret));
  EXPECT_THAT(owner_.call("TwoFactorService.DisableTwoFactor", request).fields, ElementsAre("password"));
  request.set_password(kPassword);
  request.set_code("000000");
  EXPECT_THAT(owner_.call("TwoFactorService.DisableTwoFactor", request).fields, ElementsAre("code"));
  request.set_code(codes[0]);
  EXPECT_EQ(owner_.call("TwoFactorService.DisableTwoFactor", request).code, "ok");
  EXPECT_TRUE(signed_in(owner_));
  EXPECT_EQ(count("SELECT count(*) FROM app.recovery_codes"), 0);
  Browser browser(*this);
  EXPECT_TRUE(browser.sign_in("owner@example.com", kPassword).as<v1::SignInResponse>().has_user());
}

TEST_F(ApiAccess, NewRecoveryCodesReplaceTheOldOnes) {
  const auto [secret, codes] = enable(owner_);
  v1::ReplaceRecoveryCodesRequest request;
  request.set_password(kPassword);
  request.set_code(code(secret));
  const auto fresh =
      owner_.call("TwoFactorService.ReplaceRecoveryCodes", request).as<v1::ReplaceRecoveryCodesResponse>();
  EXPECT_THAT(fresh.recovery_codes(), SizeIs(10));
  Browser browser = half_signed_in();
  EXPECT_THAT(complete(browser, codes[0]).fields, ElementsAre("code"));
  EXPECT_EQ(complete(browser, fresh.recovery_codes(0)).code, "ok");
}

TEST_F(ApiAccess, TheDatabaseHoldsNoSecretOfTheSecondFactor) {
  const auto [secret, codes] = enable(owner_);
  EXPECT_EQ(count("SELECT count(*) FROM app.second_factors WHERE position('\\x" + pki::to_hex(secret) +
                  "'::bytea IN secret_sealed) > 0"),
            0);
  EXPECT_EQ(count("SELECT count(*) FROM app.recovery_codes WHERE code_hash LIKE '$argon2id$%'"), 10);
  EXPECT_EQ(
      count("SELECT count(*) FROM app.audit_events e WHERE e::text LIKE '%" + codes[0].substr(0, 5) + "%'"),
      0);
}

TEST_F(ApiAccess, AnApiTokenIsShownOnceAndStoredAsAHash) {
  const std::string secret = token(owner_, workspace_, v1::ROLE_EDITOR);
  EXPECT_THAT(secret, MatchesRegex("ost_[0-9a-f]{64}"));
  EXPECT_EQ(count("SELECT count(*) FROM app.api_tokens WHERE token_hash = sha256('" + secret + "')"), 1);
  v1::ListApiTokensRequest request;
  request.set_workspace_id(workspace_);
  const Answer answer = owner_.call("ApiTokenService.ListApiTokens", request);
  const auto list = answer.as<v1::ListApiTokensResponse>();
  ASSERT_THAT(list.tokens(), SizeIs(1));
  EXPECT_EQ(list.tokens(0).prefix(), secret.substr(0, 10));
  EXPECT_FALSE(list.tokens(0).has_last_used_at());
  EXPECT_EQ(answer.body.find(secret), std::string::npos);
  v1::ListMonitorsRequest use;
  use.set_workspace_id(workspace_);
  EXPECT_EQ(program(secret, "MonitorService.ListMonitors", use).code, "ok");
  EXPECT_TRUE(owner_.call("ApiTokenService.ListApiTokens", request)
                  .as<v1::ListApiTokensResponse>()
                  .tokens(0)
                  .has_last_used_at());
}

TEST_F(ApiAccess, AnApiTokenEndsWhenItIsRevokedOrTooOld) {
  v1::ListMonitorsRequest use;
  use.set_workspace_id(workspace_);
  const std::string revoked = token(owner_, workspace_, v1::ROLE_VIEWER);
  v1::RevokeApiTokenRequest request;
  request.set_workspace_id(workspace_);
  request.set_token_id("1");
  EXPECT_EQ(owner_.call("ApiTokenService.RevokeApiToken", request).code, "ok");
  EXPECT_EQ(program(revoked, "MonitorService.ListMonitors", use).code, "unauthenticated");
  const std::string old = token(owner_, workspace_, v1::ROLE_VIEWER);
  sql("UPDATE app.api_tokens SET expires_at = now()");
  EXPECT_EQ(program(old, "MonitorService.ListMonitors", use).code, "unauthenticated");
}

TEST_F(ApiAccess, AnApiTokenHasNeverMoreThanItsCreatorHasNow) {
  open_sign_up();
  Browser editor(*this);
  editor.sign_up("editor@example.com");
  join("editor@example.com", workspace_, v1::ROLE_EDITOR);
  v1::CreateApiTokenRequest request;
  request.set_workspace_id(workspace_);
  request.set_name("too much");
  request.set_role(v1::ROLE_ADMIN);
  EXPECT_EQ(editor.call("ApiTokenService.CreateApiToken", request).code, "permission_denied");
  request.set_role(v1::ROLE_OWNER);
  EXPECT_THAT(owner_.call("ApiTokenService.CreateApiToken", request).fields, ElementsAre("role"));

  const std::string secret = token(editor, workspace_, v1::ROLE_EDITOR);
  v1::DeleteMonitorRequest write;
  write.set_workspace_id(workspace_);
  EXPECT_EQ(program(secret, "MonitorService.DeleteMonitor", write).code, "not_found");
  sql("UPDATE app.workspace_members SET role = 1 WHERE role = 2");
  EXPECT_EQ(program(secret, "MonitorService.DeleteMonitor", write).code, "permission_denied");
  sql("DELETE FROM app.workspace_members WHERE role = 1");
  EXPECT_EQ(program(secret, "MonitorService.DeleteMonitor", write).code, "unauthenticated");
}

TEST_F(ApiAccess, AnApiTokenIsNotTakenInTheClear) {
  http::Request request = browser_request("MonitorService.ListMonitors", v1::ListMonitorsRequest(), false);
  request.headers.set("Authorization", "Bearer " + token(owner_, workspace_, v1::ROLE_VIEWER));
  request.headers.set("Host", "monitor.example.com");
  const Answer answer = send(request);
  EXPECT_EQ(answer.code, "permission_denied");
  EXPECT_THAT(answer.message, HasSubstr("HTTPS"));
}

TEST_F(ApiAccess, MembersSeeAndEndTheirOwnTokensAndAdminsAll) {
  open_sign_up();
  Browser viewer(*this);
  viewer.sign_up("viewer@example.com");
  join("viewer@example.com", workspace_, v1::ROLE_VIEWER);
  token(owner_, workspace_, v1::ROLE_ADMIN);
  token(viewer, workspace_, v1::ROLE_VIEWER);
  v1::ListApiTokensRequest list;
  list.set_workspace_id(workspace_);
  EXPECT_THAT(viewer.call("ApiTokenService.ListApiTokens", list).as<v1::ListApiTokensResponse>().tokens(),
              SizeIs(1));
  EXPECT_THAT(owner_.call("ApiTokenService.ListApiTokens", list).as<v1::ListApiTokensResponse>().tokens(),
              SizeIs(2));
  v1::RevokeApiTokenRequest revoke;
  revoke.set_workspace_id(workspace_);
  revoke.set_token_id("1");
  EXPECT_EQ(viewer.call("ApiTokenService.RevokeApiToken", revoke).code, "not_found");
  revoke.set_token_id("2");
  EXPECT_EQ(owner_.call("ApiTokenService.RevokeApiToken", revoke).code, "ok");
}

}  // namespace
}  // namespace openseer::control
