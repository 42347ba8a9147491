#pragma once

#include <memory>
#include <optional>
#include <string>

#include "domain/monitor.h"
#include "domain/result.h"
#include "probe/check/reason.h"
#include "probe/check/request.h"
#include "probe/dns/resolver.h"
#include "probe/http/oauth.h"
#include "probe/net/race.h"
#include "probe/probe.h"
#include "probe/tls/contexts.h"
#include "probe/tls/report.h"

namespace openseer::probe {

struct ProxyRoute;

// One check of one target, from its start to its measurement, without any I/O: it
// is told what happened and when, and says what to do next.
//
//   token -> resolve and connect -> tunnel -> tls -> exchange -> redirect, or over
//
// Owned and driven by a Run; tests drive it by hand. Not thread-safe.
class Check {
 public:
  // What the check asks for. None of these calls back into the check: what comes of
  // them is reported later, but for what they return.
  class Io {
   public:
    // The answer when it is known; otherwise on_resolved() follows.
    virtual std::optional<dns::Answer> resolve(const dns::Question& question) = 0;
    // No answer that is outstanding matters any more.
    virtual void forget_lookups() = 0;
    // Begins connecting: errno, or 0 and on_connected() or on_connect_failed() follows.
    virtual int connect(std::size_t id, const boost::asio::ip::address& address, std::uint16_t port) = 0;
    // The attempt's connection carries the hop; the others are closed.
    virtual void use(std::size_t id) = 0;
    // Begins the handshake: a fault, or none and on_secured() or on_tls_failed() follows.
    virtual http::Fault secure(const domain::TlsSettings& settings, tls::Offer offer, std::string name) = 0;
    // on_time() is to follow at that time.
    virtual void wake_at(Monotonic when) = 0;
    // A kept connection of the monitor's for this hop, ready for begin(); null: none.
    virtual http::Exchange* take_kept(std::string& remote_address, tls::Report& report) = 0;
    // The exchange of this hop, over the connection that stands.
    virtual http::Exchange* make_exchange(bool http2) = 0;
    // The connection is of no more use to this hop: kept for the monitor's next check
    // when that may be, closed otherwise.
    virtual void release(bool may_be_kept) = 0;
    // What TLS knows about a stream that ended badly.
    virtual http::Fault tls_fault() const = 0;
    // OAuth access tokens outlive the check.
    virtual std::optional<std::string> token() = 0;
    virtual void keep_token(const http::OauthToken& token) = 0;
    virtual void forget_token() = 0;
    // Random hexadecimal digits.
    virtual std::string nonce() = 0;

   protected:
    ~Io() = default;
  };

  // All must outlive it. `started` is when the check's time began to run.
  Check(const domain::MonitorSpec& spec, const Options& options, Io& io, Monotonic started);
  ~Check();

  void start(Monotonic now, Instant wall);
  void on_resolved(dns::Family family, const dns::Answer& answer, Monotonic now);
  void on_connected(std::size_t id, Monotonic now);
  void on_connect_failed(std::size_t id, int error, Monotonic now);
  void on_time(Monotonic now);
  void on_secured(const tls::Report& report, Monotonic now);
  void on_tls_failed(http::Fault fault, const tls::Report& report, Monotonic now);
  // After every call to the conversation.
  void on_progress(Monotonic now);
  void on_deadline(Monotonic now);

  // What the bytes of the connection belong to just now; null: nothing.
  http::Protocol* conversation() const;
  bool over() const { return step_ == Step::kOver; }
  // Once it is over.
  domain::Measurement take_measurement() { return std::move(measurement_); }

 private:
  enum class Step { kNew, kConnecting, kTunnel, kTls, kExchange, kOver };

  void start_token(Monotonic now);
  void take_token(std::string token);
  void start_hop(Monotonic now);
  const http::Url& url() const;
  bool at_home() const;

  void start_route(Monotonic now);
  void resolve_target(Monotonic now);
  void resolve(std::string name, std::uint16_t port, Monotonic now);
  void advance(Monotonic now);
  void note_failure(std::size_t id, int error, Monotonic now);
  void lose_race(Monotonic now);
  void on_route(Monotonic now);

  void start_exchange(bool http2);
  void begin_exchange();
  std::string authorization();
  bool on_headers(const http::Answer& answer, Monotonic now);
  bool answer_challenge(const http::Answer& answer);
  bool follow(const http::Answer& answer, Monotonic now);
  void on_answer(Monotonic now);
  void on_exchange_failed(Monotonic now);

  Instant wall(Monotonic now) const {
    return wall_ + std::chrono::duration_cast<Microseconds>(now - started_);
  }
  Stage stage() const;
  void take_report(const tls::Report& report);
  void leave_hop(Monotonic now);
  void close_hop(Monotonic now);
  void describe(http::Answer answer);
  void fail(http::Fault fault, Monotonic now);
  void finish(Monotonic now);

  const domain::MonitorSpec& spec_;
  const Options& options_;
  Io& io_;
  const Monotonic started_;
  Instant wall_;
  Step step_ = Step::kNew;
  domain::Measurement measurement_;
  std::unique_ptr<ProxyRoute> proxy_;          // when there is one
  std::unique_ptr<domain::TlsSettings> away_;  // ours, without what is for the monitor's origin only
  std::optional<Request> request_;
  std::optional<http::Url> token_url_;  // this hop fetches an access token
  std::string bearer_;
  std::string digest_;  // the answer to a challenge, for one request
  bool challenged_ = false;
  bool fresh_token_ = false;  // fetched by this check
  bool fresh_only_ = false;   // a kept connection has failed
  bool decided_ = false;      // the hop's headers have been looked at
  int redirects_ = 0;

  // Of this hop:
  domain::Hop hop_;
  Marks marks_;
  Race race_;
  std::string name_;  // that is looked up
  int lookups_ = 0;   // how often that was another one
  std::uint16_t port_ = 0;
  std::optional<boost::asio::ip::udp::endpoint> dns_server_;
  dns::Answer ipv4_;
  dns::Answer ipv6_;
  std::optional<boost::asio::ip::address> denied_;
  std::optional<http::Fault> connect_fault_;  // of the attempt that says most
  std::unique_ptr<http::Protocol> tunnel_;
  http::Exchange* exchange_ = nullptr;  // the connection's
};

}  // namespace openseer::probe
