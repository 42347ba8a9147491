#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

// What one check of a target found. Mirrors proto/openseer/v1/result.proto;
// the numbers of the enums are the stored ones.
namespace openseer::domain {

enum class Outcome : std::int16_t { kOk = 1, kFailed = 2 };

enum class Reason : std::int16_t {
  kNone = 0,
  kDnsNotFound = 1,
  kDnsFailed = 2,
  kConnectRefused = 3,
  kConnectUnreachable = 4,
  kConnectFailed = 5,
  kTlsExpired = 6,
  kTlsHostMismatch = 7,
  kTlsSelfSigned = 8,
  kTlsUntrusted = 9,
  kTlsHandshake = 10,
  kTimeoutDns = 11,
  kTimeoutConnect = 12,
  kTimeoutTls = 13,
  kTimeoutFirstByte = 14,
  kTimeoutDownload = 15,
  kConnectionLost = 16,
  kProtocol = 17,
  kStatus = 18,
  kBodyLimit = 19,
  kRedirectLimit = 20,
  kEgressDenied = 21,
  kWorker = 22,
};

enum class HttpVersion : std::int16_t { kNone = 0, k1_0 = 1, k1_1 = 2, k2 = 3 };

// The phases of the last hop by the monotonic clock; zero when a phase did not
// happen. `total` covers the whole check, redirects included.
struct Phases {
  Microseconds dns{};
  Microseconds connect{};
  Microseconds tls{};
  Microseconds wait{};  // request sent to first byte of the answer
  Microseconds download{};
  Microseconds total{};
  bool operator==(const Phases&) const = default;
};

// A probe's measurements: what happened, before any assertion judges it.
// `reason` is kNone exactly when a complete HTTP answer was received.
struct Measurement {
  Reason reason = Reason::kNone;
  int http_status = 0;  // 0 without an answer
  HttpVersion http_version = HttpVersion::kNone;
  Phases phases;
  std::string remote_address;                     // numeric, no port, no brackets
  std::uint64_t body_bytes = 0;                   // decoded
  std::optional<Instant> certificate_expires_at;  // leaf's notAfter, kept when verification fails
  std::string message;                            // one sentence when reason is not kNone
};

// A measurement with its verdict: the immutable outcome of a slot.
struct CheckResult {
  Instant started_at;  // by the database's clock
  Outcome outcome = Outcome::kFailed;
  Measurement measurement;  // reason and message complete it (status, ...)
};

}  // namespace openseer::domain
