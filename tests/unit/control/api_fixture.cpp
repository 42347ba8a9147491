#include "api_fixture.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "http/connect_codec.h"
#include "support/monitors.h"

namespace openseer::control {
namespace {

using google::protobuf::Struct;

Struct parse_json(std::string_view json) {
  Struct object;
  (void)google::protobuf::util::JsonStringToMessage(std::string(json), &object);
  return object;
}

void read_error(const Struct& error, Answer& answer) {
  const auto& fields = error.fields();
  if (fields.contains("code")) answer.code = fields.at("code").string_value();
  if (fields.contains("message")) answer.message = fields.at("message").string_value();
  if (!fields.contains("details")) return;
  for (const auto& detail : fields.at("details").list_value().values()) {
    const auto& debug = detail.struct_value().fields();
    if (!debug.contains("debug")) continue;
    const auto& violations = debug.at("debug").struct_value().fields();
    if (!violations.contains("fieldViolations")) continue;
    for (const auto& violation : violations.at("fieldViolations").list_value().values()) {
      answer.fields.push_back(violation.struct_value().fields().at("field").string_value());
    }
  }
}

}  // namespace

std::string error_code(std::string_view json) {
  const Struct object = parse_json(json);
  return object.fields().contains("code") ? object.fields().at("code").string_value() : "ok";
}

http::Request browser_request(std::string_view method, const google::protobuf::Message& message,
                              bool stream) {
  const std::size_t dot = method.rfind('.');
  http::Request request;
  request.method = "POST";
  request.path =
      "/openseer.v1." + std::string(method.substr(0, dot)) + "/" + std::string(method.substr(dot + 1));
  request.headers.set("Host", "localhost:3000");
  request.headers.set("Origin", "http://localhost:3000");
  request.headers.set("Sec-Fetch-Site", "same-origin");
  request.headers.set("Content-Type", stream ? "application/connect+proto" : "application/proto");
  request.headers.set("User-Agent", "test \xff");
  const std::string bytes = message.SerializeAsString();
  request.body = stream ? http::envelope(0, bytes) : bytes;
  request.peer_address = "127.0.0.1";
  return request;
}

ApiTest::ApiTest() { restart_api(); }

void ApiTest::restart_api() {
  api_.reset();
  api_ = std::make_unique<Api>(loop_.executor(), pool_, secrets_, authority_, options_,
                               [this] { return readiness_; });
}

Answer ApiTest::send(http::Request request) {
  http::Exchange exchange;
  exchange.request = std::move(request);
  const http::Response response = loop_.run(api_->router().answer(exchange, ""));
  Answer answer;
  answer.status = response.status;
  answer.headers = response.headers;
  answer.body = response.body;
  if (response.status == 200) {
    answer.code = "ok";
  } else {
    read_error(parse_json(response.body), answer);
  }
  return answer;
}

void ApiTest::sql(const std::string& text) { test::run_sql(loop_, pool_, text); }
std::int64_t ApiTest::count(const std::string& text) { return test::count_sql(loop_, pool_, text); }
void ApiTest::open_sign_up() { sql("UPDATE app.instance SET sign_up = 3"); }

void ApiTest::join(const std::string& email, const std::string& workspace, int role) {
  sql("INSERT INTO app.workspace_members (workspace_id, user_id, role) SELECT " + workspace + ", id, " +
      std::to_string(role) + " FROM app.users WHERE email = '" + email + "'");
}

ApiTest::Browser::Browser(ApiTest& test) : test_(&test) {}

Answer ApiTest::Browser::call(std::string_view method, const google::protobuf::Message& message) {
  http::Request request = browser_request(method, message, false);
  for (const auto& [name, value] : headers.all()) request.headers.set(name, value);
  request.headers.set("Cookie", "other=1; " + (pending.empty() ? "" : pending + "; ") + cookie);
  request.peer_address = address;
  request.tls = tls;
  Answer answer = test_->send(std::move(request));
  for (const auto& [name, value] : answer.headers.all()) {
    if (name == "Set-Cookie") keep(value);
  }
  return answer;
}

void ApiTest::Browser::keep(const std::string& set) {
  const std::string pair = set.find("Max-Age=0") != std::string::npos ? "" : set.substr(0, set.find(';'));
  (set.find("openseer_pending") != std::string::npos ? pending : cookie) = pair;
}

Answer ApiTest::Browser::sign_up(const std::string& email) {
  v1::SignUpRequest request;
  request.set_email(email);
  request.set_password(kPassword);
  return call("AuthService.SignUp", request);
}

Answer ApiTest::Browser::sign_in(const std::string& email, const std::string& password) {
  v1::SignInRequest request;
  request.set_email(email);
  request.set_password(password);
  return call("AuthService.SignIn", request);
}

Answer ApiTest::program(const std::string& token, std::string_view method,
                        const google::protobuf::Message& message) {
  http::Request request = browser_request(method, message, false);
  request.headers.set("Authorization", "Bearer " + token);
  // As a program: no page, no cookie.
  request.headers.set("Origin", "");
  request.headers.set("Sec-Fetch-Site", "");
  return send(std::move(request));
}

std::string ApiTest::token(Browser& creator, const std::string& workspace, v1::Role role) {
  v1::CreateApiTokenRequest request;
  request.set_workspace_id(workspace);
  request.set_name("deploy");
  request.set_role(role);
  return creator.call("ApiTokenService.CreateApiToken", request).as<v1::CreateApiTokenResponse>().secret();
}

std::string ApiTest::Browser::workspace() {
  const auto answer = call("UserService.GetCurrentUser", v1::GetCurrentUserRequest());
  return answer.as<v1::GetCurrentUserResponse>().memberships(0).workspace_id();
}

// Takes the envelopes apart again.
class OpenStream::Writer final : public http::BodyWriter {
 public:
  explicit Writer(std::shared_ptr<State> state) : state_(std::move(state)) {}

