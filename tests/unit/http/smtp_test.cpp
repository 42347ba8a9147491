#include "http/smtp.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/authority.h"
#include "support/mail_server.h"

namespace openseer::http {
namespace {

using testing::HasSubstr;
using testing::Not;

const Mail kMail{"OpenSeer <mail@example.com>", "ann@example.com", "Hello", "First line\nsecond\n"};

class Smtp : public testing::Test {
 protected:
  Smtp() { std::ofstream(ca_file_) << ca_.certificate_pem; }
  ~Smtp() override { std::filesystem::remove(ca_file_); }

  MailServer at(const test::MailServer& server, MailTls tls) const {
    MailServer out;
    out.host = "localhost";
    out.port = server.port();
    out.tls = tls;
    out.ca_file = ca_file_;
    return out;
  }
  test::MailServer::Options with_certificate(const std::string& name = "localhost") const {
    const pki::CertificateAuthority authority(ca_.private_key_pem, ca_.certificate_pem);
    const pki::KeyAndCertificate server = authority.issue_server({name}, std::chrono::hours{1});
    test::MailServer::Options options;
    options.certificate_pem = server.certificate_pem;
    options.private_key_pem = server.private_key_pem;
    return options;
  }

  pki::KeyAndCertificate ca_ = pki::CertificateAuthority::create();
  std::filesystem::path ca_file_ =
      std::filesystem::temp_directory_path() / ("smtp_test." + std::to_string(getpid()));
};

TEST_F(Smtp, AnEmailArrivesAsItWasSent) {
  test::MailServer server;
  send_mail(at(server, MailTls::kNone), kMail, Seconds{10});
  const auto mail = server.wait();
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->from, "mail@example.com");
  EXPECT_EQ(mail->to, "ann@example.com");
  EXPECT_EQ(mail->text(), "First line\r\nsecond\r\n");
  EXPECT_THAT(mail->message, HasSubstr("From: \"OpenSeer\" <mail@example.com>\r\n"));
  EXPECT_THAT(mail->message, HasSubstr("Subject: Hello\r\n"));
}

TEST_F(Smtp, StartTlsIsUsedAndInsistedOn) {
  test::MailServer secure(with_certificate());
  send_mail(at(secure, MailTls::kStartTls), kMail, Seconds{10});
  const auto mail = secure.wait();
  ASSERT_TRUE(mail);
  EXPECT_TRUE(mail->tls);
  test::MailServer plain;
  EXPECT_THROW(send_mail(at(plain, MailTls::kStartTls), kMail, Seconds{10}), std::runtime_error);
}

TEST_F(Smtp, ImplicitTlsIsSpokenFromTheFirstByte) {
  auto options = with_certificate();
  options.implicit_tls = true;
  test::MailServer server(std::move(options));
  send_mail(at(server, MailTls::kImplicit), kMail, Seconds{10});
  ASSERT_TRUE(server.wait());
}

TEST_F(Smtp, AServerWithAnotherNameIsNotTrusted) {
  test::MailServer server(with_certificate("mail.example.com"));
  EXPECT_THROW(send_mail(at(server, MailTls::kStartTls), kMail, Seconds{10}), std::runtime_error);
}

TEST_F(Smtp, SignsInWhereAUserIsGiven) {
  auto options = with_certificate();
  options.user = "openseer";
  options.password = "secret word";
  test::MailServer server(std::move(options));
  MailServer target = at(server, MailTls::kStartTls);
  target.user = "openseer";
  target.password = "wrong";
  try {
    send_mail(target, kMail, Seconds{10});
    ADD_FAILURE() << "it was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), Not(HasSubstr("wrong"))) << "the password is in the error";
  }
  target.password = "secret word";
  send_mail(target, kMail, Seconds{10});
  ASSERT_TRUE(server.wait());
}

TEST_F(Smtp, NothingEndsAHeadersLine) {
  Mail mail = kMail;
  mail.subject = "Join \"A\"\r\nBcc: eve@example.com";
  EXPECT_THAT(mail_message(mail, {}, "id"), Not(HasSubstr("\nBcc")));
  mail.to = "ann@example.com>\r\nBcc: <eve@example.com";
  EXPECT_THROW(send_mail({.host = "localhost"}, mail, Seconds{1}), std::runtime_error);
  EXPECT_FALSE(mail_address("Open\r\nSeer <mail@example.com>"));
  EXPECT_FALSE(mail_address("mail@example.com\r\nBcc: eve@example.com"));
  EXPECT_FALSE(mail_address("OpenSeer"));
}

TEST_F(Smtp, OtherAlphabetsAreEncoded) {
  Mail mail = kMail;
  mail.subject =
      "Tritt \xe2\x80\x9eL\xc3\xa4"
      "den\xe2\x80\x9c bei";
  const std::string message = mail_message(mail, {}, "id");
  EXPECT_THAT(message, HasSubstr("Subject: =?UTF-8?B?VHJpdHQg4oCeTMOkZGVu4oCcIGJlaQ==?=\r\n"));
  EXPECT_THAT(message, HasSubstr("Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"));
}

}  // namespace
}  // namespace openseer::http
