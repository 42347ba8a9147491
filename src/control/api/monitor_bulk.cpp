#include "control/api/monitor_bulk.h"

#include "control/api/authoriser.h"
#include "control/api/monitor_lookup.h"
#include "control/api/password_rules.h"
#include "control/api/registration.h"
#include "domain/monitor.h"
#include "openseer/v1/monitor_service.pb.h"
#include "store/monitors.h"
#include "wire/id.h"

namespace openseer::control {
namespace {

constexpr int kMost = 1000;

using Request = v1::BulkUpdateMonitorsRequest;

// An id that is none belongs to no monitor.
std::optional<std::vector<std::int64_t>> ids_of(const Request& request) {
  std::vector<std::int64_t> ids;
  for (const std::string& text : request.monitor_ids()) {
    const std::optional<std::int64_t> id = wire::parse_id(text);
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  return ids;
}

std::vector<std::string> trimmed_all(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(trimmed(text));
  return out;
}

// By the rules of a whole specification.
std::vector<FieldViolation> tag_faults(const std::vector<std::string>& tags) {
  domain::MonitorSpec spec;
  spec.tags = tags;
  domain::complete(spec);
  std::vector<FieldViolation> faults;
  for (FieldViolation& fault : domain::validate(spec, {}, "")) {
    if (fault.field.find("tags") != std::string::npos)
      faults.push_back({"tag.add", std::move(fault.description)});
  }
  return faults;
}

}  // namespace

void MonitorBulk::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.MonitorService.BulkUpdateMonitors", this, &MonitorBulk::update);
}

asio::awaitable<Result<v1::BulkUpdateMonitorsResponse>> MonitorBulk::update(http::Call& call,
                                                                            const Request& request) {
  if (request.monitor_ids_size() < 1 || request.monitor_ids_size() > kMost)
    co_return invalid({{"monitor_ids", "must be 1 to 1000 ids"}});
  const std::optional<std::vector<std::int64_t>> ids = ids_of(request);
  if (!ids) co_return no_such_monitor();
  const std::int64_t workspace_id = identity_of(call).workspace_id;
  const store::Actor& by = identity_of(call).actor;
  Result<store::Changed> changed = store::Changed();
  switch (request.action_case()) {
    case Request::kPause:
      changed = co_await store::pause_monitors(pool_, workspace_id, *ids, by);
      break;
    case Request::kResume:
      changed = co_await store::resume_monitors(pool_, workspace_id, *ids, by);
      break;
    case Request::kDelete:
      changed = co_await store::delete_monitors(pool_, workspace_id, *ids, by);
      break;
    case Request::kTag: {
      const std::vector<std::string> add = trimmed_all(request.tag().add());
      const std::vector<std::string> remove = trimmed_all(request.tag().remove());
      if (std::vector<FieldViolation> faults = tag_faults(add); !faults.empty())
        co_return invalid(std::move(faults));
      changed = co_await store::tag_monitors(pool_, workspace_id, *ids, add, remove,
                                             static_cast<std::int32_t>(domain::kMaxTags), by);
      break;
    }
    case Request::ACTION_NOT_SET:
      co_return invalid({{"action", "must be one of pause, resume, delete and tag"}});
  }
  if (!changed) co_return changed.error();
  if (!*changed) co_return no_such_monitor();
  v1::BulkUpdateMonitorsResponse response;
  response.set_changed(static_cast<std::uint32_t>(**changed));
  co_return response;
}

}  // namespace openseer::control
