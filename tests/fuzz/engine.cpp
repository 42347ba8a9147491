// The whole check against a server that follows a script: the real engine over real
// loopback sockets, from the name to the evidence that is kept. The bytes of an input
// are the check's settings, then the server's steps; before each step the client goes as far as it can.

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sanitizer/allocator_interface.h>
#include <time.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "domain/evidence.h"
#include "domain/judge.h"
#include "domain/text.h"
#include "fuzz/hostile_server.h"
#include "fuzz/targets.h"
#include "probe/probe.h"
#include "unit/probe/certificates.h"

namespace openseer::fuzz {
namespace {

using namespace probe;
using domain::Reason;

constexpr Milliseconds kTimeout{25};
constexpr Milliseconds kGrace{100};  // what the engine promises beyond the time-out
constexpr Microseconds kPause{500};
constexpr std::uint64_t kBodyLimit = 48 * 1024;
constexpr std::size_t kHeaderLimit = 4 * 1024;
// Three nested decoders have a window of 16 MiB each, at most.
constexpr std::size_t kMostMemory = 56 * 1024 * 1024;
constexpr std::size_t kMostTurns = 10'000;
constexpr std::string_view kPassword = "pass-5ecret-word";
constexpr std::string_view kToken = "token-5ecret-value";
constexpr std::string_view kKey = "key-5ecret-header";

// Bytes of an input; zeros when there are none left.
class Reader {
 public:
  explicit Reader(std::string_view input) : left_(input) {}

  bool empty() const { return left_.empty(); }
  unsigned byte() { return static_cast<unsigned char>(left_.empty() ? '\0' : take(1)[0]); }
  std::string_view take(std::size_t size) {
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view left_;
};

struct Settings {
  explicit Settings(Reader& input) {
    const unsigned route = input.byte();
    const unsigned request = input.byte();
    const unsigned server = input.byte();
    http = static_cast<domain::HttpPolicy>(route & 3);
    proxy = route >> 2 & 3;
    authentication = static_cast<domain::AuthScheme>((route >> 4 & 7) % 5);
    by_name = (route & 128) != 0;
    method = request & 3;
    constexpr std::array<int, 4> kRedirects{10, 0, 1, 3};
    redirects = kRedirects[request >> 2 & 3];
    https = (request & 16) != 0;
    twice = (request & 32) != 0;
    skips_verification = (request & 64) != 0;
    looks_at_body = (request & 128) != 0;
    speaks_tls = (server & 1) == 0;
    answers_names = (server & 2) == 0;
    deaf = (server & 4) != 0;
    hangs = (server & 8) != 0;  // at the script's end, rather than to close
    family = static_cast<domain::IpFamily>((server >> 4 & 3) % 3);
  }

  domain::HttpPolicy http;
  unsigned proxy;
  domain::AuthScheme authentication;
  bool by_name;
  unsigned method;
  int redirects;
  bool https;
  bool twice;
  bool skips_verification;
  bool looks_at_body;
  bool speaks_tls;
  bool answers_names;
  bool deaf;
  bool hangs;
  domain::IpFamily family;
};

// Made once: minting is slow.
struct Pki {
  probe::test::Identity identity = probe::test::make_identity({});
  std::string pem = pem_of(identity);
  std::shared_ptr<SSL_CTX> context = probe::test::server_context(identity);

