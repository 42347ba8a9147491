#include "worker/state_directory.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "pki/authority.h"
#include "worker/connector.h"
#include "worker/enrollment.h"
#include "worker/worker.h"

namespace openseer::worker {
namespace {

namespace fs = std::filesystem;

class State : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "openseer-state-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root = pattern;
    path = root / "below" / "worker";
  }
  void TearDown() override { fs::remove_all(root); }

  static Identity new_identity(std::int32_t id) {
    const pki::KeyAndCertificate ca = pki::CertificateAuthority::create();
    const pki::CertificateAuthority authority(ca.private_key_pem, ca.certificate_pem);
    const pki::KeyAndRequest request = pki::make_certificate_request();
    const auto issued = authority.issue_worker({id}, request.request_pem, std::chrono::hours{24 * 30});
    return {request.private_key_pem, issued->certificate_pem, ca.certificate_pem, id};
  }
  static fs::perms permissions(const fs::path& file) { return fs::status(file).permissions(); }

  fs::path root;
  fs::path path;
};

TEST_F(State, KeepsTheIdentityOverARestart) {
  const Identity identity = new_identity(7);
  {
    const StateDirectory state(path);
    EXPECT_EQ(state.load(), std::nullopt);
    state.save(new_identity(6));
    state.save(identity);
  }
  const StateDirectory again(path);
  const auto loaded = again.load();
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->private_key_pem, identity.private_key_pem);
  EXPECT_EQ(loaded->certificate_pem, identity.certificate_pem);
  EXPECT_EQ(loaded->ca_certificate_pem, identity.ca_certificate_pem);
  EXPECT_EQ(loaded->worker_id, 7);
}

TEST_F(State, NobodyElseCanReadIt) {
  const auto owner = fs::perms::owner_read | fs::perms::owner_write;
  fs::create_directories(path);
  fs::permissions(path, fs::perms::all);
  const StateDirectory state(path);
  EXPECT_EQ(permissions(path), fs::perms::owner_all);
  state.save(new_identity(1));
  EXPECT_EQ(permissions(path / "identity.pem"), owner);
  fs::permissions(path / "identity.pem", fs::perms::all);
  EXPECT_TRUE(state.load().has_value());
  EXPECT_EQ(permissions(path / "identity.pem"), owner);
}

TEST_F(State, TwoWorkersNeverShareIt) {
  const StateDirectory state(path);
  EXPECT_THROW(StateDirectory second(path), std::runtime_error);
}

TEST_F(State, DamageIsAnErrorRatherThanANewIdentity) {
  const StateDirectory state(path);
  state.save(new_identity(1));
  std::ofstream(path / "identity.pem", std::ios::app) << "-----BEGIN NOTHING-----\n";
  EXPECT_THROW(state.load(), std::runtime_error);
  // A key that is not the certificate's.
  Identity mixed = new_identity(1);
  mixed.private_key_pem = pki::make_certificate_request().private_key_pem;
  state.save(mixed);
  EXPECT_THROW(state.load(), std::runtime_error);
}

TEST_F(State, AWorkerWithoutStateAndTokenGivesUp) {
  Worker worker({.state_directory = path});
  EXPECT_EQ(worker.run(), 1);
}

TEST_F(State, ACertificateIsRenewedAtTwoThirdsOfItsLife) {
  const Identity identity = new_identity(1);
  const auto due = renewal_time(identity.certificate_pem);
  const auto day = std::chrono::hours{24};
  ASSERT_TRUE(due.has_value());
  EXPECT_GT(*due, std::chrono::system_clock::now() + 19 * day);
  EXPECT_LT(*due, std::chrono::system_clock::now() + 21 * day);
}

TEST(EnrollmentToken, IsASecretAndAFingerprint) {
  const std::string fingerprint(64, 'a');
  const auto token = parse_token("s3cret." + fingerprint);
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->secret, "s3cret");
  EXPECT_EQ(token->ca_fingerprint, fingerprint);
  for (const std::string& text :
       {std::string(), std::string("s3cret"), "." + fingerprint, "s." + fingerprint + "a",
        "s." + std::string(64, 'g'), "s." + std::string(63, 'a')})
    EXPECT_EQ(parse_token(text), std::nullopt) << text;
}

TEST(StreamAddress, FollowsTheServersHostUnlessGiven) {
  EXPECT_EQ(stream_address({.server = "https://seer.example:8082"}), "seer.example:8081");
  EXPECT_EQ(stream_address({.server = "https://[::1]:8082/"}), "[::1]:8081");
  EXPECT_EQ(stream_address({.server = "https://a.example", .stream_address = "b.example:1"}), "b.example:1");
  EXPECT_EQ(stream_address({.server = "http://a.example"}), "");
  EXPECT_EQ(stream_address({.server = "nonsense"}), "");
}

}  // namespace
}  // namespace openseer::worker
