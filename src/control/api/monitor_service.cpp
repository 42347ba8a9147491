#include "control/api/monitor_service.h"

#include "control/api/answers.h"
#include "control/api/authoriser.h"
#include "control/api/monitor_audit.h"
#include "control/api/monitor_lookup.h"
#include "control/api/page_token.h"
#include "control/api/registration.h"
#include "control/api/stored_secrets.h"
#include "control/stream/check_desk.h"
#include "openseer/v1/worker_stream_service.pb.h"
#include "pki/pem_check.h"
#include "store/workers.h"
#include "wire/id.h"
#include "wire/monitor.h"

namespace openseer::control {
namespace {

constexpr std::uint32_t kDefaultPage = 100;
constexpr std::uint32_t kLargestPage = 1000;

std::vector<FieldViolation> unusable_certificates(const domain::TlsSettings& tls) {
  std::vector<FieldViolation> violations;
  const auto add = [&violations](const char* field, std::string fault) {
    if (!fault.empty()) violations.push_back({field, std::move(fault)});
  };
  if (!tls.ca_pem.empty()) add("spec.tls.ca_pem", pki::certificates_fault(tls.ca_pem));
  if (tls.client_certificate_pem.empty()) return violations;
  add("spec.tls.client_certificate_pem", pki::certificates_fault(tls.client_certificate_pem));
  add("spec.tls.client_key_pem", pki::client_key_fault(tls.client_certificate_pem, tls.client_key_pem));
  return violations;
}

constexpr std::size_t kLongestSearch = 200;
constexpr int kMostNames = 100;  // tags, regions

Result<store::ListFilter> filter_of(const v1::ListMonitorsRequest& request) {
  std::vector<FieldViolation> violations;
  if (request.search().size() > 4 * kLongestSearch)
    violations.push_back({"search", "must be at most " + std::to_string(kLongestSearch) + " characters"});
  if (request.search().find('\0') != std::string::npos)
    violations.push_back({"search", "must not hold a null character"});
  if (!v1::MonitorOrder_IsValid(request.order()))
    violations.push_back({"order", "must be one of the orders that the API has"});
  store::ListFilter filter{request.search(),
                           {},
                           {request.tags().begin(), request.tags().end()},
                           {request.regions().begin(), request.regions().end()}};
  for (const int state : request.states()) {
    if (!v1::MonitorState_IsValid(state) || state == v1::MONITOR_STATE_UNSPECIFIED)
      violations.push_back({"states", "must be states that the API has"});
    filter.states.push_back(static_cast<domain::MonitorState>(state));
  }
  const std::pair<const char*, int> lists[] = {
      {"states", request.states_size()}, {"tags", request.tags_size()}, {"regions", request.regions_size()}};
  for (const auto& [field, size] : lists) {
    if (size > kMostNames) violations.push_back({field, "must be at most " + std::to_string(kMostNames)});
  }
  if (!violations.empty()) return invalid(std::move(violations));
  return filter;
}

// Get, update, pause and resume answer alike.
template <class Response>
Result<Response> monitor_response(Result<v1::Monitor> monitor) {
  if (!monitor) return monitor.error();
  Response response;
  *response.mutable_monitor() = std::move(*monitor);
  return response;
}

}  // namespace

asio::awaitable<Result<v1::Monitor>> load_monitor(pg::Pool& pool, const pki::SecretBox& secrets,
                                                  std::int64_t workspace_id, std::int64_t monitor_id) {
  const std::vector<std::int64_t> ids{monitor_id};
  const std::vector<store::MonitorSummary> summaries = co_await store::find_monitors(pool, workspace_id, ids);
  if (summaries.empty()) co_return no_such_monitor();
  const std::optional<store::StoredSpec> spec =
      co_await store::find_spec(pool, secrets, workspace_id, monitor_id);
  if (!spec) co_return no_such_monitor();
  co_return to_proto(summaries.front(), *spec);
}

void MonitorService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.MonitorService.CreateMonitor", this, &MonitorService::create);
  add_unary(router, "openseer.v1.MonitorService.GetMonitor", this, &MonitorService::get);
  add_unary(router, "openseer.v1.MonitorService.ListMonitors", this, &MonitorService::list);
  add_unary(router, "openseer.v1.MonitorService.UpdateMonitor", this, &MonitorService::update);
  add_unary(router, "openseer.v1.MonitorService.PauseMonitor", this, &MonitorService::pause);
  add_unary(router, "openseer.v1.MonitorService.ResumeMonitor", this, &MonitorService::resume);
  add_unary(router, "openseer.v1.MonitorService.DeleteMonitor", this, &MonitorService::remove);
  add_unary(router, "openseer.v1.MonitorService.RunCheck", this, &MonitorService::run_check);
}

