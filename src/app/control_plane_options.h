#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/access_options.h"
#include "app/log_options.h"
#include "app/ports.h"
#include "app/secret_key.h"
#include "base/clock.h"
#include "base/options.h"

namespace openseer::app {

struct ControlPlaneOptions {
  std::string database_url;
  std::size_t database_connections = 16;
  SecretKey secret_key;

  std::string http_address;
  std::uint16_t http_port = 0;
  std::string address;
  std::uint16_t api_port = 0;
  std::uint16_t worker_port = 0;
  std::vector<std::string> public_names;

  bool allow_insecure_http = false;
  bool trust_proxy = false;
  std::vector<std::string> allowed_origins;

  Milliseconds lease{0};
  Seconds worker_certificate_life{0};
  std::optional<Seconds> keep_raw, keep_1m, keep_1h, keep_1d;
  AccessOptions access;
  LogOptions log;

  Port http() const { return {http_address, http_port, "--http-port", "OPENSEER_HTTP_PORT"}; }
  Port api() const { return {address, api_port, "--api-port", "OPENSEER_API_PORT"}; }
  Port workers() const { return {address, worker_port, "--worker-port", "OPENSEER_WORKER_PORT"}; }
};

// The options that `openseer up` has in common with `openseer control-plane`.
// `address` is where the two TLS ports listen by default.
std::vector<options::Option> common_options(ControlPlaneOptions& into, const std::string& address);
// Those that only the latter has: where the database and the secret key are.
std::vector<options::Option> database_options(ControlPlaneOptions& into);

}  // namespace openseer::app
