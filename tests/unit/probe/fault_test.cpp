// Targets that misbehave: each ends at its bound, with its own reason.

#include <fstream>

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gzip.h"
#include "local_server.h"
#include "probing.h"

namespace openseer::probe {
namespace {

using domain::Measurement;
using domain::Reason;
using test::Connection;
using test::FixedServer;
using test::local_options;
using test::LocalServer;
using test::probe_once;
using test::probe_url;
using test::spec_for;
using testing::AnyOf;
using testing::HasSubstr;

constexpr Milliseconds kTimeout{400};

domain::MonitorSpec hasty(std::string url) {
  domain::MonitorSpec spec = spec_for(std::move(url));
  spec.timeout = kTimeout;
  return spec;
}

void expect_timed_out(const Measurement& found, Reason reason) {
  EXPECT_EQ(found.reason, reason) << found.message;
  EXPECT_THAT(found.message, HasSubstr("400 ms"));
  EXPECT_GE(found.phases.total, kTimeout - Milliseconds{5});
  EXPECT_LE(found.phases.total, kTimeout + Milliseconds{100});
}

// A port of 127.0.0.1 that nobody listens on.
int closed_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

TEST(ProberDns, AMissingNameIsNotFound) {
  const Measurement found = probe_url("http://does-not-exist.invalid/");
  // A resolver without a network to ask answers "try again" instead.
  EXPECT_THAT(found.reason,
              AnyOf(Reason::kDnsNotFound, Reason::kDnsFailed, Reason::kDnsServerFailure, Reason::kTimeoutDns))
      << found.message;
  EXPECT_EQ(found.http_status, 0);
  EXPECT_EQ(found.remote_address, "");
  EXPECT_GT(found.phases.dns, Microseconds{0});
  EXPECT_EQ(found.phases.connect, Microseconds{0});
}

TEST(ProberConnect, AClosedPortRefuses) {
  const int port = closed_port();
  for (const char* host : {"127.0.0.1", "localhost"}) {
    const Measurement found = probe_url("http://" + std::string(host) + ":" + std::to_string(port) + "/");
    EXPECT_EQ(found.reason, Reason::kConnectRefused) << found.message;
    EXPECT_EQ(found.message, "127.0.0.1 port " + std::to_string(port) + " refused the connection");
    EXPECT_EQ(found.remote_address, "127.0.0.1");
  }
}

TEST(ProberConnect, AFullBacklogTimesOutWhileConnecting) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listener, plain, size), 0);
  ASSERT_EQ(listen(listener, 0), 0);
  getsockname(listener, plain, &size);
  // Linux drops the handshakes of a full queue, like a firewall that says nothing.
  std::vector<int> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    connect(waiting.back(), plain, size);
  }
  const Measurement found =
      probe_once(hasty("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"));
  expect_timed_out(found, Reason::kTimeoutConnect);
  EXPECT_GE(found.phases.connect, kTimeout - Milliseconds{50}) << "the stage that failed holds the time";
  for (const int fd : waiting) close(fd);
  close(listener);
}

TEST(ProberTimeout, ASilentServerNeverSendsItsFirstByte) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.wait_for_close();
  });
  const Measurement found = probe_once(hasty(server.url()));
  expect_timed_out(found, Reason::kTimeoutFirstByte);
  EXPECT_EQ(found.http_status, 0);
  EXPECT_GE(found.phases.wait, kTimeout - Milliseconds{50});
}

TEST(ProberTimeout, ASilentServerNeverFinishesTheHandshake) {
  const LocalServer server([](Connection& c) { c.wait_for_close(); });
  const std::string url = server.url();
  expect_timed_out(probe_once(hasty("https" + url.substr(4))), Reason::kTimeoutTls);
}

TEST(ProberTimeout, ASlowDripEndsAtTheDeadline) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 200 OK\r\n\r\n");
    while (!c.wait_for_close(20) && c.write("x")) {
    }
  });
  const Measurement found = probe_once(hasty(server.url()));
  expect_timed_out(found, Reason::kTimeoutDownload);
  EXPECT_EQ(found.http_status, 200);
  EXPECT_GT(found.body_bytes, 0u);
}

TEST(ProberTimeout, DrippedHeadersEndAtTheDeadline) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 200 OK\r\n");
    while (!c.wait_for_close(20) && c.write("X-Drip: 1\r\n")) {
    }
  });
  expect_timed_out(probe_once(hasty(server.url())), Reason::kTimeoutDownload);
}

TEST(ProberTimeout, RedirectsShareOneDeadline) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.wait_for_close(100);
    c.write("HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
  });
  domain::MonitorSpec spec = hasty(server.url());
  spec.max_redirects = 20;
  expect_timed_out(probe_once(spec), Reason::kTimeoutFirstByte);
}

TEST(ProberTimeout, DoesNotWaitForAnyoneElse) {
  const LocalServer silent([](Connection& c) { c.wait_for_close(); });
  const FixedServer quick("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), local_options());
  int waiting = 100;
  bool answered = false;
  for (int i = 0; i < 100; ++i) {
    prober.start(hasty(silent.url()), [&](const Measurement& found) {
      EXPECT_EQ(found.reason, Reason::kTimeoutFirstByte) << found.message;
      if (--waiting == 0) context.stop();
    });
  }
  prober.start(hasty(quick.url()), [&](const Measurement& found) {
    answered = found.reason == Reason::kNone;
    EXPECT_EQ(waiting, 100) << "before any of the silent ones ended";
  });
  context.run();
  EXPECT_TRUE(answered);
}

TEST(ProberConnection, AResetInMidBodySaysSo) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf");
    c.wait_for_close(50);
    c.reset();
  });
  const Measurement found = probe_url(server.url());
  EXPECT_EQ(found.reason, Reason::kBodyReset) << found.message;
  EXPECT_EQ(found.http_status, 200);
  EXPECT_EQ(found.body_bytes, 4u);
}

