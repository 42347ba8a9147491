#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/smtp.h"

namespace openseer::control {

// How often an open view does what no change asks for.
struct WatchPace {
  Milliseconds heartbeat{12'000};  // the API promises one in 15 s
  Milliseconds recheck{15'000};    // what follows from the time alone, like "no data"
  Milliseconds session_check{30'000};
};

// How e-mails leave.
struct MailOptions {
  http::MailServer server;
  std::string from;
};

// How the users' edge is reached, as the operator says.
struct ApiOptions {
  // Sign-in over plain HTTP from elsewhere than localhost; the password and the
  // session are then readable on the way.
  bool allow_insecure_http = false;
  // A reverse proxy is in front: its X-Forwarded-For, -Proto and -Host count.
  bool trust_proxy = false;
  // Origins besides the API's own that may call it, as "https://host:port".
  std::vector<std::string> allowed_origins;
  // Under which name and port workers and programs reach the API, as
  // "https://host:port"; empty: the name of the request, and `api_port`.
  std::string api_url;
  std::uint16_t api_port = 8082;
  // Where people reach the web UI, without a slash at the end: links in e-mails
  // begin with it. Never taken from a request, whose Host anybody may have written.
  std::string public_url;
  std::optional<MailOptions> mail;  // needs public_url
  Seconds worker_certificate_lifetime = std::chrono::hours{24} * 30;
  WatchPace watch_pace;
};

}  // namespace openseer::control
