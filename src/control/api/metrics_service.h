#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/refusal.h"

namespace openseer::http {
class Router;
struct Call;
}  // namespace openseer::http
namespace openseer::pg {
class Pool;
}
namespace openseer::v1 {
class GetLatencyRequest;
class GetLatencyResponse;
class GetLedgerRequest;
class GetLedgerResponse;
class GetPhasesRequest;
class GetPhasesResponse;
class GetResultRequest;
class GetResultResponse;
class GetUptimeBarsRequest;
class GetUptimeBarsResponse;
class GetUptimeRequest;
class GetUptimeResponse;
class ListResultsRequest;
class ListResultsResponse;
}  // namespace openseer::v1

namespace openseer::control {

namespace asio = boost::asio;

// Latency, uptime and results (proto/openseer/v1/metrics_service.proto).
class MetricsService {
 public:
  explicit MetricsService(pg::Pool& pool) : pool_(pool) {}
  void add_to(http::Router& router);

 private:
  asio::awaitable<Result<v1::GetLatencyResponse>> get_latency(http::Call& call,
                                                              const v1::GetLatencyRequest& request);
  asio::awaitable<Result<v1::GetUptimeResponse>> get_uptime(http::Call& call,
                                                            const v1::GetUptimeRequest& request);
  asio::awaitable<Result<v1::GetResultResponse>> get_result(http::Call& call,
                                                            const v1::GetResultRequest& request);
  asio::awaitable<Result<v1::GetLedgerResponse>> get_ledger(http::Call& call,
                                                            const v1::GetLedgerRequest& request);
  asio::awaitable<Result<v1::GetUptimeBarsResponse>> get_uptime_bars(http::Call& call,
                                                                     const v1::GetUptimeBarsRequest& request);
  asio::awaitable<Result<v1::GetPhasesResponse>> get_phases(http::Call& call,
                                                            const v1::GetPhasesRequest& request);
  asio::awaitable<Result<v1::ListResultsResponse>> list_results(http::Call& call,
                                                                const v1::ListResultsRequest& request);

  pg::Pool& pool_;
};

}  // namespace openseer::control
