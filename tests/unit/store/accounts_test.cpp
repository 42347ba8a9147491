#include "store/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/pool.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "store/instance.h"
#include "store/sessions.h"
#include "store/throttle.h"
#include "support/loop.h"
#include "support/monitors.h"
#include "support/postgres.h"

namespace openseer::store {
namespace {

class Accounts : public testing::Test {
 protected:
  Result<User> sign_up(const std::string& email) {
    return loop_.run(create_account(pool_, {email, "$argon2id$unused", "", ""}, nobody_));
  }
  void open_sign_up() { loop_.run(set_sign_up(pool_, SignUp::kOpen, nobody_)); }
  std::string start_session(std::int64_t user_id, const std::string& token) {
    const NewSession session{loop_.run(find_credentials(pool_, user_id))->user, pki::sha256(token)};
    loop_.run(create_session(pool_, session, nobody_));
    return session.token_hash;
  }
  std::optional<Caller> caller(const std::string& hash, std::optional<std::int64_t> workspace = {}) {
    return loop_.run(find_caller(pool_, hash, workspace));
  }
  void sql(const std::string& text) { test::run_sql(loop_, pool_, text); }

  test::Loop loop_;
  test::TestDatabase database_;
  pg::Pool pool_{loop_.executor(), {.conninfo = database_.conninfo()}};
  const Actor nobody_;
};

TEST_F(Accounts, FirstOwnsTheInstanceAndAWorkspaceOfItsOwn) {
  EXPECT_TRUE(loop_.run(instance_settings(pool_)).needs_owner);
  const Result<User> user = sign_up("first@example.com");
  ASSERT_TRUE(user);
  EXPECT_TRUE(user->instance_owner);
  const std::vector<Membership> memberships = loop_.run(list_memberships(pool_, user->id));
  ASSERT_EQ(memberships.size(), 1U);
  EXPECT_EQ(memberships[0].role, Role::kOwner);
  EXPECT_FALSE(loop_.run(instance_settings(pool_)).needs_owner);
}

TEST_F(Accounts, SecondNeedsSignUpToBeOpen) {
  ASSERT_TRUE(sign_up("first@example.com"));
  const Result<User> refused = sign_up("second@example.com");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kPermissionDenied);
  open_sign_up();
  const Result<User> second = sign_up("second@example.com");
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->instance_owner);
}

TEST_F(Accounts, EmailIsTakenInWhateverCase) {
  ASSERT_TRUE(sign_up("first@example.com"));
  open_sign_up();
  const Result<User> again = sign_up("First@Example.com");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Code::kAlreadyExists);
}

TEST_F(Accounts, OnlyOneOwnsTheInstanceHoweverManySignUpAtOnce) {
  int created = 0;
  int done = 0;
  for (int i = 0; i < 6; ++i) {
    asio::co_spawn(loop_.context(),
                   create_account(pool_, {"user" + std::to_string(i) + "@example.com", "x", "", ""}, nobody_),
                   [&](std::exception_ptr failure, const Result<User>& user) {
                     ++done;
                     created += !failure && user ? 1 : 0;
                   });
  }
  ASSERT_TRUE(loop_.run_until([&] { return done == 6; }));
  EXPECT_EQ(created, 1);
  EXPECT_EQ(test::count_sql(loop_, pool_, "SELECT count(*) FROM app.users WHERE instance_owner"), 1);
}

TEST_F(Accounts, SessionNamesItsUserAndTheirRole) {
  const Result<User> user = sign_up("first@example.com");
  const std::int64_t workspace = loop_.run(list_memberships(pool_, user->id))[0].workspace_id;
  const std::string hash = start_session(user->id, "token");
  ASSERT_TRUE(caller(hash, workspace));
  EXPECT_EQ(caller(hash, workspace)->role, Role::kOwner);
  EXPECT_EQ(caller(hash, workspace + 1)->role, Role::kNone);
  EXPECT_EQ(caller(hash)->user.email, "first@example.com");
  EXPECT_FALSE(caller(pki::sha256("another token")));
}

