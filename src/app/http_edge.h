#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"
#include "http/rpc.h"
#include "http/server.h"
#include "http/static_files.h"

namespace openseer::app {

namespace asio = boost::asio;

// What the control plane answers over HTTP, by path:
//
//   /healthz   200 while the process lives
//   /readyz    200, or 503 with the reason
//   /ca.pem    the CA's certificate, for clients and workers
//   /metrics   Prometheus, on the web UI's port only
//   /api/...   RPCs on the web UI's port; on the API's port they are at the root
//   the rest   the web UI on its port
//
// Owned by the control plane; runs on its executor.
class HttpEdge {
 public:
  explicit HttpEdge(std::function<Result<void>()> readiness);

  // Before open(), RPCs are Unavailable and there is no /ca.pem. `router` must
  // outlive the servers.
  void open(const http::Router& router, std::string ca_certificate_pem);

  http::Handler ui_handler();
  http::Handler api_handler();

 private:
  asio::awaitable<http::Response> answer_ui(http::Exchange& exchange);
  asio::awaitable<http::Response> answer_api(http::Exchange& exchange);
  asio::awaitable<http::Response> call(http::Exchange& exchange, std::string_view prefix);
  // What both ports answer; nothing for any other path.
  std::optional<http::Response> answer_probe(const http::Request& request) const;

  std::function<Result<void>()> readiness_;
  http::StaticFiles files_;
  const http::Router* router_ = nullptr;
  std::string ca_certificate_pem_;
};

}  // namespace openseer::app
