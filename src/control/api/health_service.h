#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::v1 {
class CheckRequest;
class CheckResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// Whether this replica can do its work (proto/openseer/v1/health_service.proto).
class HealthService {
 public:
  explicit HealthService(std::function<Result<void>()> readiness) : readiness_(std::move(readiness)) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::CheckResponse>> check(http::Call& call, const v1::CheckRequest& request);

  std::function<Result<void>()> readiness_;
};

}  // namespace openseer::control
