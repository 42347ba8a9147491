// What a check sends and what it makes of the answer, against real servers.

#include <condition_variable>
#include <mutex>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gzip.h"
#include "local_server.h"
#include "probing.h"

namespace openseer::probe {
namespace {

using domain::HttpVersion;
using domain::Measurement;
using domain::Reason;
using test::Connection;
using test::FixedServer;
using test::local_options;
using test::LocalServer;
using test::probe_once;
using test::probe_url;
using test::spec_for;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

void expect_sum_within_total(const domain::Phases& phases) {
  for (const Microseconds phase : {phases.dns, phases.connect, phases.tls, phases.wait, phases.download}) {
    EXPECT_GE(phase, Microseconds{0});
  }
  EXPECT_LE(phases.dns + phases.connect + phases.tls + phases.wait + phases.download, phases.total);
}

TEST(ProberAnswer, ACompleteAnswerIsMeasured) {
  const FixedServer server(kHello);
  const Measurement found = probe_url(server.url());
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.message, "");
  EXPECT_EQ(found.http_status, 200);
  EXPECT_EQ(found.http_version, HttpVersion::k1_1);
  EXPECT_EQ(found.body_bytes, 5u);
  EXPECT_EQ(found.remote_address, "127.0.0.1");
  EXPECT_FALSE(found.certificate_expires_at);
  EXPECT_EQ(found.phases.dns, Microseconds{0}) << "an address needs no lookup";
  EXPECT_EQ(found.phases.tls, Microseconds{0});
  EXPECT_GT(found.phases.connect, Microseconds{0});
  EXPECT_GT(found.phases.wait, Microseconds{0});
  expect_sum_within_total(found.phases);
}

TEST(ProberAnswer, ANameIsLookedUpAndTimed) {
  const FixedServer server(kHello);
  const Measurement found = probe_url(server.url("/", "localhost"));
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_GT(found.phases.dns, Microseconds{0});
  EXPECT_EQ(found.remote_address, "127.0.0.1");
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nHost: localhost:"));
  expect_sum_within_total(found.phases);
}

TEST(ProberAnswer, PhasesSeparateWaitFromDownload) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.wait_for_close(60);
    c.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
    c.wait_for_close(240);
    c.write("cd");
  });
  domain::MonitorSpec spec = spec_for(server.url());
  for (const std::string method : {"GET", "POST"}) {
    spec.method = method;
    spec.body = method == "POST" ? "question" : "";
    const Measurement found = probe_once(spec);
    EXPECT_EQ(found.reason, Reason::kNone) << found.message;
    EXPECT_GE(found.phases.wait, Milliseconds{55});
    EXPECT_LT(found.phases.wait, Milliseconds{200});
    EXPECT_GE(found.phases.download, Milliseconds{100});
    expect_sum_within_total(found.phases);
  }
}

TEST(ProberAnswer, AnyStatusIsAnAnswer) {
  for (const int status : {204, 301, 404, 500, 503, 599}) {
    const FixedServer server("HTTP/1.0 " + std::to_string(status) + " Whatever\r\n\r\n");
    const Measurement found = probe_url(server.url());
    EXPECT_EQ(found.reason, Reason::kNone) << found.message;
    EXPECT_EQ(found.http_status, status);
    EXPECT_EQ(found.http_version, HttpVersion::k1_0);
  }
}

TEST(ProberAnswer, BodiesAreCountedDecoded) {
  const std::string body = test::gzip(std::string(1000, 'a'));
  const FixedServer server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                           std::to_string(body.size()) + "\r\n\r\n" + body);
  const Measurement found = probe_url(server.url());
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.body_bytes, 1000u);
  EXPECT_THAT(server.requests().at(0), HasSubstr("\r\nAccept-Encoding: "));
}

TEST(ProberAnswer, ChunksAndInterimAnswersAreUnderstood) {
  const FixedServer server(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\nX-Trailer: "
      "1\r\n\r\n");
  const Measurement found = probe_url(server.url());
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.http_status, 200);
  EXPECT_EQ(found.body_bytes, 7u);
}

TEST(ProberRequest, MethodsGoOutAsTheyAre) {
  const FixedServer server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  domain::MonitorSpec spec = spec_for(server.url("/p?q=1"));
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"}) {
    spec.method = method;
    spec.body.clear();
    const Measurement found = probe_once(spec);
    EXPECT_EQ(found.reason, Reason::kNone) << spec.method << ": " << found.message;
    const std::string request = server.requests().back();
    EXPECT_THAT(request, StartsWith(std::string(spec.method) + " /p?q=1 HTTP/1.1\r\n"));
    EXPECT_THAT(request, Not(HasSubstr("Expect:")));
    EXPECT_THAT(request, Not(HasSubstr("Content-Type:")));
    const bool announces = spec.method == "POST" || spec.method == "PUT" || spec.method == "PATCH";
    EXPECT_EQ(request.find("Content-Length: 0\r\n") != std::string::npos, announces) << request;
  }
}

