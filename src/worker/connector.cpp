#include "worker/connector.h"

#include <random>

#include "base/log.h"
#include "pki/authority.h"
#include "wire/time.h"

namespace openseer::worker {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kGather{20};  // results wait this long for company
constexpr std::size_t kEnoughResults = 500;
constexpr Milliseconds kTick{500};
constexpr Milliseconds kFirstRetry{100};
constexpr Milliseconds kLastRetry{10'000};
constexpr Seconds kSteady{10};  // a stream that lived this long forgives earlier failures
constexpr Seconds kRegistration{15};
constexpr Seconds kSilence{30};   // pongs come every 10 s
constexpr Seconds kLeaving{5};    // for acknowledgements before a stream is closed
constexpr Seconds kWindDown{20};  // for acknowledgements before the worker ends
constexpr Seconds kCertificateAnswer{120};
constexpr Seconds kLongestOrder{120};  // a check that a person waits for

std::function<double()> random_fraction() {
  return [engine = std::make_shared<std::mt19937_64>(std::random_device{}())] {
    return std::uniform_real_distribution<double>(0, 1)(*engine);
  };
}

// The clock on this machine's wall, which is only reported.
Instant wall_clock() { return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()); }

}  // namespace

Connector::Connector(boost::asio::any_io_executor executor, Options options, const StateDirectory& state,
                     Identity identity, Runner& runner, Spool& spool, RemoteClock& server, Done done)
    : executor_(executor),
      options_(std::move(options)),
      state_(state),
      identity_(std::move(identity)),
      runner_(runner),
      spool_(spool),
      server_(server),
      done_(std::move(done)),
      backoff_(kFirstRetry, kLastRetry, random_fraction()),
      speak_timer_(executor),
      tick_timer_(executor),
      start_timer_(executor),
      retry_timer_(executor) {}

void Connector::start() {
  connect();
  arm_tick();
}

void Connector::connect() {
  const Monotonic now = steady_clock::now();
  connected_at_ = now;
  leaving_since_.reset();
  renewed_at_.reset();
  pending_key_.clear();
  conversation_.emplace(runner_, spool_, server_, now);
  if (stopping_) conversation_->stop_asking();
  Session::Handlers handlers;
  handlers.message = [this](const v1::ConnectResponse& message) { on_message(message); };
  handlers.ended = [this](Ending ending, const std::string& reason) { on_ended(ending, reason); };
  session_ = std::make_unique<Session>(executor_, options_.address, identity_, std::move(handlers));
  send(Conversation::opening(options_.version));
}

void Connector::send(v1::ConnectRequest message) {
  if (message.has_register_())
    *message.mutable_register_()->mutable_worker_time() = wire::to_proto(wall_clock());
  if (message.has_ping()) *message.mutable_ping()->mutable_worker_time() = wire::to_proto(wall_clock());
  session_->send(std::move(message));
}

void Connector::on_message(const v1::ConnectResponse& message) {
  if (finished_ || !conversation_) return;
  const bool was_registered = conversation_->registered();
  if (const auto problem = conversation_->receive(message, steady_clock::now())) {
    log::error("the control plane broke the protocol", {{"reason", *problem}});
    conversation_.reset();
    session_->cancel();
    return;
  }
  if (message.has_registered() || message.has_pong())
    clock_offset_.compare(wall_clock(), server_.at(steady_clock::now()));
  if (!was_registered) {
    connected_ = true;
    log::info("connected", {{"address", options_.address},
                            {"worker", identity_.worker_id},
                            {"region", conversation_->region()}});
    speak();
  }
  if (const auto certificate = conversation_->take_certificate()) keep_certificate(*certificate);
  if (conversation_->told_to_leave() && !leaving_since_) {
    leaving_since_ = steady_clock::now();
    log::info("the control plane sends this worker elsewhere");
  }
  if (message.has_jobs()) arm_start();
  poke();
}

void Connector::arm_start() {
  const std::optional<Monotonic> next = runner_.next_start();
  if (!next) return;
  start_timer_.expires_at(*next);
  start_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || finished_) return;
    runner_.start_due();
    arm_start();
  });
}

void Connector::on_ended(Ending ending, const std::string& reason) {
  const bool registered = conversation_ && conversation_->registered();
  const bool expected = leaving_since_.has_value() || ending == Ending::kClosed;
  connected_ = false;
  spool_.connection_lost();
  conversation_.reset();
  session_.reset();
  if (finished_) return;
  if (ending == Ending::kRevoked) {
    log::error("the control plane refuses this worker for good", {{"reason", reason}});
    finish(1);
    return;
  }
  if (stopping_ && runner_.load() == 0 && spool_.empty()) {
    finish(0);
    return;
  }
  if (registered && (expected || steady_clock::now() - connected_at_ >= kSteady)) backoff_.reset();
  Milliseconds pause = backoff_.next();
  if (ending == Ending::kRejected) pause += Seconds{1};
  log::write(expected ? log::Level::kInfo : log::Level::kWarning,
             registered ? "disconnected" : "cannot connect",
             {{"address", options_.address}, {"reason", reason}, {"retry_ms", pause.count()}});
  retry_timer_.expires_after(pause);
  retry_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !finished_) connect();
  });
}

