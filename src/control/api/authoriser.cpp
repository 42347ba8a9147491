#include "control/api/authoriser.h"

#include <set>
#include <stdexcept>

#include "control/api/origin.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "openseer/v1/access.pb.h"
#include "openseer/v1/auth_service.pb.h"
#include "openseer/v1/dashboard_service.pb.h"
#include "openseer/v1/health_service.pb.h"
#include "openseer/v1/metrics_service.pb.h"
#include "openseer/v1/monitor_service.pb.h"
#include "openseer/v1/worker_service.pb.h"
#include "openseer/v1/worker_stream_service.pb.h"
#include "wire/id.h"

namespace openseer::control {
namespace {

v1::Access access_of(const google::protobuf::MethodDescriptor& method) {
  return method.options().GetExtension(v1::access);
}

// The lowest role that may call; kNone when the RPC is not about a workspace.
store::Role required_role(v1::Access access) {
  switch (access) {
    case v1::ACCESS_VIEWER:
      return store::Role::kViewer;
    case v1::ACCESS_EDITOR:
      return store::Role::kEditor;
    case v1::ACCESS_ADMIN:
      return store::Role::kAdmin;
    default:
      return store::Role::kNone;
  }
}

const google::protobuf::FieldDescriptor* workspace_field(const google::protobuf::Descriptor& request) {
  const auto* field = request.FindFieldByName("workspace_id");
  const bool fits = field != nullptr && !field->is_repeated() &&
                    field->type() == google::protobuf::FieldDescriptor::TYPE_STRING;
  return fits ? field : nullptr;
}

std::optional<std::int64_t> workspace_of(const google::protobuf::Message& request) {
  const auto* field = workspace_field(*request.GetDescriptor());
  if (field == nullptr) return std::nullopt;
  return wire::parse_id(request.GetReflection()->GetString(request, field));
}

Refusal not_signed_in() { return {Code::kUnauthenticated, "sign in first", {}}; }
Refusal no_such_workspace() { return {Code::kNotFound, "there is no such workspace", {}}; }
Refusal not_allowed(std::string message) { return {Code::kPermissionDenied, std::move(message), {}}; }

// The files whose RPCs this program serves, here or on the worker stream.
std::vector<const google::protobuf::FileDescriptor*> service_files() {
  return {v1::SignUpRequest::descriptor()->file(),        v1::WatchRequest::descriptor()->file(),
          v1::CheckRequest::descriptor()->file(),         v1::GetLatencyRequest::descriptor()->file(),
          v1::CreateMonitorRequest::descriptor()->file(), v1::EnrollRequest::descriptor()->file(),
          v1::ConnectRequest::descriptor()->file()};
}

void check_policy(const google::protobuf::MethodDescriptor& method, bool registered) {
  const v1::Access access = access_of(method);
  const std::string name = "RPC " + method.full_name();
  if (access == v1::ACCESS_UNSPECIFIED) throw std::logic_error(name + " declares no access");
  if (access == v1::ACCESS_WORKER) {
    if (registered) throw std::logic_error(name + " is for workers and must not be served over HTTP");
    return;
  }
  if (!registered) throw std::logic_error(name + " has no handler");
  if (required_role(access) != store::Role::kNone && workspace_field(*method.input_type()) == nullptr)
    throw std::logic_error(name + " needs a workspace_id in its request");
}

}  // namespace

const Identity& identity_of(const http::Call& call) { return std::any_cast<const Identity&>(call.identity); }

asio::awaitable<Result<void>> Authoriser::authorise(http::Call& call,
                                                    const google::protobuf::Message& request) const {
  const Result<void> same_site = check_origin(call.request, options_);
  if (!same_site) co_return same_site.error();
  const v1::Access access = access_of(call.method);
  if (access == v1::ACCESS_PUBLIC) co_return Result<void>();

  const std::optional<std::string> token_hash = session_token_hash(call, options_);
  if (!token_hash) co_return not_signed_in();
  const std::optional<std::int64_t> workspace_id = workspace_of(request);
  std::optional<store::Caller> caller;
  try {
    caller = co_await store::find_caller(pool_, *token_hash, workspace_id);
  } catch (const pg::Unavailable& error) {
    co_return database_is_away(call, error);
  }
  if (!caller) co_return not_signed_in();

  const store::Role required = required_role(access);
  if (required != store::Role::kNone) {
    if (caller->role == store::Role::kNone) co_return no_such_workspace();
    if (caller->role < required) co_return not_allowed("your role in this workspace does not allow that");
  } else if (access == v1::ACCESS_INSTANCE_OWNER) {
    if (!caller->user.instance_owner) co_return not_allowed("only the owner of the instance may do that");
  } else if (access != v1::ACCESS_USER) {
    co_return not_allowed("this is not for people");
  }
  call.identity = Identity{std::move(*caller), *token_hash, workspace_id.value_or(0)};
  co_return Result<void>();
}

void check_policies(const http::Router& router) {
  const std::vector<std::string> names = router.methods();
  std::set<std::string> registered(names.begin(), names.end());
  for (const auto* file : service_files()) {
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      for (int j = 0; j < service->method_count(); ++j) {
        check_policy(*service->method(j), registered.erase(service->method(j)->full_name()) == 1);
      }
    }
  }
  if (!registered.empty()) throw std::logic_error("RPC " + *registered.begin() + " was not checked");
}

}  // namespace openseer::control
