#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock_offset.h"
#include "base/remote_clock.h"
#include "worker/backoff.h"
#include "worker/conversation.h"
#include "worker/runner.h"
#include "worker/session.h"
#include "worker/spool.h"
#include "worker/state_directory.h"

namespace openseer::worker {

// Keeps one stream to the control plane: connects, lets the conversation speak
// when something changed, connects again with back-off, renews the certificate and
// connects anew with it, and winds down. Owned by the worker; every method runs on its event loop.
class Connector {
 public:
  struct Options {
    std::string address;  // host:port of the worker stream
    std::string version;
  };
  // The end of the worker's work: the process's exit code.
  using Done = std::function<void(int exit_code)>;

  Connector(boost::asio::any_io_executor executor, Options options, const StateDirectory& state,
            Identity identity, Runner& runner, Spool& spool, RemoteClock& server, Done done);

  void start();
  // A result is in the spool: to be sent soon.
  void poke();
  // Winds down: gives back what has not started, lets what runs end, has
  // everything acknowledged, at most for a while; then Done(0).
  void stop();
  // Any thread.
  bool connected() const { return connected_; }

 private:
  void connect();
  void send(v1::ConnectRequest message);
  void on_message(const v1::ConnectResponse& message);
  void on_ended(Ending ending, const std::string& reason);
  void speak();
  void tick();
  void arm_tick();
  void arm_start();
  void drop_silent_stream(Monotonic now);
  void renew_certificate(Monotonic now);
  void keep_certificate(const v1::Certificate& certificate);
  void use_certificate(Monotonic now);
  void wind_down(Monotonic now);
  void finish(int exit_code);

  boost::asio::any_io_executor executor_;
  Options options_;
  const StateDirectory& state_;
  Identity identity_;
  Runner& runner_;
  Spool& spool_;
  RemoteClock& server_;
  ClockOffset clock_offset_;
  Done done_;
  Backoff backoff_;
  boost::asio::steady_timer speak_timer_;
  boost::asio::steady_timer tick_timer_;
  boost::asio::steady_timer start_timer_;  // for jobs that came before their slot
  boost::asio::steady_timer retry_timer_;
  std::unique_ptr<Session> session_;
  std::optional<Conversation> conversation_;
  std::string pending_key_;  // of a certificate asked for
  Monotonic certificate_asked_;
  std::optional<Monotonic> renewed_at_;  // a certificate that no stream has used yet
  Monotonic connected_at_;
  std::optional<Monotonic> leaving_since_;
  std::optional<Monotonic> idle_since_;  // stopping, and nothing runs any more
  std::atomic<bool> connected_ = false;
  bool speak_armed_ = false;
  bool stopping_ = false;
  bool finished_ = false;
};

// When a certificate is to be renewed: at two thirds of its life.
std::optional<Instant> renewal_time(const std::string& certificate_pem);

}  // namespace openseer::worker