TEST(ProberConnection, AShortAnswerSaysWhereItEnded) {
  const std::pair<const char*, Reason> kCases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf", Reason::kBodyReset},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf", Reason::kBodyReset},
      {"", Reason::kRequestReset},
      {"HTTP/1.1 200 OK\r\nContent-Le", Reason::kHeaderReset}};
  for (const auto& [answer, reason] : kCases) {
    const FixedServer server(answer);
    const Measurement found = probe_url(server.url());
    EXPECT_EQ(found.reason, reason) << answer << ": " << found.message;
  }
}

TEST(ProberProtocol, EachKindOfGarbageHasItsReason) {
  const std::pair<const char*, Reason> kCases[] = {
      {"\x16\x03\x01garbage\xff\xfe\r\n\r\n", Reason::kMalformedStatusLine},
      {"SSH-2.0-OpenSSH_9.2\r\n", Reason::kMalformedStatusLine},
      {"HTTP/1.1 abc\r\n\r\n", Reason::kMalformedStatusLine},
      {"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", Reason::kMalformedLength},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Reason::kMalformedLength},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n0\r\n\r\n",
       Reason::kMalformedChunk},
      {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip",
       Reason::kMalformedEncoding}};
  for (const auto& [answer, reason] : kCases) {
    const FixedServer server(answer);
    const Measurement found = probe_url(server.url());
    EXPECT_EQ(found.reason, reason) << answer << ": " << found.message;
    EXPECT_NE(found.message, "");
  }
}

TEST(ProberLimits, HeadersAreCapped) {
  std::string many = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 20'000; ++i)
    many += "X-Filler-" + std::to_string(i) + ": " + std::string(40, 'f') + "\r\n";
  const std::string one = "HTTP/1.1 200 OK\r\nX-Giant: " + std::string(1024 * 1024, 'g') + "\r\n\r\n";
  const LocalServer endless([](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 200 OK\r\nX-Endless: ");
    while (c.write(std::string(4096, 'e'))) {
    }
  });
  const LocalServer endless_status([](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 200 ");
    while (c.write(std::string(4096, 'S'))) {
    }
  });
  const FixedServer many_server(many);
  const FixedServer one_server(one);
  for (const std::string& url : {many_server.url(), one_server.url(), endless.url(), endless_status.url()}) {
    const Measurement found = probe_url(url);
    EXPECT_THAT(found.reason, AnyOf(Reason::kHeaderLimit, Reason::kMalformedStatusLine)) << found.message;
  }
}

std::size_t peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss);
}

TEST(ProberLimits, AnEndlessBodyIsCutWithFlatMemory) {
  const LocalServer server([](Connection& c) {
    c.read_request();
    c.write("HTTP/1.1 200 OK\r\n\r\n");
    const std::string block(256 * 1024, 'b');
    while (c.write(block)) {
    }
  });
  Options options = local_options();
  options.limits.body_bytes = 128 * 1024 * 1024;
  const std::size_t before = peak_memory_kib();
  const Measurement found = probe_url(server.url(), options);
  EXPECT_EQ(found.reason, Reason::kBodyLimit);
  EXPECT_THAT(found.message, HasSubstr("larger than"));
  EXPECT_NEAR(static_cast<double>(found.body_bytes), 128 * 1024 * 1024, 64 * 1024);
  EXPECT_EQ(found.http_status, 200);
  EXPECT_LT(peak_memory_kib() - before, 16u * 1024);
}

TEST(ProberLimits, ABombIsCutAtItsDecodedSize) {
  const std::string bomb = test::gzip(std::string(64 * 1024 * 1024, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  const FixedServer server("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
                           std::to_string(bomb.size()) + "\r\n\r\n" + bomb);
  const std::size_t before = peak_memory_kib();
  const Measurement found = probe_url(server.url());
  EXPECT_EQ(found.reason, Reason::kBodyLimit) << found.message;
  EXPECT_NEAR(static_cast<double>(found.body_bytes), static_cast<double>(Limits{}.body_bytes), 64 * 1024);
  EXPECT_LT(peak_memory_kib() - before, 8u * 1024);
}

TEST(ProberLimits, ABodyOfExactlyTheLimitIsWhole) {
  Options options = local_options();
  options.limits.body_bytes = 5;
  const FixedServer fits("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345");
  EXPECT_EQ(probe_url(fits.url(), options).reason, Reason::kNone);
  const FixedServer exceeds("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456");
  EXPECT_EQ(probe_url(exceeds.url(), options).reason, Reason::kBodyLimit);
}

// Leaves the process no descriptor to open for as long as it lives.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(ProberWorker, RunningOutOfDescriptorsIsTheWorkersFault) {
  boost::asio::io_context context(1);
  Prober prober(context.get_executor(), local_options());
  std::optional<Measurement> found;
  {
    const NoDescriptors none;
    prober.start(spec_for("http://127.0.0.1:1/"), [&](Measurement measurement) {
      found = std::move(measurement);
      context.stop();
    });
    context.run();
  }
  EXPECT_EQ(found.value().reason, Reason::kWorker) << found->message;
  EXPECT_THAT(found->message, HasSubstr("descriptors"));
}

}  // namespace
}  // namespace openseer::probe
