// Certificates that are good, and each way they can be bad.

#include <cstdlib>
#include <fstream>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certificates.h"
#include "local_server.h"
#include "probing.h"

namespace openseer::probe {
namespace {

using domain::Measurement;
using domain::Reason;
using std::chrono::hours;
using test::Connection;
using test::FixedServer;
using test::Identity;
using test::LocalServer;
using test::Wish;
using testing::HasSubstr;

constexpr const char* kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

Instant today() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

// An authority that the prober trusts, and what servers need of it.
class ProberTls : public testing::Test {
 protected:
  static Identity make_authority(const std::string& name) {
    Wish wish;
    wish.common_name = name;
    wish.names.clear();
    wish.authority = true;
    return make_identity(wish);
  }

  ProberTls() : authority_(make_authority("Trusted Test Authority")) {
    char name[] = "/tmp/openseer-probe-test-XXXXXX";
    close(mkstemp(name));
    ca_file_ = name;
    std::ofstream(ca_file_) << pem_of(authority_);
  }
  ~ProberTls() override { unlink(ca_file_.c_str()); }

  Options options() const {
    Options options = test::local_options();
    options.ca_file = ca_file_;
    return options;
  }

  Measurement probe(const Identity& identity, const std::string& host = "localhost", bool skip = false) {
    const FixedServer server(kHello, server_context(identity));
    domain::MonitorSpec spec = test::spec_for(server.url("/", host));
    spec.tls.skip_verification = skip;
    return test::probe_once(spec, options());
  }