asio::awaitable<Result<domain::MonitorSpec>> MonitorService::accept(const v1::MonitorSpec& message,
                                                                    const domain::MonitorSpec* stored) {
  // All that is wrong is told at once, but of a field only the first thing.
  std::vector<FieldViolation> violations;
  const auto add = [&violations](std::vector<FieldViolation> more) {
    for (FieldViolation& one : more) {
      if (std::ranges::find(violations, one.field, &FieldViolation::field) == violations.end())
        violations.push_back(std::move(one));
    }
  };
  domain::MonitorSpec spec = wire::from_proto(message, "spec.", violations);
  domain::complete(spec);
  mark_sensitive(spec);
  if (stored != nullptr) add(keep_stored_secrets(spec, *stored));
  const std::vector<store::Region> regions = co_await store::list_regions(pool_);
  std::vector<std::string> names;
  for (const store::Region& region : regions) names.push_back(region.name);
  add(domain::validate(spec, names, "spec"));
  if (violations.empty()) add(unusable_certificates(spec.tls));
  if (!violations.empty()) co_return invalid(std::move(violations));
  co_return spec;
}

asio::awaitable<Result<v1::CreateMonitorResponse>> MonitorService::create(
    http::Call& call, const v1::CreateMonitorRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const Result<domain::MonitorSpec> spec = co_await accept(request.spec(), nullptr);
  if (!spec) co_return spec.error();
  if (request.validate_only()) co_return v1::CreateMonitorResponse();
  const std::int64_t id =
      co_await store::create_monitor(pool_, secrets_, workspace_id, *spec, identity_of(call).actor);
  Result<v1::Monitor> monitor = co_await load_monitor(pool_, secrets_, workspace_id, id);
  co_return monitor_response<v1::CreateMonitorResponse>(std::move(monitor));
}

asio::awaitable<Result<v1::GetMonitorResponse>> MonitorService::get(http::Call& call,
                                                                    const v1::GetMonitorRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<std::int64_t> id = wire::parse_id(request.monitor_id());
  if (!id) co_return no_such_monitor();
  Result<v1::Monitor> monitor = co_await load_monitor(pool_, secrets_, workspace_id, *id);
  co_return monitor_response<v1::GetMonitorResponse>(std::move(monitor));
}

asio::awaitable<Result<v1::ListMonitorsResponse>> MonitorService::list(
    http::Call& call, const v1::ListMonitorsRequest& request) {
  const Result<std::size_t> size = page_size(request.page_size(), kDefaultPage, kLargestPage);
  if (!size) co_return size.error();
  const Result<store::ListFilter> filter = filter_of(request);
  if (!filter) co_return filter.error();
  const store::ListOrder order = request.order() == v1::MONITOR_ORDER_UNSPECIFIED
                                     ? store::ListOrder::kName
                                     : static_cast<store::ListOrder>(request.order());
  const Result<store::ListCursor> after = parse_list_token(order, request.page_token());
  if (!after) co_return after.error();
  // One more than asked for tells whether there is a next page.
  store::MonitorPage page =
      co_await store::list_monitors(pool_, identity_of(call).workspace_id, *filter, order, *after, *size + 1);
  v1::ListMonitorsResponse response;
  response.set_total(static_cast<std::uint32_t>(page.total));
  if (page.monitors.size() > *size) {
    page.monitors.resize(*size);
    response.set_next_page_token(list_token(order, page.monitors.back().cursor));
  }
  for (const store::MonitorSummary& monitor : page.monitors) *response.add_monitors() = to_proto(monitor);
  co_return response;
}

