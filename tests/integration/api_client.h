#pragma once

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "openseer/v1/dashboard_service.pb.h"
#include "openseer/v1/monitor_service.pb.h"

namespace openseer::test {

// An answer as it came over HTTP.
struct HttpAnswer {
  int status = 0;  // 0: no answer
  std::string body;
};
HttpAnswer http_get(const std::string& url, Milliseconds limit = Seconds{10});

// An RPC that was refused: Connect's code ("unauthenticated") and the whole body.
class ApiError : public std::runtime_error {
 public:
  ApiError(const std::string& method, std::string code, const std::string& body)
      : std::runtime_error(method + ": " + code + ": " + body), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// A client of the API as any other program would be: Connect's JSON over HTTP,
// with a cookie jar.
class ApiClient {
 public:
  // "http://localhost:3000/api" or "https://localhost:8082". `ca_file`: the CA
  // that has to have signed the server's certificate.
  explicit ApiClient(std::string base, std::string ca_file = {});
  ~ApiClient();
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  // client.call<v1::CreateMonitorResponse>("MonitorService/CreateMonitor", request)
  template <class Response>
  Response call(const std::string& method, const google::protobuf::Message& request) {
    Response response;
    call(method, request, response);
    return response;
  }

  // Creates an account (the first one owns the instance) and signs in.
  void sign_up(const std::string& email = "owner@example.com");
  // To an account that sign_up() made, on this or another instance.
  void sign_in(const std::string& email = "owner@example.com");
  // Of the account that signed up.
  const std::string& workspace() const { return workspace_; }
  // A monitor of `url` with the given interval.
  v1::Monitor create_monitor(const std::string& url, Seconds interval = Seconds{1},
                             Milliseconds timeout = Milliseconds{0}, const std::string& region = {});
  v1::Monitor get_monitor(const std::string& id);

 private:
  friend class WatchStream;
  void call(const std::string& method, const google::protobuf::Message& request,
            google::protobuf::Message& response);

  std::string base_;
  std::string ca_file_;
  std::string workspace_;
  void* curl_;
};

// The Watch stream, read while a wait_for() lasts.
class WatchStream {
 public:
  WatchStream(ApiClient& api, const v1::WatchRequest& request);
  ~WatchStream();
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  // Reads until an event satisfies the condition; earlier ones are passed over.
  template <class Condition>
  bool wait_for(Condition condition, Milliseconds limit) {
    const Monotonic deadline = std::chrono::steady_clock::now() + limit;
    v1::WatchResponse event;
    while (next(event, deadline)) {
      if (condition(event)) return true;
    }
    return false;
  }

 private:
  struct Native;
  // False when there is none before the deadline, or the stream has ended.
  bool next(v1::WatchResponse& event, Monotonic deadline);

  std::unique_ptr<Native> native_;
};

}  // namespace openseer::test