  const Identity authority_;
  std::string ca_file_;
};

TEST_F(ProberTls, AGoodCertificatePasses) {
  const Wish wish;
  const Measurement found = probe(make_identity(wish, authority_));
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.http_status, 200);
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
  EXPECT_GT(found.phases.tls, Microseconds{0});
  EXPECT_EQ(probe(make_identity(wish, authority_), "127.0.0.1").reason, Reason::kNone);
}

TEST_F(ProberTls, AnExpiredCertificateKeepsItsDate) {
  Wish wish;
  wish.not_before = today() - hours{48};
  wish.not_after = Instant{Seconds{1'700'000'000}};
  wish.not_before = wish.not_after - hours{24};
  const Measurement found = probe(make_identity(wish, authority_));
  EXPECT_EQ(found.reason, Reason::kTlsExpired) << found.message;
  EXPECT_EQ(found.message, "the certificate expired on 2023-11-14");
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
  EXPECT_EQ(found.http_status, 0);
  EXPECT_EQ(found.remote_address, "127.0.0.1");
  EXPECT_GT(found.phases.tls, Microseconds{0});
}

TEST_F(ProberTls, AnotherHostsCertificateIsAMismatch) {
  Wish wish;
  wish.names = {"DNS:www.example.com", "DNS:example.com"};
  const Measurement found = probe(make_identity(wish, authority_));
  EXPECT_EQ(found.reason, Reason::kTlsHostMismatch) << found.message;
  EXPECT_EQ(found.message,
            "the certificate is not valid for localhost; it names www.example.com, example.com");
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
}

TEST_F(ProberTls, HostileNamesBecomePlainText) {
  Wish wish;
  wish.common_name = "evil\r\n\x1b[31m" + std::string(20, 'x');
  wish.names = {};
  const Measurement found = probe(make_identity(wish, authority_));
  EXPECT_EQ(found.reason, Reason::kTlsHostMismatch) << found.message;
  EXPECT_THAT(found.message, HasSubstr("evil???[31mxxx"));
}

TEST_F(ProberTls, ASelfSignedCertificateIsCalledThat) {
  const Wish wish;
  const Measurement found = probe(make_identity(wish));
  EXPECT_EQ(found.reason, Reason::kTlsSelfSigned) << found.message;
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
}

TEST_F(ProberTls, AnUnknownAuthorityIsNotTrusted) {
  const Wish wish;
  const Measurement found = probe(make_identity(wish, make_authority("Unknown Authority")));
  EXPECT_EQ(found.reason, Reason::kTlsUntrusted) << found.message;
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
}

TEST_F(ProberTls, ACertificateOfTheFutureIsNotValidYet) {
  Wish wish;
  wish.not_before = today() + hours{48};
  wish.not_after = wish.not_before + hours{24};
  const Measurement found = probe(make_identity(wish, authority_));
  EXPECT_EQ(found.reason, Reason::kTlsNotYetValid) << found.message;
  EXPECT_THAT(found.message, HasSubstr("is not valid before 20"));
}

TEST_F(ProberTls, WithoutVerificationTheDateIsStillRead) {
  Wish wish;
  wish.names = {"DNS:elsewhere.example"};
  wish.not_after = today() - hours{1};
  const Measurement found = probe(make_identity(wish), "localhost", true);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
}

TEST_F(ProberTls, AMissingIntermediateIsToldFromAnUnknownAuthority) {
  Wish middle;
  middle.common_name = "Intermediate Test Authority";
  middle.names.clear();
  middle.authority = true;
  const Identity intermediate = make_identity(middle, authority_);
  Wish wish;
  wish.issuer_url = "http://authority.example/intermediate.crt";
  const Identity leaf = make_identity(wish, intermediate);
  const Measurement found = probe(leaf);
  EXPECT_EQ(found.reason, Reason::kTlsMissingIntermediate) << found.message;
  EXPECT_THAT(found.message, HasSubstr("Intermediate Test Authority"));
  const auto context = server_context(leaf);
  send_along(context.get(), intermediate);
  const FixedServer server(kHello, context);
  const Measurement whole = test::probe_url(server.url("/", "localhost"), options());
  EXPECT_EQ(whole.reason, Reason::kNone) << whole.message;
  ASSERT_EQ(whole.details.hops.at(0).chain.size(), 2u);
  EXPECT_EQ(whole.details.hops.at(0).chain[1].subject, "CN=Intermediate Test Authority");
  EXPECT_EQ(whole.details.hops.at(0).chain[0].issuer, "CN=Intermediate Test Authority");
  EXPECT_THAT(whole.details.hops.at(0).chain[0].names, testing::ElementsAre("localhost", "127.0.0.1"));
}

TEST_F(ProberTls, ARevokedCertificateIsRefusedWhenTheServerSaysSo) {
  const Identity leaf = make_identity(Wish{}, authority_);
  for (const bool revoked : {true, false}) {
    const auto context = server_context(leaf);
    staple(context.get(), leaf, authority_, revoked);
    const FixedServer server(kHello, context);
    const Measurement found = test::probe_url(server.url("/", "localhost"), options());
    EXPECT_EQ(found.reason, revoked ? Reason::kTlsRevoked : Reason::kNone) << found.message;
  }
}

TEST_F(ProberTls, WeakKeysAndDigestsAreCalledWeak) {
  Wish short_key;
  short_key.rsa_bits = 1024;
  Wish old_digest;
  old_digest.sha1 = true;
  for (const Wish& wish : {short_key, old_digest}) {
    const auto context = std::shared_ptr<SSL_CTX>(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    const Identity leaf = make_identity(wish, authority_);
    ASSERT_EQ(SSL_CTX_use_certificate(context.get(), leaf.certificate.get()), 1);
    ASSERT_EQ(SSL_CTX_use_PrivateKey(context.get(), leaf.key.get()), 1);
    const FixedServer server(kHello, context);
    const Measurement found = test::probe_url(server.url("/", "localhost"), options());
    EXPECT_EQ(found.reason, Reason::kTlsWeak) << found.message;
    EXPECT_TRUE(found.certificate_expires_at);
  }
}

TEST_F(ProberTls, AServerThatWantsAClientCertificateIsGivenOneOrSaysSo) {
  const Identity client = make_identity(Wish{}, authority_);
  const Identity stranger = make_identity(Wish{}, make_authority("Somebody Else"));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = server_context(make_identity(Wish{}, authority_));
    SSL_CTX_set_max_proto_version(context.get(), version);
    require_client(context.get(), authority_);
    const FixedServer server(kHello, context);
    domain::MonitorSpec spec = test::spec_for(server.url("/", "localhost"));
    const Measurement without = test::probe_once(spec, options());
    EXPECT_EQ(without.reason, Reason::kTlsClientCertificate) << without.message;
    EXPECT_EQ(without.message, "the server wants a client certificate");
    spec.tls.client_certificate_pem = pem_of(stranger);
    spec.tls.client_key_pem = key_pem_of(stranger);
    const Measurement wrong = test::probe_once(spec, options());
    EXPECT_EQ(wrong.reason, Reason::kTlsClientCertificate) << wrong.message;
    spec.tls.client_certificate_pem = pem_of(client);
    spec.tls.client_key_pem = key_pem_of(client);
    const Measurement right = test::probe_once(spec, options());
    EXPECT_EQ(right.reason, Reason::kNone) << right.message;
    spec.tls.client_key_pem = key_pem_of(stranger);
    EXPECT_EQ(test::probe_once(spec, options()).reason, Reason::kTlsClientCertificate)
        << "it is another's key";
  }
}

TEST_F(ProberTls, AMonitorsOwnBundleTakesThePlaceOfTheWorkers) {
  const Identity other = make_authority("Another Authority");
  const FixedServer server(kHello, server_context(make_identity(Wish{}, other)));
  domain::MonitorSpec spec = test::spec_for(server.url("/", "localhost"));
  EXPECT_EQ(test::probe_once(spec, options()).reason, Reason::kTlsUntrusted);
  spec.tls.ca_pem = pem_of(other);
  EXPECT_EQ(test::probe_once(spec, options()).reason, Reason::kNone);
}

TEST_F(ProberTls, AnotherServerNameIsSentAndVerified) {
  Wish wish;
  wish.names = {"DNS:inner.example"};
  const FixedServer server(kHello, server_context(make_identity(wish, authority_)));
  domain::MonitorSpec spec = test::spec_for(server.url("/", "localhost"));
  EXPECT_EQ(test::probe_once(spec, options()).reason, Reason::kTlsHostMismatch);
  spec.tls.server_name = "inner.example";
  EXPECT_EQ(test::probe_once(spec, options()).reason, Reason::kNone);
}

TEST_F(ProberTls, AChainThatWasFoundGoodIsStillHeldToItsNameAndDates) {
  Wish brief;
  brief.not_after = today() + Seconds{2};
  const FixedServer server(kHello, server_context(make_identity(brief, authority_)));
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), options());
  const auto probe = [&](const std::string& url) {
    Measurement found;
    prober.start(test::spec_for(url), [&](Measurement measurement) {
      found = std::move(measurement);
      context.stop();
    });
    context.restart();
    context.run();
    return found;
  };
  const std::string url = server.url("/", "localhost");
  EXPECT_EQ(probe(url).reason, Reason::kNone);
  EXPECT_EQ(probe(server.url("/", "web.localhost")).reason, Reason::kTlsHostMismatch);
  // Until its time has come; each answer in between is a good one.
  Measurement found = probe(url);
  while (found.reason == Reason::kNone) found = probe(url);
  EXPECT_EQ(found.reason, Reason::kTlsExpired) << found.message;
}

TEST_F(ProberTls, ConcurrentChecksKeepTheirOwnVerdicts) {
  Wish expired;
  expired.not_before = Instant{Seconds{1'600'000'000}};
  expired.not_after = Instant{Seconds{1'700'000'000}};
  const FixedServer good(kHello, server_context(make_identity(Wish{}, authority_)));
  const FixedServer bad(kHello, server_context(make_identity(expired, authority_)));
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), options());
  int left = 60;
  for (int i = 0; i < 60; ++i) {
    const bool is_good = i % 2 == 0;
    prober.start(test::spec_for((is_good ? good : bad).url()), [&, is_good](const Measurement& found) {
      EXPECT_EQ(found.reason, is_good ? Reason::kNone : Reason::kTlsExpired) << found.message;
      if (--left == 0) context.stop();
    });
  }
  context.run();
  EXPECT_EQ(left, 0);
}

TEST_F(ProberTls, OldProtocolsFailTheHandshake) {
  const auto context = server_context(make_identity(Wish{}, authority_));
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), TLS1_1_VERSION);
  const FixedServer server(kHello, context);
  const Measurement found = test::probe_url(server.url("/", "localhost"), options());
  EXPECT_EQ(found.reason, Reason::kTlsVersion) << found.message;
  EXPECT_THAT(found.message, HasSubstr("no TLS version from 1.2 on"));
}

TEST_F(ProberTls, APlainServerDoesNotSpeakTls) {
  const LocalServer server([](Connection& c) {
    c.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    c.wait_for_close();
  });
  const Measurement found = test::probe_url("https" + server.url().substr(4), options());
  EXPECT_EQ(found.reason, Reason::kTlsHandshake) << found.message;
  EXPECT_THAT(found.message, HasSubstr("does not speak TLS"));
}

TEST_F(ProberTls, AClosedHandshakeSaysSo) {
  const LocalServer closes([](Connection& c) { c.wait_for_bytes(); });
  const LocalServer resets([](Connection& c) {
    c.wait_for_bytes();
    c.reset();
  });
  for (const LocalServer* server : {&closes, &resets}) {
    const Measurement found = test::probe_url("https" + server->url().substr(4), options());
    EXPECT_EQ(found.reason, Reason::kTlsReset) << found.message;
    EXPECT_THAT(found.message, HasSubstr("the connection during the TLS handshake"));
  }
}

TEST_F(ProberTls, RedirectsFromHttpsKeepTheCertificatesDate) {
  const FixedServer plain(kHello);
  const Wish wish;
  const FixedServer secure("HTTP/1.1 302 Found\r\nLocation: " + plain.url() + "\r\nContent-Length: 0\r\n\r\n",
                           server_context(make_identity(wish, authority_)));
  const Measurement found = test::probe_url(secure.url(), options());
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.certificate_expires_at, wish.not_after);
  EXPECT_EQ(found.phases.tls, Microseconds{0}) << "the last hop had none";
}

TEST_F(ProberTls, AMissingAuthorityFileIsTheWorkersFault) {
  const FixedServer server(kHello, server_context(make_identity(Wish{}, authority_)));
  Options broken = options();
  broken.ca_file = "/does/not/exist.pem";
  const Measurement found = test::probe_url(server.url(), broken);
  EXPECT_EQ(found.reason, Reason::kWorker) << found.message;
}

}  // namespace
}  // namespace openseer::probe