asio::awaitable<Result<v1::UpdateMonitorResponse>> MonitorService::update(
    http::Call& call, const v1::UpdateMonitorRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<std::int64_t> id = wire::parse_id(request.monitor_id());
  if (!id) co_return no_such_monitor();
  const std::optional<store::StoredSpec> stored =
      co_await store::find_spec(pool_, secrets_, workspace_id, *id);
  if (!stored) co_return no_such_monitor();
  const Result<domain::MonitorSpec> spec = co_await accept(request.spec(), &stored->spec);
  if (!spec) co_return spec.error();
  if (request.validate_only()) co_return v1::UpdateMonitorResponse();
  std::vector<store::FieldChange> changes =
      changes_between(wire::to_proto(stored->spec, wire::Secrets::kIncluded),
                      wire::to_proto(*spec, wire::Secrets::kIncluded));
  const bool found = co_await store::update_monitor(pool_, secrets_, workspace_id, *id, *spec,
                                                    std::move(changes), identity_of(call).actor);
  if (!found) co_return no_such_monitor();
  Result<v1::Monitor> monitor = co_await load_monitor(pool_, secrets_, workspace_id, *id);
  co_return monitor_response<v1::UpdateMonitorResponse>(std::move(monitor));
}

asio::awaitable<Result<v1::PauseMonitorResponse>> MonitorService::pause(
    http::Call& call, const v1::PauseMonitorRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<std::int64_t> id = wire::parse_id(request.monitor_id());
  if (!id) co_return no_such_monitor();
  std::vector<std::int64_t> ids{*id};
  const store::Changed changed =
      co_await store::pause_monitors(pool_, workspace_id, std::move(ids), identity_of(call).actor);
  if (!changed) co_return no_such_monitor();
  Result<v1::Monitor> monitor = co_await load_monitor(pool_, secrets_, workspace_id, *id);
  co_return monitor_response<v1::PauseMonitorResponse>(std::move(monitor));
}

asio::awaitable<Result<v1::ResumeMonitorResponse>> MonitorService::resume(
    http::Call& call, const v1::ResumeMonitorRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<std::int64_t> id = wire::parse_id(request.monitor_id());
  if (!id) co_return no_such_monitor();
  std::vector<std::int64_t> ids{*id};
  const store::Changed changed =
      co_await store::resume_monitors(pool_, workspace_id, std::move(ids), identity_of(call).actor);
  if (!changed) co_return no_such_monitor();
  Result<v1::Monitor> monitor = co_await load_monitor(pool_, secrets_, workspace_id, *id);
  co_return monitor_response<v1::ResumeMonitorResponse>(std::move(monitor));
}

asio::awaitable<Result<v1::DeleteMonitorResponse>> MonitorService::remove(
    http::Call& call, const v1::DeleteMonitorRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const std::optional<std::int64_t> id = wire::parse_id(request.monitor_id());
  if (!id) co_return no_such_monitor();
  std::vector<std::int64_t> ids{*id};
  const store::Changed changed =
      co_await store::delete_monitors(pool_, workspace_id, std::move(ids), identity_of(call).actor);
  if (!changed) co_return no_such_monitor();
  co_return v1::DeleteMonitorResponse();
}

asio::awaitable<Result<domain::MonitorSpec>> MonitorService::spec_to_run(std::int64_t workspace_id,
                                                                         const v1::RunCheckRequest& request) {
  if (request.monitor_id().empty()) co_return co_await accept(request.spec(), nullptr);
  const std::optional<std::int64_t> id = wire::parse_id(request.monitor_id());
  if (!id) co_return no_such_monitor();
  std::optional<store::StoredSpec> stored = co_await store::find_spec(pool_, secrets_, workspace_id, *id);
  if (!stored) co_return no_such_monitor();
  if (!request.has_spec()) co_return std::move(stored->spec);
  co_return co_await accept(request.spec(), &stored->spec);
}

asio::awaitable<Result<v1::RunCheckResponse>> MonitorService::run_check(http::Call& call,
                                                                        const v1::RunCheckRequest& request) {
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const Result<domain::MonitorSpec> spec = co_await spec_to_run(workspace_id, request);
  if (!spec) co_return spec.error();
  const std::vector<store::Region> regions = co_await store::list_regions(pool_);
  const std::string name = request.region().empty() ? std::string(domain::kGlobalRegion) : request.region();
  const auto region = std::ranges::find(regions, name, &store::Region::name);
  if (region == regions.end()) co_return invalid({{"region", "must be a known region"}});
  Result<v1::CheckReport> report = co_await checks_.run(
      workspace_id, region->id, wire::to_proto(*spec, wire::Secrets::kIncluded), spec->timeout);
  if (!report) co_return report.error();
  v1::RunCheckResponse response;
  *response.mutable_result() = std::move(*report->mutable_result());
  response.mutable_result()->set_monitor_id(request.monitor_id());
  response.mutable_result()->set_region(name);
  *response.mutable_evidence() = std::move(*report->mutable_evidence());
  co_return response;
}

}  // namespace openseer::control