TEST(ProberRequest, BodiesGoOutByteForByte) {
  const FixedServer server(kHello);
  domain::MonitorSpec spec = spec_for(server.url());
  spec.body = std::string("a\0b\r\n", 5) + std::string(60 * 1024, 'z');
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    spec.method = method;
    ASSERT_EQ(probe_once(spec).reason, Reason::kNone);
    const std::string request = server.requests().back();
    EXPECT_THAT(request, StartsWith(method));
    EXPECT_EQ(request.substr(request.find("\r\n\r\n") + 4), spec.body);
    EXPECT_THAT(request, Not(HasSubstr("Expect:")));
  }
}

TEST(ProberRequest, HeadersOfTheMonitorComeFirst) {
  const FixedServer server(kHello);
  domain::MonitorSpec spec = spec_for(server.url());
  ASSERT_EQ(probe_once(spec).reason, Reason::kNone);
  EXPECT_THAT(server.requests().back(), HasSubstr("\r\nUser-Agent: OpenSeer/"));
  spec.headers = {{"User-Agent", "mine", false}, {"Host", "virtual.example", false},
                  {"X-Empty", "", false},        {"Accept", "text/plain", false},
                  {"X-Twice", "1", false},       {"X-Twice", "2", false}};
  ASSERT_EQ(probe_once(spec).reason, Reason::kNone);
  const std::string request = server.requests().back();
  EXPECT_THAT(request, HasSubstr("\r\nUser-Agent: mine\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("OpenSeer/")));
  EXPECT_THAT(request, HasSubstr("\r\nHost: virtual.example\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("Host: 127")));
  EXPECT_THAT(request, HasSubstr("\r\nX-Empty:"));
  EXPECT_THAT(request, Not(HasSubstr("*/*")));
  EXPECT_THAT(request, HasSubstr("\r\nX-Twice: 1\r\nX-Twice: 2\r\n"));
}

TEST(ProberRequest, EveryCheckOpensItsOwnConnection) {
  std::atomic<int> connections{0};
  const LocalServer server([&](Connection& c) {
    ++connections;
    while (!c.read_request().empty() && c.write(kHello)) {
    }
  });
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), local_options());
  int left = 3;
  std::function<void(Measurement)> next = [&](const Measurement& found) {
    EXPECT_EQ(found.reason, Reason::kNone) << found.message;
    if (--left > 0) return prober.start(spec_for(server.url()), next);
    context.stop();
  };
  prober.start(spec_for(server.url()), next);
  context.run();
  EXPECT_EQ(connections, 3);
}

TEST(ProberRedirect, IsFollowedToTheAnswer) {
  const FixedServer end(kHello);
  const FixedServer start("HTTP/1.1 302 Found\r\nLocation: " + end.url("/final") +
                          "\r\nContent-Length: 3\r\n\r\nabc");
  const Measurement found = probe_url(start.url());
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.http_status, 200);
  EXPECT_EQ(found.body_bytes, 5u) << "of the last hop only";
  EXPECT_THAT(end.requests().at(0), StartsWith("GET /final HTTP/1.1\r\n"));
  expect_sum_within_total(found.phases);
}

TEST(ProberRedirect, RelativeLocationsAndSeeOther) {
  std::mutex mutex;
  std::vector<std::string> requests;
  const LocalServer server([&](Connection& c) {
    const std::string request = c.read_request();
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    c.write(requests.size() == 1
                ? "HTTP/1.1 303 See Other\r\nLocation: ../done?x=1\r\nContent-Length: 0\r\n\r\n"
                : kHello);
  });
  domain::MonitorSpec spec = spec_for(server.url("/a/b/c"));
  spec.method = "PUT";
  spec.body = "payload";
  spec.headers = {{"Content-Type", "text/plain", false}};
  EXPECT_EQ(probe_once(spec).reason, Reason::kNone);
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_THAT(requests[0], StartsWith("PUT /a/b/c "));
  EXPECT_THAT(requests[1], StartsWith("GET /a/done?x=1 "));
  EXPECT_THAT(requests[1], Not(HasSubstr("payload")));
  EXPECT_THAT(requests[1], Not(HasSubstr("Content-")));
}

TEST(ProberRedirect, DoesNotWaitForTheBodyOfARedirect) {
  const FixedServer end(kHello);
  const LocalServer start([&](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 307 Temporary\r\nLocation: " + end.url() + "\r\nContent-Length: 1000\r\n\r\nnot all");
    c.wait_for_close();
  });
  const Measurement found = probe_url(start.url());
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_LT(found.phases.total, Seconds{5});
}

TEST(ProberRedirect, ALoopEndsAtTheLimit) {
  const FixedServer server("HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
  domain::MonitorSpec spec = spec_for(server.url());
  spec.max_redirects = 4;
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kRedirectLimit);
  EXPECT_EQ(found.message, "still redirected after 4 redirects");
  EXPECT_EQ(found.http_status, 301);
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST(ProberRedirect, WithoutRedirectsTheRedirectIsTheAnswer) {
  const FixedServer server("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok");
  domain::MonitorSpec spec = spec_for(server.url());
  spec.max_redirects = 0;
  const Measurement found = probe_once(spec);
  EXPECT_EQ(found.reason, Reason::kNone) << found.message;
  EXPECT_EQ(found.http_status, 302);
  EXPECT_EQ(found.body_bytes, 2u);
}

TEST(ProberRedirect, SecretsAreNotSentToAnotherOrigin) {
  const FixedServer other(kHello);
  const FixedServer first("HTTP/1.1 307 Temporary\r\nLocation: " + other.url() +
                          "\r\nContent-Length: 0\r\n\r\n");
  domain::MonitorSpec spec = spec_for(first.url());
  spec.headers = {{"X-Api-Key", "secret-1", true},
                  {"Authorization", "Bearer secret-2", false},
                  {"cookie", "secret-3", false},
                  {"Host", "secret-4.example", false},
                  {"X-Trace", "plain", false}};
  ASSERT_EQ(probe_once(spec).reason, Reason::kNone);
  EXPECT_THAT(first.requests().at(0), HasSubstr("secret-1"));
  EXPECT_THAT(first.requests().at(0), HasSubstr("secret-2"));
  EXPECT_THAT(other.requests().at(0), Not(HasSubstr("secret-")));
  EXPECT_THAT(other.requests().at(0), HasSubstr("X-Trace: plain"));
}

TEST(ProberRedirect, LeadsOnlyToHttp) {
  for (const char* location : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://"}) {
    const FixedServer server(std::string("HTTP/1.1 302 Found\r\nLocation: ") + location + "\r\n\r\n");
    const Measurement found = probe_url(server.url());
    EXPECT_EQ(found.reason, Reason::kRedirectInvalid) << location;
    EXPECT_THAT(found.message, HasSubstr("not an http or https URL"));
  }
}

TEST(ProberEgress, PrivateAddressesNeedTheOperatorsWord) {
  const FixedServer server(kHello);
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"}) {
    const Measurement found = probe_url(server.url("/", host), Options{});
    EXPECT_EQ(found.reason, Reason::kEgressDenied) << host << ": " << found.message;
    EXPECT_THAT(found.message, HasSubstr("private address")) << host;
  }
  for (const char* host : {"2130706433", "0x7f.1", "127.1"}) {
    EXPECT_NE(probe_url(server.url("/", host), Options{}).reason, Reason::kNone) << host;
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(ProberEgress, RedirectsAreHeldToItAsWell) {
  for (const char* host : {"169.254.169.254", "[::ffff:169.254.169.254]", "0.0.0.0"}) {
    const FixedServer server(std::string("HTTP/1.1 302 Found\r\nLocation: http://") + host +
                             "/latest/\r\n\r\n");
    const Measurement found = probe_url(server.url());
    EXPECT_EQ(found.reason, Reason::kEgressDenied) << host;
    EXPECT_THAT(found.message, HasSubstr("reserved address"));
    EXPECT_EQ(found.http_status, 0) << "the denied hop had no answer";
  }
}

TEST(ProberLoad, HundredsOfChecksRunAtOnce) {
  constexpr int kChecks = 300;
  std::mutex mutex;
  std::condition_variable all_here;
  int here = 0;
  // Nobody is answered before everybody has asked.
  const LocalServer server([&](Connection& c) {
    c.read_request();
    std::unique_lock lock(mutex);
    if (++here == kChecks) all_here.notify_all();
    all_here.wait_for(lock, Seconds{20}, [&] { return here >= kChecks; });
    lock.unlock();
    c.write(kHello);
  });
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), local_options());
  domain::MonitorSpec spec = spec_for(server.url());
  spec.timeout = Seconds{30};
  int done = 0;
  int ok = 0;
  for (int i = 0; i < kChecks; ++i) {
    spec.url = server.url("/", i % 2 == 0 ? "127.0.0.1" : "localhost");
    prober.start(spec, [&](const Measurement& found) {
      ok += found.reason == Reason::kNone ? 1 : 0;
      if (++done == kChecks) context.stop();
    });
  }
  EXPECT_EQ(prober.in_flight(), static_cast<std::size_t>(kChecks));
  context.run();
  EXPECT_EQ(ok, kChecks);
  EXPECT_EQ(prober.in_flight(), 0u);
}

TEST(ProberLoad, AbandonedChecksAreSilent) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.wait_for_close();
  });
  boost::asio::io_context context(1);
  {
    Prober prober(context.get_executor(), local_options());
    for (int i = 0; i < 10; ++i) {
      prober.start(spec_for(server.url("/", i % 2 == 0 ? "127.0.0.1" : "localhost")),
                   [](const Measurement&) { ADD_FAILURE() << "called after its prober had gone"; });
    }
    context.run_for(Milliseconds{50});
  }
  context.restart();
  context.run_for(Milliseconds{50});
}

TEST(ProberLoad, AProberMayGoFromWithinACallback) {
  const FixedServer server(kHello);
  boost::asio::io_context context(1);
  auto prober = std::make_unique<Prober>(context.get_executor(), local_options());
  bool called = false;
  prober->start(spec_for(server.url()), [&](const Measurement&) {
    called = true;
    prober.reset();
    context.stop();
  });
  context.run();
  EXPECT_TRUE(called);
}

}  // namespace
}  // namespace openseer::probe
