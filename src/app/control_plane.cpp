#include "app/control_plane.h"

#include <ctime>
#include <iostream>
#include <system_error>

#include <unistd.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/commands.h"
#include "app/run_task.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/shutdown.h"
#include "control/api/api.h"
#include "control/ingest/committer.h"
#include "control/lease/dispatcher.h"
#include "control/lease/queue_vacuum.h"
#include "control/lease/spec_cache.h"
#include "control/retention/retention.h"
#include "control/rollup/rollup.h"
#include "control/stream/worker_gateway.h"
#include "pg/listener.h"
#include "pki/authority.h"
#include "store/instance.h"

namespace openseer::app {
namespace {

constexpr Seconds kDrainTime{15};
// Replaced at every start, and so long that no process sees its end.
constexpr std::chrono::hours kServerCertificate{24 * 730};

std::vector<std::string> certificate_names(const std::vector<std::string>& public_names) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  char host[256] = "";
  if (gethostname(host, sizeof host - 1) == 0 && *host != '\0') names.emplace_back(host);
  names.insert(names.end(), public_names.begin(), public_names.end());
  return names;
}

pki::CertificateAuthority to_authority(pki::KeyAndCertificate pair) {
  return {std::move(pair.private_key_pem), std::move(pair.certificate_pem)};
}

}  // namespace

// What needs the database to be good, in the order in which it is built; torn
// down in reverse.
struct ControlPlane::Stages {
  Stages(ControlPlane& plane, pki::KeyAndCertificate ca)
      : authority(to_authority(std::move(ca))),
        specs(plane.pool_, plane.secrets_),
        dispatcher(plane.context_.get_executor(), plane.pool_, {.lease_duration = plane.options_.lease}),
        vacuum(plane.context_.get_executor(), plane.pool_),
        committer(plane.context_.get_executor(), plane.pool_, {.watched = &watched, .vacuum = &vacuum}),
        rollup(plane.context_.get_executor(), plane.pool_),
        retention(plane.context_.get_executor(), plane.pool_,
                  {.raw = plane.options_.keep_raw,
                   .minutes = plane.options_.keep_1m,
                   .hours = plane.options_.keep_1h,
                   .days = plane.options_.keep_1d,
                   .audit = plane.options_.access.keep_audit}),
        api(plane.context_.get_executor(), plane.pool_, plane.secrets_, authority,
            api_options(plane.options_), [&plane] { return plane.readiness_.check(); }),
        gateway(plane.context_.get_executor(), plane.pool_, authority, dispatcher, committer, specs,
                {.address = plane.options_.address,
                 .port = plane.options_.worker_port,
                 .names = plane.options_.public_names,
                 .checks = &api.checks(),
                 .certificate_lifetime = plane.options_.worker_certificate_life}),
        listener(plane.context_.get_executor(), plane.options_.database_url,
                 {"openseer_jobs", "openseer_results", "openseer_monitors", "openseer_workers",
                  "openseer_watching", "openseer_checks"},
                 [this](const std::string& channel, const std::string& payload) { hear(channel, payload); }) {
  }

  static control::ApiOptions api_options(const ControlPlaneOptions& o) {
    return {.allow_insecure_http = o.allow_insecure_http,
            .trust_proxy = o.trust_proxy,
            .allowed_origins = o.allowed_origins,
            .api_url = o.access.api_url,
            .api_port = o.api_port,
            .public_url = o.access.public_url,
            .mail = mail_options(o.access),
            .worker_certificate_lifetime = o.worker_certificate_life};
  }

  // An empty channel: something may have been missed.
  void hear(const std::string& channel, const std::string& payload) {
    if (channel.empty() || channel == "openseer_jobs") dispatcher.wake();
    if (channel.empty()) watched.missed(std::chrono::steady_clock::now());
    if (channel == "openseer_watching")
      watched.heard(payload, std::chrono::steady_clock::now());
    else if (channel != "openseer_jobs")
      api.notify(channel, payload);
  }

  pki::CertificateAuthority authority;
  control::Watched watched;
  control::SpecCache specs;
  control::Dispatcher dispatcher;
  control::QueueVacuum vacuum;
  control::Committer committer;
  control::Rollup rollup;
  control::Retention retention;
  control::Api api;
  control::WorkerGateway gateway;
  pg::Listener listener;
};

ControlPlane::ControlPlane(asio::io_context& context, ControlPlaneOptions options)
    : context_(context),
      options_(std::move(options)),
      pool_(context.get_executor(),
            {.conninfo = options_.database_url, .connections = options_.database_connections}),
      secrets_(pki::SecretBox::from_hex(options_.secret_key.hex)),
      readiness_(context.get_executor(), pool_),
      clock_(context.get_executor(), pool_),
      edge_([this] { return readiness_.check(); }),
      ui_server_(context.get_executor(), edge_.ui_handler()),
      api_server_(context.get_executor(), edge_.api_handler()),
      loops_(context.get_executor()),
      stopped_(context.get_executor(), asio::steady_timer::time_point::max()) {}

