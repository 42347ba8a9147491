#pragma once

#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "probe/check/check.h"
#include "probe/check/loop.h"

namespace openseer::probe {

// Drives one Check: does what it asks for on the loop, and tells it what came of
// it. Owned by the Prober, which lets go of it once it is done; runs on its loop.
class Run final : public std::enable_shared_from_this<Run>, private Check::Io, private Connection::Owner {
 public:
  using Done = std::function<void(Run&, domain::Measurement)>;

  Run(Loop& loop, std::shared_ptr<const domain::MonitorSpec> spec, Done done);
  ~Run();
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  // Never calls `done` from within.
  void start();

 private:
  using Step = void (Run::*)(Monotonic);

  void later(Step step);
  void begin(Monotonic now);
  void drive(Monotonic now);
  bool handshake();
  void on_ready(Connection& connection) override;
  void on_deadline();
  void finish();
  std::string pool_key() const;
  std::string token_key() const;

  std::optional<dns::Answer> resolve(const dns::Question& question) override;
  void forget_lookups() override { tickets_ = {}; }
  int connect(std::size_t id, const boost::asio::ip::address& address, std::uint16_t port) override;
  void use(std::size_t id) override;
  http::Fault secure(const domain::TlsSettings& settings, tls::Offer offer, std::string name) override;
  void wake_at(Monotonic when) override { wake_.start(when); }
  http::Exchange* take_kept(std::string& remote_address, tls::Report& report) override;
  http::Exchange* make_exchange(bool http2) override;
  void release(bool may_be_kept) override;
  http::Fault tls_fault() const override;
  std::optional<std::string> token() override;
  void keep_token(const http::OauthToken& token) override;
  void forget_token() override { loop_.tokens.forget(token_key()); }
  std::string nonce() override;

  Loop& loop_;
  const std::shared_ptr<const domain::MonitorSpec> spec_;
  Done done_;
  const Monotonic started_;
  Timers::Timer deadline_;
  Timers::Timer wake_;
  std::array<dns::Resolver::Ticket, 2> tickets_;  // by family
  std::vector<std::unique_ptr<Connection>> attempts_;
  std::unique_ptr<Connection> current_;  // carries the hop
  std::string pool_key_;                 // of a monitor that keeps its connection
  bool securing_ = false;
  Check check_;
};

}  // namespace openseer::probe