TEST_F(Accounts, SessionEndsWhenIdleAndAbsolutely) {
  const Result<User> user = sign_up("first@example.com");
  const std::string idle = start_session(user->id, "idle");
  const std::string old = start_session(user->id, "old");
  sql("UPDATE app.sessions SET last_seen_at = now() - interval '7 days 1 s' WHERE token_hash = "
      "sha256('idle')");
  sql("UPDATE app.sessions SET expires_at = now() - interval '1 s' WHERE token_hash = sha256('old')");
  EXPECT_FALSE(caller(idle));
  EXPECT_FALSE(caller(old));
}

TEST_F(Accounts, UseOfASessionKeepsItFromGoingIdle) {
  const Result<User> user = sign_up("first@example.com");
  const std::string hash = start_session(user->id, "token");
  sql("UPDATE app.sessions SET last_seen_at = now() - interval '6 days'");
  ASSERT_TRUE(caller(hash));
  EXPECT_EQ(
      test::count_sql(loop_, pool_,
                      "SELECT count(*) FROM app.sessions WHERE last_seen_at > now() - interval '1 min'"),
      1);
}

TEST_F(Accounts, PasswordChangeEndsAllOtherSessions) {
  const Result<User> user = sign_up("first@example.com");
  const std::string kept = start_session(user->id, "kept");
  const std::string ended = start_session(user->id, "ended");
  const KeptSession renewed{caller(kept)->session_id, pki::sha256("renewed")};
  loop_.run(change_password(pool_, *user, "new hash", renewed, nobody_));
  EXPECT_TRUE(caller(renewed.new_token_hash));
  EXPECT_FALSE(caller(kept));
  EXPECT_FALSE(caller(ended));
  EXPECT_EQ(loop_.run(find_credentials(pool_, user->id))->password_hash, "new hash");
}

TEST_F(Accounts, FailuresInARowHaveToWaitLongerAndLonger) {
  const std::vector<ThrottleSubject> subjects{{pki::sha256("account"), 3}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{0});
  EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{1});
  sql("UPDATE app.sign_in_throttle SET blocked_until = now()");
  EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{0});
  EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{2});
  sql("UPDATE app.sign_in_throttle SET failures = 1000, blocked_until = now()");
  EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{0});
  EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{900});
}

TEST_F(Accounts, SuccessForgetsFailuresOfThePairAndTakesBackTheAddressAttempt) {
  const std::vector<ThrottleSubject> subjects{{pki::sha256("pair"), 3}, {pki::sha256("address"), 3}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{0});
  loop_.run(attempt_succeeded(pool_, subjects));
  EXPECT_EQ(test::count_sql(loop_, pool_, "SELECT sum(failures) FROM app.sign_in_throttle"), 2);
  EXPECT_EQ(loop_.run(begin_attempt(pool_, subjects)), Seconds{0});
}

TEST_F(Accounts, ReplicasThatStartAtOnceAgreeOnOneAuthority) {
  const pki::SecretBox secrets = pki::SecretBox::from_hex(pki::SecretBox::random_key_hex());
  std::vector<std::string> certificates;
  for (int i = 0; i < 4; ++i) {
    asio::co_spawn(loop_.context(), load_or_create_authority(pool_, secrets),
                   [&](std::exception_ptr failure, const pki::KeyAndCertificate& authority) {
                     certificates.push_back(failure ? "failed" : authority.certificate_pem);
                   });
  }
  ASSERT_TRUE(loop_.run_until([&] { return certificates.size() == 4; }));
  EXPECT_THAT(certificates, testing::Each(certificates[0]));
  const pki::SecretBox other = pki::SecretBox::from_hex(pki::SecretBox::random_key_hex());
  EXPECT_THROW(loop_.run(load_or_create_authority(pool_, other)), std::runtime_error);
}

}  // namespace
}  // namespace openseer::store
