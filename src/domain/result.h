#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

// What one check of a target found. Mirrors proto/openseer/v1/result.proto;
// the numbers of the enums are the stored ones.
namespace openseer::domain {

// A degraded result counts as ok everywhere (uptime, latency); it says that an
// assertion of severity kDegraded is broken.
enum class Outcome : std::int16_t { kOk = 1, kFailed = 2, kDegraded = 3 };

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
  kDnsServerFailure = 23,  // SERVFAIL, REFUSED or an answer that cannot be read
  kDnsNoAddress = 24,      // the name exists, but has no address of the family asked for
  kConnectReset = 25,
  kTlsReset = 26,      // reset or closed in the handshake
  kRequestReset = 27,  // after the request, before any byte of the answer
  kHeaderReset = 28,   // within the answer's headers
  kBodyReset = 29,     // within the answer's body
  kTimeoutTotal = 30,  // the wall deadline, in another phase than those above
  kTlsNotYetValid = 31,
  kTlsMissingIntermediate = 32,
  kTlsRevoked = 33,            // by a stapled OCSP answer
  kTlsWeak = 34,               // key, digest or DH group below the security level
  kTlsVersion = 35,            // no protocol version in common
  kTlsClientCertificate = 36,  // the server wants one, or refuses ours
  kTlsCertificate = 37,        // another fault of the certificate
  kMalformedStatusLine = 38,
  kMalformedHeader = 39,
  kMalformedLength = 40,  // Content-Length
  kMalformedChunk = 41,
  kMalformedHttp2 = 42,
  kMalformedEncoding = 43,  // gzip, br, zstd that cannot be decoded
  kHeaderLimit = 44,
  kHttpVersionRefused = 45,  // HTTP/2 only, and the server does not speak it
  kProxy = 46,               // the proxy refused, failed, or asked for credentials
  kAuthentication = 47,      // the OAuth 2.0 token could not be had; digest challenge unusable
  kRedirectInvalid = 48,     // Location missing, or not http(s)
  kAssertHeader = 49,
  kAssertBody = 50,
  kAssertJson = 51,
  kAssertHash = 52,
  kAssertTime = 53,
  kAssertSize = 54,
  kAssertCertificate = 55,
  kAssertVersion = 56,
  kAssertAddress = 57,
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

// One address a hop tried to connect to, in order.
struct AddressAttempt {
  std::string address;            // numeric, no brackets
  Reason reason = Reason::kNone;  // kNone: connected
  Microseconds elapsed{};         // until it connected, failed or was given up
  bool operator==(const AddressAttempt&) const = default;
};

// Of a certificate the server presented; kept when verification failed.
struct CertificateSummary {
  std::string subject;  // RFC 2253
  std::string issuer;
  std::vector<std::string> names;  // subject alternative names, at most 100
  Instant not_before;
  Instant not_after;
  std::string sha256;  // fingerprint, lower-case hex
  bool operator==(const CertificateSummary&) const = default;
};

struct ResponseHeader {
  std::string name;
  std::string value;
  bool operator==(const ResponseHeader&) const = default;
};

// One request and its answer. A check has one, and one more per redirect.
struct Hop {
  std::string url;
  std::string method;
  int status = 0;
  HttpVersion http_version = HttpVersion::kNone;
  Phases phases;  // of this hop; its total is the hop's
  std::vector<AddressAttempt> attempts;
  std::string remote_address;
  std::int16_t tls_version = 0;  // domain::TlsVersion
  std::string cipher;
  std::vector<CertificateSummary> chain;  // leaf first, as presented
  std::vector<ResponseHeader> headers;    // of the final answer
  bool reused_connection = false;
  bool operator==(const Hop&) const = default;
};

// One assertion that did not hold.
struct AssertionFailure {
  std::uint32_t index = 0;  // in MonitorSpec::assertions; UINT32_MAX: accepted_statuses
  bool degraded = false;    // its severity
  std::string message;      // "expected header x-version to equal 2, got 1"
  bool operator==(const AssertionFailure&) const = default;
};

// What a person wants to see of one check, beyond the columns of a result.
struct Details {
  std::vector<Hop> hops;  // at least the one that failed
  std::string final_url;
  std::uint64_t wire_bytes = 0;  // body bytes received, before decoding
  std::string body;              // the decoded body: whole while it is judged, its first 16 KiB in evidence
  bool body_truncated = false;
  std::vector<AssertionFailure> failures;
  std::vector<std::string> secrets;  // sent, though no specification holds them: to redact by, never kept
  bool operator==(const Details&) const = default;
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
  Details details;
};

// A measurement with its verdict: the immutable outcome of a slot.
struct CheckResult {
  Instant started_at;  // by the database's clock
  Outcome outcome = Outcome::kFailed;
  Measurement measurement;  // reason and message complete it (status, ...)
};

}  // namespace openseer::domain
