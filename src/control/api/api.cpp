#include "control/api/api.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "control/api/api_token_service.h"
#include "control/api/audit_service.h"
#include "control/api/auth_service.h"
#include "control/api/authoriser.h"
#include "control/api/credentials.h"
#include "control/api/dashboard_service.h"
#include "control/api/enrollment_service.h"
#include "control/api/health_service.h"
#include "control/api/instance_service.h"
#include "control/api/invitation_service.h"
#include "control/api/mailer.h"
#include "control/api/metrics_service.h"
#include "control/api/monitor_bulk.h"
#include "control/api/monitor_service.h"
#include "control/api/password_hasher.h"
#include "control/api/password_reset.h"
#include "control/api/session_service.h"
#include "control/api/two_factor_service.h"
#include "control/api/user_service.h"
#include "control/api/watch_hub.h"
#include "control/api/worker_service.h"
#include "control/api/worker_watch.h"
#include "control/api/workspace_service.h"
#include "control/ingest/watched.h"
#include "control/stream/check_desk.h"
#include "http/rpc.h"
#include "pg/error.h"
#include "pg/pool.h"
#include "store/watched.h"

namespace openseer::control {

struct Api::Services {
  ApiOptions options;
  PasswordHasher hasher;
  Credentials credentials;
  Mailer mailer;
  WatchHub hub;
  WorkerBoard board;
  CheckDesk checks;
  Authoriser authoriser;
  http::Router router;
  AuthService auth;
  PasswordReset password_reset;
  UserService user;
  SessionService session;
  TwoFactorService two_factor;
  ApiTokenService api_token;
  WorkspaceService workspace;
  InvitationService invitation;
  AuditService audit;
  InstanceService instance;
  MonitorService monitor;
  MonitorBulk monitor_bulk;
  MetricsService metrics;
  DashboardService dashboard;
  WorkerService worker;
  EnrollmentService enrollment;
  HealthService health;
  pg::Pool& pool;
  asio::steady_timer pause;  // of announce()
  bool looked_at = false;    // a workspace, since the last announcement
  bool stopped = false;

  Services(asio::any_io_executor executor, pg::Pool& database, const pki::SecretBox& secrets,
           const pki::CertificateAuthority& authority, ApiOptions given, Readiness readiness)
      : options(std::move(given)),
        credentials(database, secrets, hasher, options),
        mailer(options.mail),
        hub(executor),
        board(database),
        checks(executor, database, secrets),
        authoriser(database, options),
        router([this](http::Call& call, const google::protobuf::Message& request) {
          return authoriser.authorise(call, request);
        }),
        auth(database, hasher, credentials, options),
        password_reset(database, hasher, mailer, options),
        user(database, hasher, credentials, mailer, options),
        session(database, options),
        two_factor(database, secrets, credentials, options),
        api_token(database),
        workspace(database),
        invitation(database, mailer, options),
        audit(database),
        instance(database, options),
        monitor(database, secrets, checks),
        monitor_bulk(database),
        metrics(database),
        dashboard(database, secrets, hub, board, options),
        worker(database, authority),
        enrollment(database, authority, options),
        health(std::move(readiness)),
        pool(database),
        pause(executor) {
    hub.on_workspace([this] {
      looked_at = true;
      pause.cancel();
    });
    auth.add_to(router);
    password_reset.add_to(router);
    user.add_to(router);
    session.add_to(router);
    two_factor.add_to(router);
    api_token.add_to(router);
    workspace.add_to(router);
    invitation.add_to(router);
    audit.add_to(router);
    instance.add_to(router);
    monitor.add_to(router);
    monitor_bulk.add_to(router);
    metrics.add_to(router);
    dashboard.add_to(router);
    worker.add_to(router);
    enrollment.add_to(router);
    health.add_to(router);
    check_policies(router);
  }
};

Api::Api(asio::any_io_executor executor, pg::Pool& pool, const pki::SecretBox& secrets,
         const pki::CertificateAuthority& authority, ApiOptions options, Readiness readiness)
    : services_(std::make_unique<Services>(std::move(executor), pool, secrets, authority, std::move(options),
                                           std::move(readiness))) {}
Api::~Api() = default;

CheckDesk& Api::checks() { return services_->checks; }
const http::Router& Api::router() const { return services_->router; }

void Api::notify(const std::string& channel, const std::string& payload) {
  services_->hub.notify(channel, payload);
  if (channel.empty() || channel == "openseer_checks") services_->checks.notify(payload);
}

asio::awaitable<void> Api::announce() {
  while (!services_->stopped) {
    services_->looked_at = false;
    try {
      std::vector<std::int64_t> watched = services_->hub.workspaces();
      if (!watched.empty()) co_await store::announce_watched(services_->pool, std::move(watched));
    } catch (const pg::Error&) {
      // Whoever commits has lost its connection, too, and then notifies everybody.
    }
    if (services_->stopped || services_->looked_at) continue;
    services_->pause.expires_after(Watched::kAnnounceEvery);
    boost::system::error_code woken;
    co_await services_->pause.async_wait(asio::redirect_error(asio::use_awaitable, woken));
  }
}

void Api::stop() {
  services_->stopped = true;
  services_->pause.cancel();
}

}  // namespace openseer::control
