#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "domain/monitor.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::pki {
class SecretBox;
}
namespace openseer::v1 {
class CreateMonitorRequest;
class CreateMonitorResponse;
class DeleteMonitorRequest;
class DeleteMonitorResponse;
class GetMonitorRequest;
class GetMonitorResponse;
class ListMonitorsRequest;
class ListMonitorsResponse;
class Monitor;
class MonitorSpec;
class PauseMonitorRequest;
class PauseMonitorResponse;
class ResumeMonitorRequest;
class ResumeMonitorResponse;
class RunCheckRequest;
class RunCheckResponse;
class UpdateMonitorRequest;
class UpdateMonitorResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class CheckDesk;

// One monitor as its page shows it; NotFound when the workspace has none such.
asio::awaitable<Result<v1::Monitor>> load_monitor(pg::Pool& pool, const pki::SecretBox& secrets,
                                                  std::int64_t workspace_id, std::int64_t monitor_id);

// The monitors of a workspace (proto/openseer/v1/monitor_service.proto).
class MonitorService {
 public:
  MonitorService(pg::Pool& pool, const pki::SecretBox& secrets, CheckDesk& checks)
      : pool_(pool), secrets_(secrets), checks_(checks) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::CreateMonitorResponse>> create(http::Call& call,
                                                            const v1::CreateMonitorRequest& request);
  asio::awaitable<Result<v1::GetMonitorResponse>> get(http::Call& call, const v1::GetMonitorRequest& request);
  asio::awaitable<Result<v1::ListMonitorsResponse>> list(http::Call& call,
                                                         const v1::ListMonitorsRequest& request);
  asio::awaitable<Result<v1::UpdateMonitorResponse>> update(http::Call& call,
                                                            const v1::UpdateMonitorRequest& request);
  asio::awaitable<Result<v1::PauseMonitorResponse>> pause(http::Call& call,
                                                          const v1::PauseMonitorRequest& request);
  asio::awaitable<Result<v1::ResumeMonitorResponse>> resume(http::Call& call,
                                                            const v1::ResumeMonitorRequest& request);
  asio::awaitable<Result<v1::DeleteMonitorResponse>> remove(http::Call& call,
                                                            const v1::DeleteMonitorRequest& request);

  asio::awaitable<Result<v1::RunCheckResponse>> run_check(http::Call& call,
                                                          const v1::RunCheckRequest& request);

  asio::awaitable<Result<domain::MonitorSpec>> spec_to_run(std::int64_t workspace_id,
                                                           const v1::RunCheckRequest& request);
  // A request's spec, completed and valid. `stored`: the one it replaces.
  asio::awaitable<Result<domain::MonitorSpec>> accept(const v1::MonitorSpec& spec,
                                                      const domain::MonitorSpec* stored);

  pg::Pool& pool_;
  const pki::SecretBox& secrets_;
  CheckDesk& checks_;
};

}  // namespace openseer::control
