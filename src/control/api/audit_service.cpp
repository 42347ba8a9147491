#include "control/api/audit_service.h"

#include "control/api/authoriser.h"
#include "control/api/page_token.h"
#include "control/api/registration.h"
#include "openseer/v1/audit_service.pb.h"
#include "store/audit.h"
#include "wire/id.h"
#include "wire/time.h"

namespace openseer::control {
namespace {

constexpr std::uint32_t kDefaultPage = 50;
constexpr std::uint32_t kLargestPage = 500;
constexpr int kMostActions = 50;
constexpr std::size_t kLongestText = 200;

v1::AuditEvent to_proto(const store::StoredAuditEvent& stored) {
  v1::AuditEvent message;
  message.set_id(std::to_string(stored.id));
  *message.mutable_time() = wire::to_proto(stored.time);
  v1::AuditEvent::Actor& actor = *message.mutable_actor();
  if (stored.by.user_id) actor.set_user_id(std::to_string(*stored.by.user_id));
  actor.set_name(stored.by.name);
  actor.set_api_token_name(stored.by.api_token_name);
  message.set_action(stored.event.action);
  message.set_object_id(stored.event.object_id);
  message.set_object_name(stored.event.object_name);
  for (const store::FieldChange& change : stored.event.changes) {
    v1::AuditEvent::Change& one = *message.add_changes();
    one.set_field(change.field);
    one.set_before(change.before);
    one.set_after(change.after);
  }
  message.set_address(stored.by.address);
  message.set_user_agent(stored.by.user_agent);
  return message;
}

// What PostgreSQL takes as text, and not endless.
bool is_text(const std::string& text) {
  return text.size() <= kLongestText && text.find('\0') == std::string::npos;
}

void read_times(const v1::AuditFilter& filter, store::AuditQuery& query,
                std::vector<FieldViolation>& violations) {
  if (filter.has_from()) {
    query.from = wire::from_proto(filter.from());
    if (!query.from) violations.push_back({"filter.from", "must be a time from 1970 to 9999"});
  }
  if (filter.has_to()) {
    query.to = wire::from_proto(filter.to());
    if (!query.to) violations.push_back({"filter.to", "must be a time from 1970 to 9999"});
  }
}

Result<void> read_filter(const v1::AuditFilter& filter, const std::string& token, store::AuditQuery& query) {
  std::vector<FieldViolation> violations;
  bool texts = filter.actions_size() <= kMostActions;
  for (const std::string& action : filter.actions()) texts = texts && !action.empty() && is_text(action);
  if (!texts) violations.push_back({"filter.actions", "must be at most 50 names of actions"});
  query.actions.assign(filter.actions().begin(), filter.actions().end());
  if (!filter.user_id().empty()) {
    query.user_id = wire::parse_id(filter.user_id());
    if (!query.user_id) violations.push_back({"filter.user_id", "must be a user's id"});
  }
  if (!is_text(filter.object())) violations.push_back({"filter.object", "must be at most 200 characters"});
  query.object = filter.object();
  read_times(filter, query, violations);
  if (!token.empty()) {
    query.before_id = wire::parse_id(token);
    if (!query.before_id) violations.push_back({"page_token", "is not a token of a page before"});
  }
  if (!violations.empty()) return invalid(std::move(violations));
  return {};
}

// `query` says whose events; the request, which of them. One more than asked for
// tells whether there is a next page.
template <class Response, class Request>
asio::awaitable<Result<Response>> answer(pg::Pool& pool, store::AuditQuery query, const Request& request) {
  const Result<std::size_t> size = page_size(request.page_size(), kDefaultPage, kLargestPage);
  if (!size) co_return size.error();
  const Result<void> valid = read_filter(request.filter(), request.page_token(), query);
  if (!valid) co_return valid.error();
  std::vector<store::StoredAuditEvent> events = co_await store::list_audit(pool, std::move(query), *size + 1);
  Response response;
  if (events.size() > *size) {
    events.resize(*size);
    response.set_next_page_token(std::to_string(events.back().id));
  }
  for (const store::StoredAuditEvent& event : events) *response.add_events() = to_proto(event);
  co_return response;
}

}  // namespace

void AuditService::add_to(http::Router& router) {
  add_unary(router, "openseer.v1.AuditService.ListAuditEvents", this, &AuditService::list_audit_events);
  add_unary(router, "openseer.v1.AuditService.ListAccountEvents", this, &AuditService::list_account_events);
  add_unary(router, "openseer.v1.AuditService.ListInstanceEvents", this, &AuditService::list_instance_events);
}

asio::awaitable<Result<v1::ListAuditEventsResponse>> AuditService::list_audit_events(
    http::Call& call, const v1::ListAuditEventsRequest& request) {
  store::AuditQuery query;
  query.workspace_id = identity_of(call).workspace_id;
  co_return co_await answer<v1::ListAuditEventsResponse>(pool_, std::move(query), request);
}

asio::awaitable<Result<v1::ListAccountEventsResponse>> AuditService::list_account_events(
    http::Call& call, const v1::ListAccountEventsRequest& request) {
  store::AuditQuery query;
  query.account_id = identity_of(call).caller.user.id;
  co_return co_await answer<v1::ListAccountEventsResponse>(pool_, std::move(query), request);
}

asio::awaitable<Result<v1::ListInstanceEventsResponse>> AuditService::list_instance_events(
    http::Call&, const v1::ListInstanceEventsRequest& request) {
  co_return co_await answer<v1::ListInstanceEventsResponse>(pool_, store::AuditQuery(), request);
}

}  // namespace openseer::control
