#include "control/api/metrics_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/monitor_lookup.h"
#include "control/api/page_token.h"
#include "control/api/registration.h"
#include "store/results.h"
#include "wire/evidence.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr std::uint32_t kDefaultPage = 50;
constexpr std::uint32_t kLargestPage = 500;

}  // namespace

void MetricsService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.MetricsService.GetLatency", this, &MetricsService::get_latency);
  add_unary(router, "openseer.v1.MetricsService.GetUptime", this, &MetricsService::get_uptime);
  add_unary(router, "openseer.v1.MetricsService.GetResult", this, &MetricsService::get_result);
  add_unary(router, "openseer.v1.MetricsService.ListResults", this, &MetricsService::list_results);
}

asio::awaitable<Result<v1::GetLatencyResponse>> MetricsService::get_latency(
    http::Call& call, const v1::GetLatencyRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<Range> range = range_of(request.range());
  if (!range) co_return invalid({{"range", "must be one of the ranges that the API has"}});
  const Result<std::int64_t> monitor_id = co_await find_monitor_id(pool_, workspace_id, request.monitor_id());
  if (!monitor_id) co_return monitor_id.error();
  const Latency latency =
      co_await control::latency(pool_, workspace_id, *monitor_id, *range, request.by_region());
  v1::GetLatencyResponse response;
  *response.mutable_latency() = to_proto(latency, to_proto(*range));
  co_return response;
}

asio::awaitable<Result<v1::GetUptimeResponse>> MetricsService::get_uptime(
    http::Call& call, const v1::GetUptimeRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const Result<std::int64_t> monitor_id = co_await find_monitor_id(pool_, workspace_id, request.monitor_id());
  if (!monitor_id) co_return monitor_id.error();
  const std::vector<UptimeWindow> windows = co_await uptime(pool_, workspace_id, *monitor_id);
  v1::GetUptimeResponse response;
  for (const UptimeWindow& window : windows) *response.add_windows() = to_proto(window);
  co_return response;
}

asio::awaitable<Result<v1::GetResultResponse>> MetricsService::get_result(
    http::Call& call, const v1::GetResultRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<Instant> slot = wire::from_proto(request.slot());
  if (!request.has_slot() || !slot) co_return invalid({{"slot", "must be the instant of a slot"}});
  const Result<std::int64_t> monitor_id = co_await find_monitor_id(pool_, workspace_id, request.monitor_id());
  if (!monitor_id) co_return monitor_id.error();
  const std::optional<store::RawResult> found =
      co_await store::find_result(pool_, workspace_id, *monitor_id, request.region(), *slot);
  if (!found) co_return Refusal{Code::kNotFound, "there is no result at that slot", {}};
  const store::Kept kept = co_await store::load_evidence(pool_, found->job_id, *slot);
  const auto stored = [&](const store::RawResult& raw) {
    return to_proto(
        StoredResult{raw.job_id, *monitor_id, request.region(), raw.slot, raw.worker_id, raw.check});
  };
  v1::GetResultResponse response;
  *response.mutable_result() = stored(*found);
  if (!kept.evidence.empty()) *response.mutable_evidence() = wire::read_evidence(kept.evidence);
  for (const store::Attempt& attempt : kept.attempts) {
    v1::Attempt& out = *response.add_attempts();
    *out.mutable_result() = stored(attempt.result);
    if (!attempt.evidence.empty()) *out.mutable_evidence() = wire::read_evidence(attempt.evidence);
  }
  co_return response;
}

asio::awaitable<Result<v1::ListResultsResponse>> MetricsService::list_results(
    http::Call& call, const v1::ListResultsRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const Result<std::size_t> size = page_size(request.page_size(), kDefaultPage, kLargestPage);
  if (!size) co_return size.error();
  const Result<std::optional<ResultCursor>> before = parse_result_token(request.page_token());
  if (!before) co_return before.error();
  const Result<std::int64_t> monitor_id = co_await find_monitor_id(pool_, workspace_id, request.monitor_id());
  if (!monitor_id) co_return monitor_id.error();

  // One more than asked for tells whether there is a next page.
  std::vector<StoredResult> results =
      co_await control::list_results(pool_, workspace_id, *monitor_id, *before, *size + 1);
  v1::ListResultsResponse response;
  if (results.size() > *size) {
    results.resize(*size);
    response.set_next_page_token(result_token({results.back().slot, results.back().job_id}));
  }
  for (const StoredResult& result : results) *response.add_results() = to_proto(result);
  co_return response;
}

}  // namespace openseer::control