  Pki() {
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT: SSL_write has no MSG_NOSIGNAL
    SSL_CTX_set_alpn_select_cb(
        context.get(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned, void*) {
          *out = in + 1;  // whatever the client likes best
          *size = in[0];
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
  }
};

const Pki& pki() {
  static const Pki made;
  return made;
}

domain::MonitorSpec spec_of(const Settings& settings, const HostileServer& server) {
  constexpr std::array<const char*, 4> kMethods{"GET", "POST", "HEAD", "OPTIONS"};
  const std::string here = "127.0.0.1:" + std::to_string(server.port());
  const std::string host = settings.by_name ? "name.test:" + std::to_string(server.port()) : here;
  domain::MonitorSpec spec;
  spec.url = (settings.https ? "https://" : "http://") + host + "/start?a=b";
  spec.dns_server = "127.0.0.1:" + std::to_string(server.name_port());
  spec.method = kMethods[settings.method];
  spec.timeout = kTimeout;
  if (settings.method == 1) spec.body = "{\"password\":\"" + std::string(kPassword) + "\"}";
  spec.headers.push_back({"X-Api-Key", std::string(kKey), true});
  spec.authentication.scheme = settings.authentication;
  spec.authentication.username = "user";
  spec.authentication.password = kPassword;
  spec.authentication.token = kToken;
  spec.authentication.token_url = "http://" + here + "/token";
  spec.authentication.client_id = "client";
  spec.authentication.client_secret = kPassword;
  if (settings.proxy > 1) {
    spec.proxy.url = (settings.proxy == 2 ? "http://" : "socks5://") + here;
    spec.proxy.username = "user";
    spec.proxy.password = kPassword;
  }
  spec.http = settings.http;
  spec.ip_family = settings.family;
  spec.max_redirects = settings.redirects;
  spec.reuse_connection = settings.twice;
  spec.tls.skip_verification = settings.skips_verification;
  spec.tls.ca_pem = pki().pem;
  spec.tls.server_name = "localhost";
  if (settings.looks_at_body) {
    using domain::Comparison;
    using domain::Source;
    spec.assertions.push_back({Source::kBody, "", Comparison::kNotContains, "broken", {}});
    spec.assertions.push_back({Source::kJson, "$..a[?@.b>1]", Comparison::kEquals, "2", {}});
    spec.assertions.push_back({Source::kHeader, "x", Comparison::kMatches, "^y+$", {}});
    for (domain::Assertion& assertion : spec.assertions) assertion.severity = domain::Severity::kFail;
  }
  return spec;
}

bool holds_secret(std::string_view text) {
  return std::ranges::any_of(std::array{kPassword, kToken, kKey},
                             [&](std::string_view one) { return text.find(one) != std::string_view::npos; });
}

// What is kept of a measurement has no secret of the monitor's, whatever the target sent.
void check_kept(const domain::MonitorSpec& spec, domain::Measurement measurement) {
  const domain::Judge judge(spec);
  domain::CheckResult result = judge(std::move(measurement), Instant{});
  domain::Measurement& found = result.measurement;
  promise(!holds_secret(judge.redactor().redact(found.message)));
  const domain::Details kept = domain::evidence(std::move(found.details), result.outcome, judge.redactor());
  promise(kept.body.size() <= domain::kEvidenceBody * 4 && !holds_secret(kept.body));
  promise(!holds_secret(kept.final_url));
  for (const domain::AssertionFailure& failure : kept.failures) promise(!holds_secret(failure.message));
  for (const domain::Hop& hop : kept.hops) {
    promise(!holds_secret(hop.url));
    for (const domain::ResponseHeader& header : hop.headers) {
      promise(!holds_secret(header.name) && !holds_secret(header.value));
    }
  }
}

void check(const domain::MonitorSpec& spec, const domain::Measurement& found) {
  const domain::Details& details = found.details;
  promise((found.reason == Reason::kNone) == found.message.empty());
  promise(found.reason != Reason::kNone || found.http_status >= 100);
  if (found.reason == Reason::kWorker)
    std::fprintf(stderr, "%s: %s\n", spec.url.c_str(), found.message.c_str());
  promise(found.reason != Reason::kWorker);
  promise(domain::valid_utf8(found.message) == found.message);
  // Every hop may have been asked for credentials once.
  promise(!details.hops.empty());
  promise(details.hops.size() <= 2 * static_cast<std::size_t>(spec.max_redirects + 2));
  promise(details.body.size() <= std::max<std::size_t>(kBodyLimit, domain::kEvidenceBody));
  promise(details.wire_bytes <= kBodyLimit + 64 * 1024);
  for (const domain::Hop& hop : details.hops) {
    const domain::Phases& p = hop.phases;
    for (const Microseconds phase : {p.dns, p.connect, p.tls, p.wait, p.download}) {
      promise(phase >= Microseconds{0} && phase <= p.total);
    }
    promise(p.dns + p.connect + p.tls + p.wait + p.download <= p.total + Microseconds{5});
    promise(p.total <= found.phases.total);
    promise(hop.attempts.size() <= 16);
  }
}

// The processor's time that this thread has used. A check's length is that and the
// pauses it was given, so that a machine with much else to do makes no false alarm.
Microseconds cpu_time() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return Microseconds{used.tv_sec * 1'000'000 + used.tv_nsec / 1'000};
}

class Play {
 public:
  Play(Reader& script, const Settings& settings)
      : script_(script),
        settings_(settings),
        server_(settings.https && settings.speaks_tls ? pki().context.get() : nullptr),
        spec_(spec_of(settings, server_)),
        prober_(context_.get_executor(), options()) {
    server_.set_deaf(settings.deaf);
    server_.set_answers_names(settings.answers_names);
  }

  void run() {
    start();
    while (!script_.empty() && !over()) step();
    if (!settings_.hangs) server_.shut();
    for (;;) {
      take_turns();
      if (over()) break;
      paused_ += kPause;
      const timespec pause{0, std::chrono::nanoseconds(kPause).count()};
      nanosleep(&pause, nullptr);
    }
    promise(prober_.in_flight() == 0);
    promise(server_.accepted() <= 16 * 2 * static_cast<std::size_t>(spec_.max_redirects + 2));
  }

 private:
  static Options options() {
    Options options;
    options.egress.allow_private = true;
    options.limits = {.body_bytes = kBodyLimit, .header_bytes = kHeaderLimit};
    options.ca_file = "/dev/null";
    return options;
  }

  bool over() const { return ended_ == (settings_.twice ? 2 : 1); }

  void start() {
    began_ = cpu_time() + paused_;
    prober_.start(spec_, [this, number = started_++](domain::Measurement found) {
      promise(number == ended_++);
      promise(cpu_time() + paused_ - began_ < kTimeout + kGrace);
      check(spec_, found);
      check_kept(spec_, std::move(found));
    });
    promise(ended_ < started_);
  }

  // Until neither side has anything to do.
  void take_turns() {
    const std::size_t before = __sanitizer_get_current_allocated_bytes();
    for (std::size_t turns = 0;; ++turns) {
      promise(turns < kMostTurns);
      const bool client = context_.poll() > 0;
      if (started_ == ended_ && !over()) start();
      if (!server_.turn() && !client && ended_ != started_) break;
      if (over()) break;
    }
    promise(__sanitizer_get_current_allocated_bytes() < before + kMostMemory);
  }

  void step() {
    const unsigned code = script_.byte();
    if ((code & 16) == 0) take_turns();
    switch (code & 15) {
      case 0:
      case 1:
      case 2:
      case 3:
        return server_.send(script_.take(script_.byte() + 1));
      case 4:
        return server_.send(script_.take(1 << (script_.byte() & 15)));
      case 5: {
        const std::size_t size = (script_.byte() + 1) * 256;
        return server_.send(std::string(size, static_cast<char>(script_.byte())));
      }
      case 6:
        return send_phrase(script_.byte());
      case 7:
        return server_.send(server_.heard());
      case 8:
        return server_.close();
      case 9:
        return server_.reset();
      case 10:
        return server_.half_close();
      case 11:
        return server_.next_connection();
      case 12:
        return server_.reply(script_.take(script_.byte()));
      case 13:
        return server_.refuse_connections();
      case 14:
        return server_.set_deaf((code & 32) != 0);
      default:
        return server_.set_answers_names((code & 32) != 0);
    }
  }

  void send_phrase(unsigned which) {
    const std::string here = "127.0.0.1:" + std::to_string(server_.port());
    const std::string port = std::to_string(server_.port());
    const std::array<std::string, 16> phrases{
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /next\r\n\r\n",
        "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: http://" + here + "/a\r\n\r\n",
        "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: http://other.test:" + port + "/b\r\n\r\n",
        "HTTP/1.1 303 See Other\r\nContent-Length: 0\r\nLocation: https://localhost:" + port + "/\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nWWW-Authenticate: Digest realm=\"r\", "
        "nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 58\r\n\r\n"
        "{\"access_token\":\"abcdefgh\",\"token_type\":\"Bearer\",\"expires\":1}",
        "HTTP/1.1 200 Connection established\r\n\r\n",
        std::string("\5\2\1\0", 4) + std::string("\5\0\0\1\0\0\0\0\0\0", 10),
        "Content-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Content-Encoding: gzip\r\n",
        "Set-Cookie: a=cookie-5ecret; Path=/\r\n",
        "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n",
        std::string("\0\0\0\4\0\0\0\0\0", 9),
        "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: //" + here + "/?" + std::string(kKey) +
            "\r\n\r\n",
    };
    server_.send(phrases[which % phrases.size()]);
  }

  Reader& script_;
  const Settings& settings_;
  HostileServer server_;
  const domain::MonitorSpec spec_;
  boost::asio::io_context context_{1};
  Prober prober_;
  int started_ = 0;
  int ended_ = 0;
  Microseconds began_{};
  Microseconds paused_{};
};

int lowest_free_descriptor() {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  close(fd);
  return fd;
}

}  // namespace

void engine(std::string_view input) {
  const int free = lowest_free_descriptor();
  Reader reader(input);
  const Settings settings(reader);
  Play(reader, settings).run();
  promise(lowest_free_descriptor() == free);
}

}  // namespace openseer::fuzz