ControlPlane::~ControlPlane() = default;

asio::awaitable<int> ControlPlane::run() {
  check_free(options_.api());
  check_free(options_.workers());
  listen(ui_server_, options_.http(), std::nullopt);
  observe();
  if (co_await readiness_.wait_until_good()) {
    co_await build_stages();
    start_loops();
    readiness_.serving();
    log::info("ready", {{"http_port", options_.http_port},
                        {"api_port", options_.api_port},
                        {"worker_port", options_.worker_port}});
  }
  while (!stopping_) {
    boost::system::error_code cancelled;
    co_await stopped_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
  co_await drain();
  log::info("drained");
  co_return 0;
}

void ControlPlane::stop() {
  stopping_ = true;
  readiness_.stop();
  clock_.stop();
  stopped_.cancel();
}

void ControlPlane::listen(http::Server& server, const Port& port, std::optional<http::TlsIdentity> identity) {
  try {
    server.listen(port.address, port.number, std::move(identity));
  } catch (const std::system_error& error) {
    const bool taken = error.code() == std::errc::address_in_use;
    throw std::runtime_error(port_problem(
        port,
        taken ? "is in use" : "on " + port.address + " cannot be used (" + error.code().message() + ")"));
  }
}

asio::awaitable<void> ControlPlane::build_stages() {
  pki::KeyAndCertificate ca = co_await store::load_or_create_authority(pool_, secrets_);
  stages_ = std::make_unique<Stages>(*this, std::move(ca));
  edge_.open(stages_->api.router(), stages_->authority.certificate_pem());
  pki::KeyAndCertificate server =
      stages_->authority.issue_server(certificate_names(options_.public_names), kServerCertificate);
  listen(api_server_, options_.api(),
         http::TlsIdentity{std::move(server.certificate_pem), std::move(server.private_key_pem)});
  stages_->gateway.start();
}

void ControlPlane::start_loops() {
  loops_.spawn("readiness", readiness_.watch());
  loops_.spawn("clock", clock_.run());
  loops_.spawn("listener", stages_->listener.run());
  loops_.spawn("dispatcher", stages_->dispatcher.run());
  loops_.spawn("vacuum", stages_->vacuum.run());
  loops_.spawn("rollup", stages_->rollup.run());
  loops_.spawn("retention", stages_->retention.run());
  loops_.spawn("watchers", stages_->api.announce());
}

// Running checks get to report, what was reported is committed, then the doors
// close. Whatever hangs is left behind after kDrainTime.
asio::awaitable<void> ControlPlane::drain() {
  asio::steady_timer limit(context_, kDrainTime);
  limit.async_wait([](const boost::system::error_code& error) {
    if (error) return;
    log::error("draining takes too long; ending with it unfinished");
    _exit(1);
  });
  if (stages_) {
    stages_->dispatcher.stop();
    co_await stages_->gateway.drain(Seconds{8});
    co_await stages_->committer.drain();
    stages_->vacuum.stop();
    stages_->rollup.stop();
    stages_->retention.stop();
    stages_->listener.stop();
    stages_->api.stop();
  }
  co_await api_server_.drain(Seconds{2});
  co_await ui_server_.drain(Seconds{2});
  co_await loops_.join();
  limit.cancel();
}

void ControlPlane::observe() {
  const double started = static_cast<double>(std::time(nullptr));
  metrics::Registry& registry = metrics::process();
  registry.gauge("openseer_build_info", "1; the label says which version runs.", [] { return 1.0; },
                 {{"version", OPENSEER_VERSION}});
  registry.gauge("openseer_start_time_seconds", "When the process started, in seconds of Unix time.",
                 [started] { return started; });
  registry.gauge("openseer_ready", "1 while /readyz answers 200.",
                 [this] { return readiness_.check() ? 1.0 : 0.0; });
  registry.gauge("openseer_database_connections", "Open connections of the pool.",
                 [this] { return static_cast<double>(pool_.open_connections()); });
  registry.gauge("openseer_clock_offset_seconds", "This machine's clock minus the database's.",
                 [this] { return clock_.offset_seconds(); });
}

int control_plane_command(const Arguments& arguments) {
  ControlPlaneOptions o;
  options::Command command{
      "openseer control-plane",
      "Serves the API, the web UI and the workers, on a PostgreSQL whose schema is migrated. Any "
      "number of replicas may share one database.",
      database_options(o)};
  for (options::Option& option : common_options(o, "0.0.0.0")) command.options.push_back(std::move(option));
  if (const auto exit =
          options::read(command, arguments, options::process_environment(), std::cout, std::cerr)) {
    return *exit;
  }
  if (const auto exit = require(o.secret_key, command.name)) return *exit;
  if (const auto exit = require(o.access, command.name)) return *exit;
  start_log(o.log, "control-plane");
  asio::io_context context(1);
  ControlPlane plane(context, std::move(o));
  Shutdown shutdown(context.get_executor(), [&plane] { plane.stop(); });
  return run_task(context, plane.run());
}

}  // namespace openseer::app
