#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "control/api/options.h"

namespace openseer::http {
class EventSink;
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
class GetOverviewRequest;
class GetOverviewResponse;
class WatchRequest;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;
class WatchHub;
class WorkerBoard;

// What the pages show and keep showing (proto/openseer/v1/dashboard_service.proto).
class DashboardService {
 public:
  DashboardService(pg::Pool& pool, const pki::SecretBox& secrets, WatchHub& hub, WorkerBoard& board,
                   const ApiOptions& options)
      : pool_(pool), secrets_(secrets), hub_(hub), board_(board), options_(options) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::GetOverviewResponse>> get_overview(http::Call& call,
                                                                const v1::GetOverviewRequest& request);
  asio::awaitable<Result<void>> watch(http::Call& call, const v1::WatchRequest& request,
                                      http::EventSink& sink);

  pg::Pool& pool_;
  const pki::SecretBox& secrets_;
  WatchHub& hub_;
  WorkerBoard& board_;
  const ApiOptions& options_;
};

}  // namespace openseer::control
