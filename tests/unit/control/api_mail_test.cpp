// What is sent by e-mail, through a real mail server.
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "openseer/v1/invitation_service.pb.h"
#include "support/mail_server.h"

namespace openseer::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto kNewPassword = "another long password";

class ApiMail : public ApiTest {
 protected:
  ApiMail() {
    owner_.sign_up("owner@example.com");
    use(server_);
  }
  void use(const test::MailServer& server) {
    options_.public_url = "https://monitor.example.com";
    options_.mail = MailOptions{};
    options_.mail->server.host = "localhost";
    options_.mail->server.port = server.port();
    options_.mail->server.tls = http::MailTls::kNone;
    options_.mail->from = "OpenSeer <mail@example.com>";
    restart_api();
  }

  Answer forget(const std::string& email) {
    v1::RequestPasswordResetRequest request;
    request.set_email(email);
    Browser browser(*this);
    return browser.call("AuthService.RequestPasswordReset", request);
  }
  Answer reset(const std::string& token, const std::string& password) {
    v1::ResetPasswordRequest request;
    request.set_token(token);
    request.set_new_password(password);
    Browser browser(*this);
    return browser.call("AuthService.ResetPassword", request);
  }
  static std::string token_in(const test::ReceivedMail& mail) {
    const std::string start = "https://monitor.example.com/reset-password#";
    const std::string text = mail.text();
    const std::size_t at = text.find(start);
    EXPECT_NE(at, std::string::npos) << text;
    return text.substr(at + start.size(), 64);
  }
  bool signed_in(Browser& browser) {
    return browser.call("UserService.GetCurrentUser", v1::GetCurrentUserRequest()).code == "ok";
  }

  test::MailServer server_;
  Browser owner_{*this};
};

TEST_F(ApiMail, AForgottenPasswordIsResetByALinkOnce) {
  // Whoever asks writes the Host header; the link must not follow it.
  v1::RequestPasswordResetRequest request;
  request.set_email("Owner@Example.com");
  Browser attacker(*this);
  attacker.headers.set("X-Forwarded-Host", "evil.example");
  EXPECT_EQ(attacker.call("AuthService.RequestPasswordReset", request).code, "ok");
  const auto mail = server_.wait();
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->to, "owner@example.com");
  EXPECT_THAT(mail->text(), Not(HasSubstr("evil")));
  const std::string token = token_in(*mail);
  EXPECT_EQ(count("SELECT count(*) FROM app.password_resets WHERE token_hash = sha256('" + token + "')"), 1);
  EXPECT_THAT(reset(token, "short").fields, ElementsAre("new_password"));
  EXPECT_EQ(reset(token, kNewPassword).code, "ok");
  EXPECT_EQ(reset(token, kNewPassword).code, "not_found");
  EXPECT_FALSE(signed_in(owner_)) << "all sessions end";
  EXPECT_EQ(owner_.sign_in("owner@example.com", kPassword).code, "unauthenticated");
  EXPECT_EQ(owner_.sign_in("owner@example.com", kNewPassword).code, "ok");
}

TEST_F(ApiMail, NobodyLearnsWhetherAnAccountExists) {
  const Answer unknown = forget("nobody@example.com");
  const Answer known = forget("owner@example.com");
  EXPECT_EQ(unknown.code, "ok");
  EXPECT_EQ(unknown.status, known.status);
  EXPECT_EQ(unknown.body, known.body);
  EXPECT_EQ(unknown.headers.all(), known.headers.all());
  ASSERT_TRUE(server_.wait());
  EXPECT_EQ(count("SELECT count(*) FROM app.password_resets"), 1);
}

TEST_F(ApiMail, ALinkIsGoodForAnHourAndTheLatestOne) {
  forget("owner@example.com");
  const std::string first = token_in(*server_.wait());
  forget("owner@example.com");
  const std::string second = token_in(*server_.wait());
  EXPECT_EQ(reset(first, kNewPassword).code, "not_found");
  sql("UPDATE app.password_resets SET expires_at = now()");
  EXPECT_EQ(reset(second, kNewPassword).code, "not_found");
}

TEST_F(ApiMail, APasswordChangeEndsTheLink) {
  forget("owner@example.com");
  const std::string token = token_in(*server_.wait());
  v1::ChangePasswordRequest change;
  change.set_current_password(kPassword);
  change.set_new_password(kNewPassword);
  EXPECT_EQ(owner_.call("UserService.ChangePassword", change).code, "ok");
  EXPECT_THAT(server_.wait()->message, HasSubstr("Subject: Your OpenSeer password was changed"));
  EXPECT_EQ(reset(token, "yet another long password").code, "not_found");
}

TEST_F(ApiMail, AnAddressIsNotFloodedWithLinks) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(forget("owner@example.com").code, "ok");
  EXPECT_EQ(forget("OWNER@example.com").code, "resource_exhausted");
  EXPECT_EQ(forget("nobody@example.com").code, "ok");
}

TEST_F(ApiMail, TheOldAddressHearsOfANewOne) {
  v1::ChangeEmailRequest request;
  request.set_new_email("new@example.com");
  request.set_password(kPassword);
  EXPECT_EQ(owner_.call("UserService.ChangeEmail", request).code, "ok");
  const auto mail = server_.wait();
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->to, "owner@example.com");
  EXPECT_THAT(mail->text(), HasSubstr("new@example.com"));
}

TEST_F(ApiMail, AnInvitationForAnAddressIsSentThere) {
  v1::CreateInvitationRequest request;
  request.set_workspace_id(owner_.workspace());
  request.set_role(v1::ROLE_EDITOR);
  request.set_email("ann@example.com");
  const auto created =
      owner_.call("InvitationService.CreateInvitation", request).as<v1::CreateInvitationResponse>();
  EXPECT_TRUE(created.mailed());
  const auto mail = server_.wait();
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->to, "ann@example.com");
  EXPECT_THAT(mail->text(), HasSubstr("https://monitor.example.com/invitation#" + created.secret()));
}

TEST_F(ApiMail, AMailServerThatIsBusyIsTriedAgain) {
  test::MailServer::Options options;
  options.refuse_first = 1;
  test::MailServer busy(std::move(options));
  use(busy);
  EXPECT_EQ(forget("owner@example.com").code, "ok");
  ASSERT_TRUE(busy.wait());
  EXPECT_EQ(busy.refused(), 1);
}

TEST_F(ApiMail, WithoutAMailServerTheOperatorIsAsked) {
  options_.mail.reset();
  restart_api();
  const Answer answer = forget("owner@example.com");
  EXPECT_EQ(answer.code, "failed_precondition");
  EXPECT_THAT(answer.message, HasSubstr("openseer user reset-password"));
  Browser browser(*this);
  EXPECT_FALSE(browser.call("InstanceService.GetInstance", v1::GetInstanceRequest())
                   .as<v1::GetInstanceResponse>()
                   .instance()
                   .password_reset_by_mail());
}

}  // namespace
}  // namespace openseer::control
