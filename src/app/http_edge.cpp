#include "app/http_edge.h"

#include "base/embedded.h"
#include "base/metrics.h"

namespace openseer::app {
namespace {

http::Response plain(int status, std::string body, const char* type = "text/plain; charset=utf-8") {
  http::Response response;
  response.status = status;
  response.headers.set("Content-Type", type);
  response.headers.set("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

void count(std::string_view port, const http::Response& response) {
  const std::string status = std::to_string(response.status / 100) + "xx";
  metrics::process()
      .counter("openseer_http_requests_total", "HTTP requests answered, by port and class of status.",
               {{"port", std::string(port)}, {"status", status}})
      .add();
}

}  // namespace

HttpEdge::HttpEdge(std::function<Result<void>()> readiness)
    : readiness_(std::move(readiness)), files_(embedded::web_assets()) {}

void HttpEdge::open(const http::Router& router, std::string ca_certificate_pem) {
  router_ = &router;
  ca_certificate_pem_ = std::move(ca_certificate_pem);
}

http::Handler HttpEdge::ui_handler() {
  return [this](http::Exchange& exchange) { return answer_ui(exchange); };
}

http::Handler HttpEdge::api_handler() {
  return [this](http::Exchange& exchange) { return answer_api(exchange); };
}

std::optional<http::Response> HttpEdge::answer_probe(const http::Request& request) const {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads) return std::nullopt;
  if (request.path == "/healthz") return plain(200, "alive\n");
  if (request.path == "/readyz") {
    const Result<void> ready = readiness_();
    return ready ? plain(200, "ready\n") : plain(503, ready.error().message + "\n");
  }
  if (request.path == "/ca.pem") {
    if (ca_certificate_pem_.empty()) return plain(503, "starting\n");
    return plain(200, ca_certificate_pem_, "application/x-pem-file");
  }
  return std::nullopt;
}

asio::awaitable<http::Response> HttpEdge::answer_ui(http::Exchange& exchange) {
  const http::Request& request = exchange.request;
  const bool tls = request.tls;
  http::Response response;
  if (std::optional<http::Response> probe = answer_probe(request)) {
    response = std::move(*probe);
  } else if (request.path == "/metrics") {
    response = plain(200, metrics::process().expose(), "text/plain; version=0.0.4; charset=utf-8");
  } else if (request.path.starts_with("/api/")) {
    response = co_await call(exchange, "/api");
  } else if (files_.empty()) {
    response = plain(404, "This binary was built without the web UI.\n");
  } else {
    response = files_.answer(request);
  }
  http::add_security_headers(response, tls);
  count("http", response);
  co_return response;
}

asio::awaitable<http::Response> HttpEdge::answer_api(http::Exchange& exchange) {
  const bool tls = exchange.request.tls;
  http::Response response;
  if (std::optional<http::Response> probe = answer_probe(exchange.request)) {
    response = std::move(*probe);
  } else {
    response = co_await call(exchange, "");
  }
  http::add_security_headers(response, tls);
  count("api", response);
  co_return response;
}

asio::awaitable<http::Response> HttpEdge::call(http::Exchange& exchange, std::string_view prefix) {
  if (router_ != nullptr) co_return co_await router_->answer(exchange, prefix);
  // As the Connect protocol writes an error.
  http::Response response = plain(503, "", "application/json");
  response.headers.set("Retry-After", "1");
  response.body = R"({"code":"unavailable","message":"the control plane is not ready, try again"})";
  co_return response;
}

}  // namespace openseer::app