  asio::awaitable<bool> write(std::string_view bytes) override {
    pending_ += bytes;
    while (pending_.size() >= 5) {
      std::size_t length = 0;
      for (int i = 1; i < 5; ++i)
        length = length << 8 | static_cast<unsigned char>(pending_[static_cast<std::size_t>(i)]);
      if (pending_.size() < 5 + length) break;
      const std::string payload = pending_.substr(5, length);
      if (pending_[0] == http::kEndStream) {
        const Struct end = parse_json(payload);
        const bool failed = end.fields().contains("error");
        state_->end_code =
            failed ? end.fields().at("error").struct_value().fields().at("code").string_value() : "ok";
      } else {
        state_->events.emplace_back().ParseFromString(payload);
      }
      pending_.erase(0, 5 + length);
    }
    co_return true;
  }

 private:
  std::shared_ptr<State> state_;
  std::string pending_;
};

OpenStream::OpenStream(test::Loop& loop, const http::Router& router, http::Request request)
    : loop_(loop), state_(std::make_shared<State>()) {
  state_->exchange.request = std::move(request);
  // Weak: the exchange is part of the state.
  const std::weak_ptr<State> weak = state_;
  state_->exchange.stream = [weak](int, const http::Headers&) { return open(weak.lock()); };
  const auto state_copy = state_;
  asio::co_spawn(loop_.context(), run(state_, router),
                 asio::bind_cancellation_slot(
                     cancel_.slot(), [state_copy](std::exception_ptr) { state_copy->ended = true; }));
}

OpenStream::~OpenStream() { close(); }

asio::awaitable<std::unique_ptr<http::BodyWriter>> OpenStream::open(std::shared_ptr<State> state) {
  co_return std::make_unique<Writer>(std::move(state));
}

asio::awaitable<void> OpenStream::run(std::shared_ptr<State> state, const http::Router& router) {
  const http::Response response = co_await router.answer(state->exchange, "");
  // Refused before it was opened: the whole body is the end.
  if (response.status != 200) {
    state->end_code = error_code(response.body);
  } else if (!response.body.empty()) {
    Writer writer(state);
    co_await writer.write(response.body);
  }
}

std::string OpenStream::end() {
  if (!loop_.run_until([this] { return state_->ended; }, Seconds{10}))
    throw std::runtime_error("the stream did not end");
  return state_->end_code;
}

void OpenStream::close() {
  if (state_->ended) return;
  cancel_.emit(asio::cancellation_type::terminal);
  loop_.run_until([this] { return state_->ended; }, Seconds{10});
}

}  // namespace openseer::control
