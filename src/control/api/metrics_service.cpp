#include "control/api/metrics_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/monitor_lookup.h"
#include "control/api/page_token.h"
#include "control/api/registration.h"
#include "store/monitor_views.h"
#include "store/results.h"
#include "wire/evidence.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr std::uint32_t kDefaultPage = 50;
constexpr std::uint32_t kLargestPage = 500;
constexpr int kMostLedgerMonitors = 1000;
constexpr int kMostBarMonitors = 100;
constexpr std::uint32_t kMostDays = 366, kMostHours = 168;
constexpr std::uint32_t kDefaultDays = 90, kDefaultHours = 24;
constexpr int kMostNames = 100;  // tags, regions

// The ids of a list, each once. One that is none is left out, as one that does not
// exist.
std::vector<std::int64_t> parse_ids(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<std::int64_t> ids;
  for (const std::string& text : texts) {
    const std::optional<std::int64_t> id = wire::parse_id(text);
    if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

FieldViolation at_most(std::string field, std::int64_t most) {
  return {std::move(field), "must be at most " + std::to_string(most)};
}

// The range of a ledger; an end that is absent is as late as can be.
Result<store::Span> span_of(const v1::GetLedgerRequest& request) {
  std::vector<FieldViolation> violations;
  const std::optional<Instant> start = wire::from_proto(request.start());
  const std::optional<Instant> end =
      request.has_end() ? wire::from_proto(request.end()) : std::optional(Instant::max());
  if (!request.has_start() || !start) violations.push_back({"start", "must be an instant"});
  if (!end) violations.push_back({"end", "must be an instant"});
  if (start && end && *start >= *end) violations.push_back({"end", "must be later than start"});
  if (request.monitor_ids_size() > kMostLedgerMonitors)
    violations.push_back(at_most("monitor_ids", kMostLedgerMonitors));
  if (request.tags_size() > kMostNames) violations.push_back(at_most("tags", kMostNames));
  if (request.regions_size() > kMostNames) violations.push_back(at_most("regions", kMostNames));
  if (!violations.empty()) return invalid(std::move(violations));
  return store::Span{*start, *end};
}

}  // namespace

void MetricsService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.MetricsService.GetLatency", this, &MetricsService::get_latency);
  add_unary(router, "openseer.v1.MetricsService.GetUptime", this, &MetricsService::get_uptime);
  add_unary(router, "openseer.v1.MetricsService.GetResult", this, &MetricsService::get_result);
  add_unary(router, "openseer.v1.MetricsService.GetLedger", this, &MetricsService::get_ledger);
  add_unary(router, "openseer.v1.MetricsService.GetUptimeBars", this, &MetricsService::get_uptime_bars);
  add_unary(router, "openseer.v1.MetricsService.GetPhases", this, &MetricsService::get_phases);
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

asio::awaitable<Result<v1::GetLedgerResponse>> MetricsService::get_ledger(
    http::Call& call, const v1::GetLedgerRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const Result<store::Span> span = span_of(request);
  if (!span) co_return span.error();
  store::HistoryScope scope{workspace_id,
                            parse_ids(request.monitor_ids()),
                            {request.tags().begin(), request.tags().end()},
                            {request.regions().begin(), request.regions().end()}};
  if (request.monitor_ids_size() > 0) {
    const bool spelled = std::all_of(request.monitor_ids().begin(), request.monitor_ids().end(),
                                     [](const std::string& id) { return wire::parse_id(id).has_value(); });
    const bool all = spelled && co_await store::monitors_exist(pool_, workspace_id, scope.monitor_ids);
    if (!all) co_return no_such_monitor();
  }
  const LedgerAnswer answer = co_await ledger(pool_, std::move(scope), *span);
  v1::GetLedgerResponse response;
  *response.mutable_start() = wire::to_proto(answer.span.from);
  *response.mutable_end() = wire::to_proto(answer.span.to);
  *response.mutable_total() = to_proto(answer.total);
  for (const auto& [region, ledger] : answer.regions) {
    if (!request.by_region()) break;
    v1::RegionLedger& line = *response.add_regions();
    line.set_region(region);
    *line.mutable_ledger() = to_proto(ledger);
  }
  co_return response;
}

asio::awaitable<Result<v1::GetUptimeBarsResponse>> MetricsService::get_uptime_bars(
    http::Call& call, const v1::GetUptimeBarsRequest& request) {
  const bool hours = request.width() == v1::BAR_WIDTH_HOUR;
  const std::uint32_t most = hours ? kMostHours : kMostDays;
  std::vector<FieldViolation> violations;
  if (!v1::BarWidth_IsValid(request.width()))
    violations.push_back({"width", "must be one of the widths that the API has"});
  if (request.count() > most) violations.push_back(at_most("count", most));
  if (request.monitor_ids().empty() || request.monitor_ids_size() > kMostBarMonitors)
    violations.push_back({"monitor_ids", "must be 1 to " + std::to_string(kMostBarMonitors)});
  if (!violations.empty()) co_return invalid(std::move(violations));

  const std::uint32_t fallback = hours ? kDefaultHours : kDefaultDays;
  const std::size_t count = request.count() == 0 ? fallback : request.count();
  const store::Level width = hours ? store::Level::kHour : store::Level::kDay;
  const std::vector<std::int64_t> ids = parse_ids(request.monitor_ids());
  v1::GetUptimeBarsResponse response;
  *response.mutable_bucket() = wire::to_proto(Microseconds{store::width(width)});
  if (ids.empty()) co_return response;
  const UptimeBarsAnswer answer =
      co_await uptime_bars(pool_, identity_of(call).workspace_id, ids, width, count, request.by_region());
  *response.mutable_start() = wire::to_proto(answer.start);
  for (const std::int64_t id : ids) {
    for (const UptimeBars& line : answer.bars) {
      if (line.monitor_id != id) continue;
      v1::UptimeBars& bars = *response.add_bars();
      bars.set_monitor_id(std::to_string(id));
      bars.set_region(line.region);
      for (const LedgerCounts& bar : line.bars) *bars.add_bars() = to_proto(bar);
    }
  }
  co_return response;
}

asio::awaitable<Result<v1::GetPhasesResponse>> MetricsService::get_phases(
    http::Call& call, const v1::GetPhasesRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<Range> range = range_of(request.range());
  if (!range) co_return invalid({{"range", "must be one of the ranges that the API has"}});
  const Result<std::int64_t> monitor_id = co_await find_monitor_id(pool_, workspace_id, request.monitor_id());
  if (!monitor_id) co_return monitor_id.error();
  const PhaseChart chart = co_await phases(pool_, workspace_id, *monitor_id, *range, request.region());
  co_return to_proto(chart);
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
