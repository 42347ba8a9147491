#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/result.h"

// What a user wants watched: the specification, its rules and its verdict.
namespace openseer::domain {

struct Header {
  std::string name;
  std::string value;
  bool sensitive = false;  // never sent back to a browser
  bool operator==(const Header&) const = default;
};

// first..last, both included.
struct StatusRange {
  int first = 200;
  int last = 299;
  bool operator==(const StatusRange&) const = default;
};

// Any worker, wherever it is.
inline constexpr std::string_view kGlobalRegion = "global";

// What the body is: it decides the Content-Type that is sent unless a header does.
enum class BodyType : std::int16_t { kText = 0, kJson = 1, kForm = 2, kBinary = 3 };

enum class AuthScheme : std::int16_t { kNone = 0, kBasic = 1, kDigest = 2, kBearer = 3, kOauth2 = 4 };

// How a check authenticates with its target. Secrets are sealed at rest and never
// sent back to a browser. Sent to the monitor's own origin only.
struct Authentication {
  AuthScheme scheme = AuthScheme::kNone;
  std::string username;   // basic, digest
  std::string password;   // basic, digest; secret
  std::string token;      // bearer; secret
  std::string token_url;  // OAuth 2.0 client credentials (RFC 6749, section 4.4): http or https
  std::string client_id;
  std::string client_secret;  // secret
  std::string scope;
  std::string audience;
  bool operator==(const Authentication&) const = default;
};

// An HTTP proxy (absolute form for http targets, CONNECT for https) or SOCKS5.
struct Proxy {
  std::string url;  // "http://host:port" or "socks5://host:port"; empty: none
  std::string username;
  std::string password;  // secret
  bool operator==(const Proxy&) const = default;
};

enum class HttpPolicy : std::int16_t {
  kPrefer2 = 0,  // HTTP/2 where TLS negotiates it, else HTTP/1.1
  kOnly1_1 = 1,
  kOnly2 = 2,           // by ALPN; fails where the server does not speak it
  kPriorKnowledge2 = 3  // HTTP/2 from the first byte, also without TLS
};

enum class IpFamily : std::int16_t { kAny = 0, kIpv4 = 1, kIpv6 = 2 };

enum class TlsVersion : std::int16_t { kNone = 0, k1_0 = 1, k1_1 = 2, k1_2 = 3, k1_3 = 4 };

struct TlsSettings {
  TlsVersion minimum = TlsVersion::k1_2;
  bool skip_verification = false;  // dangerous; shown loudly
  std::string server_name;         // SNI and the name verified; empty: the URL's host
  std::string ca_pem;              // trusted instead of the worker's own; empty: the worker's
  std::string client_certificate_pem;
  std::string client_key_pem;  // secret
  bool operator==(const TlsSettings&) const = default;
};

// What an assertion looks at.
enum class Source : std::int16_t {
  kStatus = 1,      // status code
  kHeader = 2,      // the response header named by `property`, repeated ones joined by ", "
  kBody = 3,        // the decoded body as text
  kJson = 4,        // what the JSONPath (RFC 9535) in `property` selects
  kBodySha256 = 5,  // lower-case hex of the decoded body
  kTotalTime = 6,   // milliseconds, as all times
  kDnsTime = 7,
  kConnectTime = 8,
  kTlsTime = 9,
  kWaitTime = 10,
  kDownloadTime = 11,
  kBodySize = 12,             // decoded bytes
  kCertificateDaysLeft = 13,  // of the leaf
  kCertificateIssuer = 14,    // of the leaf, RFC 2253
  kHttpVersion = 15,          // "1.0", "1.1", "2"
  kTlsVersion = 16,           // "1.0" .. "1.3"
  kRemoteAddress = 17,
};

enum class Comparison : std::int16_t {
  kEquals = 1,
  kNotEquals = 2,
  kContains = 3,
  kNotContains = 4,
  kMatches = 5,  // RE2 finds it somewhere
  kNotMatches = 6,
  kExists = 7,
  kNotExists = 8,
  kLess = 9,
  kLessOrEqual = 10,
  kGreater = 11,
  kGreaterOrEqual = 12,
  kIn = 13,  // status: "200-299,304,5xx"; address: a CIDR list; else a list separated by commas
};

enum class Severity : std::int16_t { kFail = 1, kDegraded = 2 };

// Judges a probe. `target` is what `comparison` compares with, as text.
struct Assertion {
  Source source = Source::kStatus;
  std::string property;  // header name or JSONPath; empty for others
  Comparison comparison = Comparison::kEquals;
  std::string target;
  Severity severity = Severity::kFail;
  bool operator==(const Assertion&) const = default;
};

// Attempts after a failed one within the same slot, on another worker of the
// region where there is one.
struct Retries {
  int count = 0;          // 0 to 3
  Milliseconds pause{0};  // before each
  bool operator==(const Retries&) const = default;
};

inline constexpr std::size_t kMaxTags = 20;

struct MonitorSpec {
  std::string name;
  std::string url;
  std::string method = "GET";  // any token of RFC 9110
  Seconds interval{60};
  Milliseconds timeout{10'000};
  std::vector<Header> headers;  // repeated ones are sent repeatedly; they override ours, Host included
  std::string body;             // the bytes that are sent
  BodyType body_type = BodyType::kText;
  Authentication authentication;
  Proxy proxy;
  HttpPolicy http = HttpPolicy::kPrefer2;
  IpFamily ip_family = IpFamily::kAny;
  std::string connect_address;  // connects there instead of where the URL's host resolves to; empty: resolves
  std::string dns_server;       // "address" or "address:port"; empty: the worker's
  int max_redirects = 10;
  bool reuse_connection = false;  // keeps the connection for the next check
  TlsSettings tls;
  std::vector<StatusRange> accepted_statuses;  // empty: 200..299, unless an assertion is about the status
  std::vector<Assertion> assertions;
  Retries retries;
  std::vector<std::string> regions;  // empty: {kGlobalRegion}
  std::vector<std::string> tags;     // sorted, once each; for people to group by
  bool operator==(const MonitorSpec&) const = default;
};

// Fills what may be left out (name from the URL's host, regions) and puts lists
// into their stored form (regions sorted, once each).
void complete(MonitorSpec& spec);

// Everything wrong with a completed `spec`, with paths below `prefix`
// ("spec.url"); empty when it may be saved. `known_regions` includes kGlobalRegion.
std::vector<FieldViolation> validate(const MonitorSpec& spec, const std::vector<std::string>& known_regions,
                                     std::string_view prefix);

// Judges a measurement by the accepted statuses and the assertions, all of them.
// A measurement that failed by itself keeps its reason. Otherwise the first broken
// one with severity kFail, else the first with kDegraded, gives reason and message
// ("expected 200-299, got 503"); `failures` of the details lists every one.
CheckResult judge(const MonitorSpec& spec, Measurement measurement, Instant started_at);

}  // namespace openseer::domain
