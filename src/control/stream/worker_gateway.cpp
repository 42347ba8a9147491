#include "control/stream/worker_gateway.h"

#include <atomic>
#include <cmath>
#include <map>
#include <unordered_map>

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <grpc/support/log.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "base/log.h"
#include "base/metrics.h"
#include "control/stream/carried_specs.h"
#include "control/stream/gateway_service.h"
#include "control/stream/session.h"
#include "pg/error.h"
#include "store/jobs.h"
#include "store/workers.h"

namespace openseer::control {
namespace {

using std::chrono::steady_clock;

constexpr Seconds kTouch{5};
// The certificate is made anew at every start.
constexpr Seconds kServerCertificateLifetime = std::chrono::hours{24} * 825;
constexpr int kMostBytesReceived = 4 * 1024 * 1024;
constexpr int kMostBytesOfHeaders = 8 * 1024;
// For which specifications the streams have carried, all together: room for 0.8 to
// 1.6 million, for tables double.
constexpr std::size_t kMemoryOfSpecs = 36 * 1024 * 1024;
constexpr Seconds kUnheardEnd{5};
constexpr Seconds kLastTasks{10};

// Every listening address of this machine's own plus the operator's names.
std::vector<std::string> server_names(const WorkerGateway::Options& options) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0 && *host != '\0') names.emplace_back(host);
  names.insert(names.end(), options.names.begin(), options.names.end());
  return names;
}

std::shared_ptr<grpc::ServerCredentials> credentials(const pki::CertificateAuthority& authority,
                                                     const WorkerGateway::Options& options) {
  const pki::KeyAndCertificate server =
      authority.issue_server(server_names(options), kServerCertificateLifetime);
  grpc::SslServerCredentialsOptions ssl(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  ssl.pem_root_certs = authority.certificate_pem();
  ssl.pem_key_cert_pairs.push_back({server.private_key_pem, server.certificate_pem});
  return grpc::SslServerCredentials(ssl);
}

// gRPC's own lines (failed handshakes of strangers, mostly) in our form.
void log_grpc(gpr_log_func_args* line) { log::debug("grpc", {{"message", line->message}}); }

void configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMostBytesReceived);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMostBytesOfHeaders);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 4);
  // A taken port must be an error, not shared.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // A peer that vanished without a word is noticed within half a minute.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
}

}  // namespace

class WorkerGateway::Impl final : public SessionOwner, public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::any_io_executor executor, pg::Pool& pool, const pki::CertificateAuthority& authority,
       Dispatcher& dispatcher, Committer& committer, SpecCache& specs, Options options)
      : executor_(executor),
        parts_{pool,          authority, dispatcher, committer, specs, clock_, options.certificate_lifetime,
               options.checks},
        options_(std::move(options)),
        timer_(executor),
        changed_(executor) {}

  std::uint16_t start();
  asio::awaitable<void> drain(Milliseconds grace);
  void close();
  std::size_t connected() const { return connected_; }

  void registered(Session& session) override;
  void ended(Session& session) override;

 private:
  static asio::awaitable<void> run_periodic(std::shared_ptr<Impl> self);
  asio::awaitable<void> check_workers(bool touch);
  asio::awaitable<bool> wait_until_empty(Monotonic deadline);
  void accept(std::shared_ptr<Stream> stream, Peer peer);
  std::vector<std::int32_t> registered_ids() const;
  std::vector<store::WorkerFigures> figures();
  void cancel_unheard();
  void compare_clocks();
  void share_memory();

  asio::any_io_executor executor_;
  RemoteClock clock_;
  SessionContext parts_;
  Options options_;
  asio::steady_timer timer_;    // of run_periodic
  asio::steady_timer changed_;  // cancelled when a session ends
  Monotonic figures_at_ = steady_clock::now();
  std::unordered_map<const Session*, std::uint64_t> results_counted_;
  std::map<Session*, std::shared_ptr<Session>> sessions_;
  std::atomic<std::size_t> connected_ = 0;
  std::atomic<double> clock_offset_ = 0;  // the largest of the sessions'
  bool draining_ = false;
  bool periodic_running_ = false;
  bool stopped_ = false;
  bool database_away_ = false;
  std::unique_ptr<GatewayService> service_;
  std::unique_ptr<grpc::Server> server_;
};

