#include "control/api/authoriser.h"

#include <set>
#include <stdexcept>

#include "control/api/origin.h"
#include "control/api/registration.h"
#include "control/api/session_cookie.h"
#include "http/utf8.h"
#include "openseer/v1/access.pb.h"
#include "openseer/v1/files.h"
#include "store/api_tokens.h"
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
    case v1::ACCESS_OWNER:
      return store::Role::kOwner;
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

bool takes_api_tokens(const google::protobuf::MethodDescriptor& method) {
  const store::Role required = required_role(access_of(method));
  return required != store::Role::kNone && required != store::Role::kOwner &&
         !method.options().GetExtension(v1::session_only);
}

bool is_program(const http::Call& call) { return !call.request.headers.get("Authorization").empty(); }

Refusal not_signed_in(const http::Call& call) {
  return {Code::kUnauthenticated,
          is_program(call) ? "the API token is unknown, revoked or too old" : "sign in first",
          {}};
}
Refusal no_such_workspace() { return {Code::kNotFound, "there is no such workspace", {}}; }
Refusal not_allowed(std::string message) { return {Code::kPermissionDenied, std::move(message), {}}; }

// The files of the API whose RPCs this program serves, here or on the worker stream.
std::vector<const google::protobuf::FileDescriptor*> service_files() {
  std::vector<const google::protobuf::FileDescriptor*> files;
  for (const char* name : v1::kFiles) {
    // A file of which nothing is used is not linked in.
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) throw std::logic_error(std::string("no RPC of ") + name + " has a handler");
    files.push_back(file);
  }
  return files;
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

asio::awaitable<std::optional<store::Caller>> find_caller(pg::Pool& pool, Credential credential,
                                                          std::optional<std::int64_t> workspace_id) {
  if (credential.kind == Credential::Kind::kApiToken)
    co_return co_await store::find_token_caller(pool, std::move(credential.hash), workspace_id);
  co_return co_await store::find_caller(pool, std::move(credential.hash), workspace_id);
}

asio::awaitable<std::optional<store::Caller>> find_caller_again(pg::Pool& pool, const Identity& identity) {
  if (identity.credential.kind == Credential::Kind::kApiToken)
    co_return co_await store::find_token_caller(pool, identity.credential.hash, identity.workspace_id);
  co_return co_await store::find_session_caller(pool, identity.caller.session_id, identity.workspace_id);
}

store::Actor actor_of(const http::Call& call, const ApiOptions& options) {
  // Headers may hold any bytes; the database takes UTF-8.
  const auto storable = [](std::string_view text) {
    return http::is_utf8(text) && text.find('\0') == std::string_view::npos ? std::string(text)
                                                                            : std::string();
  };
  store::Actor actor;
  actor.address = storable(client_address(call.request, options));
  actor.user_agent = storable(call.request.headers.get("User-Agent"));
  return actor;
}

asio::awaitable<Result<void>> Authoriser::authorise(http::Call& call,
                                                    const google::protobuf::Message& request) const {
  if (!is_program(call)) {
    const Result<void> same_site = check_origin(call.request, options_);
    if (!same_site) co_return same_site.error();
  }
  const v1::Access access = access_of(call.method);
  if (access == v1::ACCESS_PUBLIC) co_return Result<void>();

  // A token that came in the clear was readable on the way, as a session would be.
  if (const Result<void> secure = check_transport(call.request, options_); !secure && is_program(call))
    co_return secure.error();
  std::optional<Credential> credential = credential_of(call, options_);
  if (!credential) co_return not_signed_in(call);
  const std::optional<std::int64_t> workspace_id = workspace_of(request);
  std::optional<store::Caller> caller;
  try {
    caller = co_await find_caller(pool_, *credential, workspace_id);
  } catch (const pg::Unavailable& error) {
    co_return database_is_away(call, error);
  }
  if (!caller) co_return not_signed_in(call);
  if (credential->kind == Credential::Kind::kApiToken && !takes_api_tokens(call.method))
    co_return not_allowed("an API token is not enough for this: it needs a person who has signed in");

  const store::Role required = required_role(access);
  if (required != store::Role::kNone) {
    if (caller->role == store::Role::kNone) co_return no_such_workspace();
    if (caller->role < required) co_return not_allowed("your role in this workspace does not allow that");
  } else if (access == v1::ACCESS_INSTANCE_OWNER) {
    if (!caller->user.instance_owner) co_return not_allowed("only the owner of the instance may do that");
  } else if (access != v1::ACCESS_USER) {
    co_return not_allowed("this is not for people");
  }
  store::Actor actor = actor_of(call, options_);
  actor.user_id = caller->user.id;
  actor.name = caller->user.email;
  actor.api_token_name = caller->api_token_name;
  call.identity =
      Identity{std::move(*caller), std::move(*credential), workspace_id.value_or(0), std::move(actor)};
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