void Connector::poke() {
  if (spool_.unsent() >= kEnoughResults && spool_.unsent() % kEnoughResults == 0) {
    speak();
    return;
  }
  if (speak_armed_) return;
  speak_armed_ = true;
  speak_timer_.expires_after(kGather);
  speak_timer_.async_wait([this](const boost::system::error_code& error) {
    speak_armed_ = false;
    if (!error) speak();
  });
}

void Connector::speak() {
  if (finished_) return;
  if (conversation_) {
    for (v1::ConnectRequest& message : conversation_->speak(steady_clock::now())) send(std::move(message));
  }
  if (stopping_ || leaving_since_) wind_down(steady_clock::now());
}

void Connector::arm_tick() {
  tick_timer_.expires_after(kTick);
  tick_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || finished_) return;
    tick();
    if (!finished_) arm_tick();
  });
}

void Connector::tick() {
  const Monotonic now = steady_clock::now();
  if (conversation_) drop_silent_stream(now);
  if (conversation_ && conversation_->registered()) {
    renew_certificate(now);
    use_certificate(now);
  }
  speak();
}

void Connector::drop_silent_stream(Monotonic now) {
  const Seconds patience = conversation_->registered() ? kSilence : kRegistration;
  if (now - conversation_->last_heard() < patience) return;
  log::warning("nothing heard from the control plane; connecting again");
  session_->cancel();
}

void Connector::renew_certificate(Monotonic now) {
  if (stopping_ || leaving_since_) return;
  if (!pending_key_.empty() && now - certificate_asked_ < kCertificateAnswer) return;
  const auto due = renewal_time(identity_.certificate_pem);
  if (due && server_.at(now) < *due) return;
  pki::KeyAndRequest request = pki::make_certificate_request();
  pending_key_ = std::move(request.private_key_pem);
  certificate_asked_ = now;
  conversation_->request_certificate(std::move(request.request_pem));
}

// Kept only if it is worth more than the old one.
void Connector::keep_certificate(const v1::Certificate& certificate) {
  const Identity renewed{pending_key_, certificate.certificate_pem(), certificate.ca_certificate_pem(),
                         identity_.worker_id};
  const auto worker = pki::worker_identity(renewed.certificate_pem);
  const bool fits =
      worker && worker->worker_id == identity_.worker_id &&
      pki::certificate_fingerprint(renewed.ca_certificate_pem) ==
          pki::certificate_fingerprint(identity_.ca_certificate_pem) &&
      pki::issued_for(renewed.certificate_pem, renewed.private_key_pem, renewed.ca_certificate_pem) &&
      pki::not_after(renewed.certificate_pem) > pki::not_after(identity_.certificate_pem);
  if (!fits) {
    log::error("the renewed certificate is of no use");  // asked for again after a while
    return;
  }
  try {
    state_.save(renewed);
  } catch (const std::runtime_error& error) {
    log::error("cannot keep the renewed certificate", {{"error", error.what()}});
    return;
  }
  identity_ = renewed;
  pending_key_.clear();
  renewed_at_ = steady_clock::now();
  log::info("certificate renewed");
}

// The stream ends with the certificate it was opened with: another one is opened in
// time. Leases and results go on over it; a check that a person waits for would be
// forgotten, so it is waited for.
void Connector::use_certificate(Monotonic now) {
  if (!renewed_at_ || stopping_ || leaving_since_) return;
  if (runner_.orders() > 0 && now - *renewed_at_ < kLongestOrder) return;
  leaving_since_ = now;
  conversation_->leave();
  log::info("connecting again with the renewed certificate");
}

void Connector::stop() {
  if (stopping_ || finished_) return;
  stopping_ = true;
  log::info("finishing", {{"running", runner_.running()}, {"results", spool_.size()}});
  if (conversation_)
    conversation_->stop_asking();
  else
    runner_.take_waiting();  // nobody to give them back to: their leases expire
  speak();
}

// Closes the stream when nothing on it is waited for, and ends a worker that
// has nothing left to do.
void Connector::wind_down(Monotonic now) {
  if (leaving_since_ && conversation_ && (conversation_->settled() || now - *leaving_since_ >= kLeaving)) {
    if (now - *leaving_since_ >= 2 * kLeaving)
      session_->cancel();
    else
      session_->close();
  }
  if (!stopping_ || runner_.load() > 0) return;
  if (!idle_since_) idle_since_ = now;
  const bool all_sent = spool_.empty() && (!connected_ || !conversation_ || conversation_->settled());
  if (all_sent && session_ && connected_) {
    if (!leaving_since_) leaving_since_ = now;
    session_->close();  // the worker ends with the stream
  } else if (all_sent && !connected_) {
    finish(0);
  }
  if (!finished_ && now - *idle_since_ >= kWindDown) {
    log::warning("ending with results that nobody acknowledged", {{"results", spool_.size()}});
    finish(0);
  }
}

void Connector::finish(int exit_code) {
  finished_ = true;
  speak_timer_.cancel();
  tick_timer_.cancel();
  start_timer_.cancel();
  retry_timer_.cancel();
  done_(exit_code);
}

std::optional<Instant> renewal_time(const std::string& certificate_pem) {
  const auto from = pki::not_before(certificate_pem);
  const auto until = pki::not_after(certificate_pem);
  if (!from || !until) return std::nullopt;
  return *from + (*until - *from) * 2 / 3;
}

}  // namespace openseer::worker