std::uint16_t WorkerGateway::Impl::start() {
  service_ = std::make_unique<GatewayService>(
      executor_, [weak = weak_from_this()](std::shared_ptr<Stream> stream, Peer peer) {
        // The server, which makes calls, never outlives the gateway.
        weak.lock()->accept(std::move(stream), peer);
      });
  const bool ipv6 = options_.address.find(':') != std::string::npos;
  const std::string address =
      (ipv6 ? "[" + options_.address + "]" : options_.address) + ":" + std::to_string(options_.port);
  gpr_set_log_function(log_grpc);
  grpc::ServerBuilder builder;
  configure(builder);
  int port = 0;
  builder.AddListeningPort(address, credentials(parts_.authority, options_), &port);
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  if (!server_ || port == 0) {
    server_.reset();
    throw std::runtime_error("cannot listen for workers on " + address +
                             ": the port is taken or the address is not this machine's");
  }
  metrics::process().gauge("openseer_workers_connected", "Workers connected to this replica.",
                           [weak = weak_from_this()] {
                             const auto self = weak.lock();
                             return self ? static_cast<double>(self->connected_.load()) : 0.0;
                           });
  metrics::process().gauge("openseer_worker_clock_offset_seconds",
                           "Of this replica's workers, the furthest that a clock is from the database's.",
                           [weak = weak_from_this()] {
                             const auto self = weak.lock();
                             return self ? self->clock_offset_.load() : 0.0;
                           });
  periodic_running_ = true;
  asio::co_spawn(executor_, run_periodic(shared_from_this()),
                 [self = shared_from_this()](std::exception_ptr) {
                   self->periodic_running_ = false;
                   self->changed_.cancel();
                 });
  return static_cast<std::uint16_t>(port);
}

// On a gRPC thread: the session is made here and handed to the executor.
void WorkerGateway::Impl::accept(std::shared_ptr<Stream> stream, Peer peer) {
  auto session = std::make_shared<Session>(executor_, parts_, *this, stream, peer.identity.worker_id,
                                           peer.certificate_expires_at);
  asio::post(executor_, [self = shared_from_this(), session] {
    self->sessions_[session.get()] = session;
    if (self->draining_) session->drain();
  });
  // Its messages are posted after that.
  stream->listen(session);
}

void WorkerGateway::Impl::registered(Session& session) {
  ++connected_;
  // A worker that reconnects has given its older stream up, even if nobody noticed yet.
  std::vector<std::shared_ptr<Session>> older;
  for (const auto& [other, owner] : sessions_) {
    if (other != &session && other->registered() && other->worker_id() == session.worker_id())
      older.push_back(owner);
  }
  for (const auto& other : older)
    other->end(grpc::StatusCode::ABORTED, "replaced by a newer stream of this worker");
  share_memory();
}

void WorkerGateway::Impl::share_memory() {
  const std::size_t each = kMemoryOfSpecs / std::max<std::size_t>(connected_, 1);
  for (const auto& [session, owner] : sessions_) session->remember_specs(CarriedSpecs::capacity(each));
}

void WorkerGateway::Impl::compare_clocks() {
  double largest = 0;
  for (const auto& [session, owner] : sessions_) {
    if (std::abs(session->clock_offset()) > std::abs(largest)) largest = session->clock_offset();
  }
  clock_offset_ = largest;
}

void WorkerGateway::Impl::ended(Session& session) {
  if (session.registered()) --connected_;
  sessions_.erase(&session);
  share_memory();
  changed_.cancel();
}

