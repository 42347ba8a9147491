#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/refusal.h"
#include "domain/result.h"

// What a user wants watched: the specification, its rules and its verdict.
namespace openseer::domain {

enum class HttpMethod : std::int16_t { kGet = 1, kHead, kPost, kPut, kPatch, kDelete, kOptions };
std::string_view to_string(HttpMethod method);

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

struct MonitorSpec {
  std::string name;
  std::string url;
  HttpMethod method = HttpMethod::kGet;
  Seconds interval{60};
  Milliseconds timeout{10'000};
  std::vector<Header> headers;
  std::string body;
  std::vector<StatusRange> accepted_statuses;  // empty: 200..299
  std::vector<std::string> regions;            // empty: {kGlobalRegion}
  int max_redirects = 10;
  bool skip_tls_verification = false;
  bool operator==(const MonitorSpec&) const = default;
};

// Fills what may be left out (name from the URL's host, regions) and puts lists
// into their stored form (regions sorted, once each).
void complete(MonitorSpec& spec);

// Everything wrong with a completed `spec`, with paths below `prefix`
// ("spec.url"); empty when it may be saved. `known_regions` includes kGlobalRegion.
std::vector<FieldViolation> validate(const MonitorSpec& spec, const std::vector<std::string>& known_regions,
                                     std::string_view prefix);

// Judges a measurement by the spec's assertions. A measurement that failed by
// itself keeps its reason; an answer with a status that is not accepted fails
// with kStatus and "expected 200-299, got 503".
CheckResult judge(const MonitorSpec& spec, Measurement measurement, Instant started_at);

}  // namespace openseer::domain
