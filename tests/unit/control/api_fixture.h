#pragma once

#include <memory>
#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "control/api/api.h"
#include "http/rpc.h"
#include "openseer/v1/api_token_service.pb.h"
#include "openseer/v1/auth_service.pb.h"
#include "openseer/v1/dashboard_service.pb.h"
#include "openseer/v1/monitor_service.pb.h"
#include "pg/pool.h"
#include "pki/authority.h"
#include "pki/secret_box.h"
#include "support/loop.h"
#include "support/postgres.h"

namespace openseer::control {

// What a caller got.
struct Answer {
  int status = 0;
  std::string code;  // Connect's, e.g. "not_found"; "ok" for an answer
  std::string message;
  std::vector<std::string> fields;  // of violations
  http::Headers headers;
  std::string body;  // binary protobuf

  template <class T>
  T as() const {
    EXPECT_EQ(code, "ok") << message;
    T out;
    EXPECT_TRUE(out.ParseFromString(body));
    return out;
  }
};

// The whole API on a real database, called without a socket.
class ApiTest : public testing::Test {
 protected:
  ApiTest();

  // A client with its cookie, as a browser on the page itself.
  class Browser {
   public:
    explicit Browser(ApiTest& test);
    // Keeps or drops the session cookie as the answer says.
    Answer call(std::string_view method, const google::protobuf::Message& request);
    Answer sign_up(const std::string& email);
    Answer sign_in(const std::string& email, const std::string& password);
    std::string workspace();  // the first of the user's own

    http::Headers headers;
    std::string cookie;   // of the session
    std::string pending;  // of a sign-in that waits for its second factor
    std::string address = "127.0.0.1";
    bool tls = false;

   private:
    void keep(const std::string& set_cookie);

    ApiTest* test_;
  };

  Answer send(http::Request request);
  // A call of a program with an API token.
  Answer program(const std::string& token, std::string_view method, const google::protobuf::Message& message);
  // A new API token of `creator`; its secret.
  std::string token(Browser& creator, const std::string& workspace, v1::Role role);
  void sql(const std::string& text);
  std::int64_t count(const std::string& text);
  // So that accounts after the first can be made.
  void open_sign_up();
  // Makes the user of `email` a member of `workspace`.
  void join(const std::string& email, const std::string& workspace, int role);

  test::Loop loop_;
  test::TestDatabase database_;
  pg::Pool pool_{loop_.executor(), {.conninfo = database_.conninfo()}};
  pki::SecretBox secrets_ = pki::SecretBox::from_hex(pki::SecretBox::random_key_hex());
  pki::KeyAndCertificate ca_ = pki::CertificateAuthority::create();
  pki::CertificateAuthority authority_{ca_.private_key_pem, ca_.certificate_pem};
  ApiOptions options_;
  Result<void> readiness_;
  std::unique_ptr<Api> api_;
  void restart_api();
};

inline constexpr auto kPassword = "correct horse battery staple";

// An open server stream. Reads as fast as it is sent to.
class OpenStream {
 public:
  OpenStream(test::Loop& loop, const http::Router& router, http::Request request);
  ~OpenStream();
  OpenStream(const OpenStream&) = delete;
  OpenStream& operator=(const OpenStream&) = delete;

  // Waits until an event for which `predicate` holds has come; takes it and all before it.
  template <class Predicate>
  std::vector<v1::WatchResponse> read_until(Predicate predicate, Seconds limit = Seconds{10}) {
    std::size_t found = 0;
    const auto arrived = [&] {
      for (; found < state_->events.size(); ++found) {
        if (predicate(state_->events[found])) return true;
      }
      return false;
    };
    if (!loop_.run_until(arrived, limit)) throw std::runtime_error("the event did not come");
    const auto end = state_->events.begin() + static_cast<std::ptrdiff_t>(found) + 1;
    std::vector<v1::WatchResponse> taken(state_->events.begin(), end);
    state_->events.erase(state_->events.begin(), end);
    return taken;
  }
  // Waits for the end; the Connect code, "ok" for a plain end.
  std::string end();
  bool ended() const { return state_->ended; }
  // The client goes.
  void close();

 private:
  struct State {
    http::Exchange exchange;
    std::vector<v1::WatchResponse> events;
    std::string end_code;
    bool ended = false;
  };
  class Writer;
  static asio::awaitable<std::unique_ptr<http::BodyWriter>> open(std::shared_ptr<State> state);
  static asio::awaitable<void> run(std::shared_ptr<State> state, const http::Router& router);

  test::Loop& loop_;
  std::shared_ptr<State> state_;
  asio::cancellation_signal cancel_;
};

// A request as a browser on the page itself sends it.
http::Request browser_request(std::string_view method, const google::protobuf::Message& message, bool stream);

// The Connect code in an error's JSON; "ok" when there is none.
std::string error_code(std::string_view json);

}  // namespace openseer::control