std::vector<std::int32_t> WorkerGateway::Impl::registered_ids() const {
  std::vector<std::int32_t> ids;
  for (const auto& [session, owner] : sessions_) {
    if (session->registered() && session->open()) ids.push_back(session->worker_id());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// Of each worker once, though it may have two streams for a moment. The rate is
// that since the last time.
std::vector<store::WorkerFigures> WorkerGateway::Impl::figures() {
  const Monotonic now = steady_clock::now();
  const double seconds =
      std::max(1.0, std::chrono::duration<double>(now - std::exchange(figures_at_, now)).count());
  std::map<std::int32_t, store::WorkerFigures> by_worker;
  std::unordered_map<const Session*, std::uint64_t> counted;
  for (const auto& [session, owner] : sessions_) {
    if (!session->registered() || !session->open()) continue;
    store::WorkerFigures& worker = by_worker[session->worker_id()];
    worker.id = session->worker_id();
    worker.in_flight = std::max(worker.in_flight, static_cast<std::int32_t>(session->in_flight()));
    const std::uint64_t received = session->results_received();
    const auto before = results_counted_.find(session);
    // A new session may be where an old one was.
    const bool known = before != results_counted_.end() && before->second <= received;
    worker.checks_per_second += static_cast<double>(received - (known ? before->second : 0)) / seconds;
    counted[session] = received;
  }
  results_counted_ = std::move(counted);
  std::vector<store::WorkerFigures> all;
  for (const auto& [id, worker] : by_worker) all.push_back(worker);
  return all;
}

asio::awaitable<void> WorkerGateway::Impl::run_periodic(std::shared_ptr<Impl> self) {
  Monotonic next_touch = steady_clock::now() + kTouch;
  while (!self->stopped_) {
    self->timer_.expires_after(std::min(self->options_.revocation_check, kTouch));
    boost::system::error_code ignored;
    co_await self->timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (self->stopped_) co_return;
    self->cancel_unheard();
    self->compare_clocks();
    const bool touch = steady_clock::now() >= next_touch;
    if (touch) next_touch = steady_clock::now() + kTouch;
    try {
      co_await self->check_workers(touch);
      self->database_away_ = false;
    } catch (const pg::Error& error) {
      if (!self->database_away_) log::warning("cannot check workers", {{"error", error.what()}});
      self->database_away_ = true;
    }
  }
}

asio::awaitable<void> WorkerGateway::Impl::check_workers(bool touch) {
  const std::vector<std::int32_t> ids = registered_ids();
  if (ids.empty()) co_return;
  const std::vector<std::int32_t> revoked = co_await store::revoked_among(parts_.pool, ids);
  if (touch) {
    co_await store::touch_workers(parts_.pool, figures());
    const Monotonic asked = steady_clock::now();
    const Instant now = co_await store::database_time(parts_.pool);
    clock_.observe(now, asked, steady_clock::now());
  }
  std::vector<std::shared_ptr<Session>> sessions;
  for (const auto& [session, owner] : sessions_) sessions.push_back(owner);
  const Instant now = clock_.at(steady_clock::now());
  for (const auto& session : sessions) {
    if (std::find(revoked.begin(), revoked.end(), session->worker_id()) != revoked.end()) {
      log::warning("revoked worker cut off", {{"worker", session->worker_id()}});
      session->end(grpc::StatusCode::PERMISSION_DENIED, "this worker has been revoked");
    } else if (clock_.known() && session->certificate_expires_at() < now) {
      session->end(grpc::StatusCode::UNAUTHENTICATED, "the certificate of this stream has expired");
    }
  }
}

void WorkerGateway::Impl::cancel_unheard() {
  const Monotonic limit = steady_clock::now() - kUnheardEnd;
  for (const auto& [session, owner] : sessions_) {
    if (session->ended_at() < limit) session->cancel();
  }
}

asio::awaitable<bool> WorkerGateway::Impl::wait_until_empty(Monotonic deadline) {
  while (!sessions_.empty() || (stopped_ && periodic_running_)) {
    if (steady_clock::now() >= deadline) co_return false;
    changed_.expires_at(deadline);
    boost::system::error_code ignored;
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return true;
}

asio::awaitable<void> WorkerGateway::Impl::drain(Milliseconds grace) {
  if (!server_) co_return;
  const auto self = shared_from_this();
  draining_ = true;
  service_->close();
  std::vector<std::shared_ptr<Session>> sessions;
  for (const auto& [session, owner] : sessions_) sessions.push_back(owner);
  for (const auto& session : sessions) session->drain();
  co_await wait_until_empty(steady_clock::now() + grace);

  sessions.clear();
  for (const auto& [session, owner] : sessions_) sessions.push_back(owner);
  for (const auto& session : sessions)
    session->end(grpc::StatusCode::UNAVAILABLE, "this replica is going away");
  stopped_ = true;
  timer_.cancel();
  // Shutdown blocks, so not on this thread; calls that have not ended by then are cancelled.
  asio::thread_pool blocking(1);
  const auto deadline = std::chrono::system_clock::now() + Seconds{2};
  asio::post(blocking, [this, deadline] { server_->Shutdown(deadline); });
  if (!co_await wait_until_empty(steady_clock::now() + kLastTasks))
    log::warning("worker streams did not end in time", {{"streams", sessions_.size()}});
  blocking.join();
  server_.reset();
}

void WorkerGateway::Impl::close() {
  stopped_ = true;
  timer_.cancel();
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
  server_.reset();
  for (const auto& [session, owner] : sessions_) session->abandon();
  sessions_.clear();
}

WorkerGateway::WorkerGateway(asio::any_io_executor executor, pg::Pool& pool,
                             const pki::CertificateAuthority& authority, Dispatcher& dispatcher,
                             Committer& committer, SpecCache& specs, Options options) {
  impl_ = std::make_shared<Impl>(executor, pool, authority, dispatcher, committer, specs, std::move(options));
}

WorkerGateway::~WorkerGateway() { impl_->close(); }

std::uint16_t WorkerGateway::start() { return impl_->start(); }
asio::awaitable<void> WorkerGateway::drain(Milliseconds grace) { return impl_->drain(grace); }
std::size_t WorkerGateway::connected() const { return impl_->connected(); }

}  // namespace openseer::control
