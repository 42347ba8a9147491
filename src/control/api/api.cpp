#include "control/api/api.h"

#include "control/api/auth_service.h"
#include "control/api/authoriser.h"
#include "control/api/dashboard_service.h"
#include "control/api/enrollment_service.h"
#include "control/api/health_service.h"
#include "control/api/instance_service.h"
#include "control/api/metrics_service.h"
#include "control/api/monitor_service.h"
#include "control/api/password_hasher.h"
#include "control/api/user_service.h"
#include "control/api/watch_hub.h"
#include "control/api/worker_service.h"
#include "http/rpc.h"

namespace openseer::control {

struct Api::Services {
  ApiOptions options;
  PasswordHasher hasher;
  WatchHub hub;
  Authoriser authoriser;
  http::Router router;
  AuthService auth;
  UserService user;
  InstanceService instance;
  MonitorService monitor;
  MetricsService metrics;
  DashboardService dashboard;
  WorkerService worker;
  EnrollmentService enrollment;
  HealthService health;

  Services(asio::any_io_executor executor, pg::Pool& pool, const pki::SecretBox& secrets,
           const pki::CertificateAuthority& authority, ApiOptions given, Readiness readiness)
      : options(std::move(given)),
        hub(std::move(executor)),
        authoriser(pool, options),
        router([this](http::Call& call, const google::protobuf::Message& request) {
          return authoriser.authorise(call, request);
        }),
        auth(pool, hasher, options),
        user(pool, hasher, options),
        instance(pool),
        monitor(pool, secrets),
        metrics(pool),
        dashboard(pool, secrets, hub, options),
        worker(pool, authority),
        enrollment(pool, authority, options),
        health(std::move(readiness)) {
    auth.add_to(router);
    user.add_to(router);
    instance.add_to(router);
    monitor.add_to(router);
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

const http::Router& Api::router() const { return services_->router; }

void Api::notify(const std::string& channel, const std::string& payload) {
  services_->hub.notify(channel, payload);
}

}  // namespace openseer::control
