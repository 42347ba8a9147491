#include "control/api/dashboard_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/list_watch.h"
#include "control/api/monitor_lookup.h"
#include "control/api/monitor_watch.h"
#include "control/api/registration.h"
#include "control/api/worker_watch.h"
#include "wire/id.h"

namespace openseer::control {
namespace {

// Each open view costs memory and, at every change, a query.
constexpr std::size_t kMostStreams = 2000;
constexpr std::size_t kMostHighlights = 10;  // of each kind
constexpr int kMostWatched = 1000;           // monitors that a list names

Result<MonitorWatch::View> view_of(const v1::MonitorView& message) {
  const std::optional<Range> range = range_of(message.range());
  if (!range) return invalid({{"monitor.range", "must be one of the ranges that the API has"}});
  const std::optional<std::int64_t> id = wire::parse_id(message.monitor_id());
  if (!id) return no_such_monitor();
  return MonitorWatch::View{*id, *range, message.by_region()};
}

// Nothing: every monitor. An id that is none is one that does not exist.
std::optional<std::vector<std::int64_t>> wanted_of(const v1::MonitorListView& view) {
  if (view.monitor_ids().empty()) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (const std::string& text : view.monitor_ids()) {
    if (const std::optional<std::int64_t> id = wire::parse_id(text)) ids.push_back(*id);
  }
  return ids;
}

}  // namespace

void DashboardService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.DashboardService.GetOverview", this, &DashboardService::get_overview);
  add_stream(router, "openseer.v1.DashboardService.Watch", this, &DashboardService::watch);
}

asio::awaitable<Result<v1::GetOverviewResponse>> DashboardService::get_overview(
    http::Call& call, const v1::GetOverviewRequest&) {
  const store::Highlights highlights =
      co_await store::highlights(pool_, identity_of(call).workspace_id, kMostHighlights);
  co_return to_proto(highlights);
}

asio::awaitable<Result<void>> DashboardService::watch(http::Call& call, const v1::WatchRequest& request,
                                                      http::EventSink& sink) {
  if (hub_.interests() >= kMostStreams)
    co_return Refusal{Code::kResourceExhausted, "too many pages are open, try again later", {}};
  WatchStream stream(pool_, identity_of(call), sink, options_.watch_pace);
  if (request.has_monitor_list()) {
    if (request.monitor_list().monitor_ids_size() > kMostWatched)
      co_return invalid({{"monitor_list.monitor_ids", "must be at most " + std::to_string(kMostWatched)}});
    ListWatch list(hub_, stream, wanted_of(request.monitor_list()));
    co_return co_await list.run();
  }
  if (request.has_monitor()) {
    const Result<MonitorWatch::View> view = view_of(request.monitor());
    if (!view) co_return view.error();
    MonitorWatch page(hub_, stream, secrets_, *view);
    co_return co_await page.run();
  }
  if (request.has_worker_list()) {
    WorkerWatch workers(hub_, board_, stream,
                        identity_of(call).caller.user.instance_owner &&
                            identity_of(call).credential.kind == Credential::Kind::kSession);
    co_return co_await workers.run();
  }
  co_return invalid({{"view", "must be given"}});
}

}  // namespace openseer::control
