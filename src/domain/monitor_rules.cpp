// validate(): what a specification must satisfy before it is saved. The limits
// are those of proto/openseer/v1/monitor_service.proto.

#include <algorithm>
#include <array>

#include <boost/json/parse.hpp>

#include "domain/assertion.h"
#include "domain/connection_rules.h"
#include "domain/monitor.h"
#include "domain/text.h"
#include "domain/url.h"

namespace openseer::domain {
namespace {

constexpr std::size_t kMaxNameCharacters = 200;
constexpr std::size_t kMaxHeaders = 50;
constexpr std::size_t kMaxHeaderBytes = 16 * 1024;
constexpr std::size_t kMaxBodyBytes = 64 * 1024;
constexpr std::size_t kMaxStatusRanges = 20;
constexpr std::size_t kMaxRegions = 100;
constexpr std::size_t kMaxEchoed = 63;  // bytes of a wrong value that a message repeats
constexpr std::size_t kMaxMethodBytes = 32;
constexpr int kMaxRedirects = 20;
constexpr std::size_t kMaxAssertions = 50;
constexpr int kMaxRetries = 3;
constexpr Milliseconds kMaxPause{60'000};
constexpr std::size_t kMaxTagCharacters = 50;
constexpr Seconds kMinInterval{1};
constexpr Seconds kMaxInterval{24 * 60 * 60};
constexpr Milliseconds kMinTimeout{100};
constexpr Milliseconds kMaxTimeout{60'000};

// They frame the message or the connection, which belongs to the probe.
constexpr std::array<std::string_view, 11> kOwnHeaders{
    "connection", "content-length",      "expect",           "http2-settings",
    "keep-alive", "proxy-authorization", "proxy-connection", "te",
    "trailer",    "transfer-encoding",   "upgrade"};

class Rules {
 public:
  Rules(const MonitorSpec& spec, std::string_view prefix) : spec_(spec), faults_(prefix) {}

  std::vector<FieldViolation> check(const std::vector<std::string>& known_regions) {
    check_name();
    if (std::string fault = url_fault(spec_.url); !fault.empty()) add("url", std::move(fault));
    check_method();
    check_times();
    check_headers();
    check_statuses();
    check_regions(known_regions);
    if (spec_.max_redirects < 0 || spec_.max_redirects > kMaxRedirects) {
      add("max_redirects", "must be 0 to " + std::to_string(kMaxRedirects));
    }
    check_authentication(spec_, faults_);
    check_connection(spec_, faults_);
    check_tls(spec_, faults_);
    check_assertions();
    check_retries();
    check_tags();
    return faults_.take();
  }

 private:
  void add(std::string_view field, std::string description) { faults_.add(field, std::move(description)); }

  void check_name();
  void check_method();
  void check_times();
  void check_headers();
  void check_header(const Header& header, const std::string& path);
  void check_statuses();
  void check_regions(const std::vector<std::string>& known);
  void check_assertions();
  void check_retries();
  void check_tags();

  const MonitorSpec& spec_;
  Faults faults_;
};

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

// Code points of UTF-8 text.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string indexed(std::string_view field, std::size_t index) {
  return std::string(field) + "[" + std::to_string(index) + "]";
}

void Rules::check_name() {
  if (spec_.name.empty()) {
    // complete() takes it from the URL, so without one the URL's fault says it all.
    if (!host_of(spec_.url).empty()) add("name", "must not be empty");
  } else if (characters(spec_.name) > kMaxNameCharacters) {
    add("name", "must be at most " + std::to_string(kMaxNameCharacters) + " characters");
  } else if (std::ranges::any_of(spec_.name, is_control)) {
    add("name", "must not contain a line break or another control character");
  }
}

void Rules::check_method() {
  if (!is_token(spec_.method) || spec_.method.size() > kMaxMethodBytes) {
    add("method", "must be a method such as GET, at most 32 letters, digits and !#$%&'*+-.^_`|~");
  } else if (spec_.method == "CONNECT") {
    add("method", "must not be CONNECT, which asks a proxy and no target");
  }
  if (spec_.body.size() > kMaxBodyBytes) {
    add("body", "must be at most 64 KiB");
  } else if (!spec_.body.empty() && (spec_.method == "GET" || spec_.method == "HEAD")) {
    add("body", "must be empty for " + spec_.method);
  } else if (spec_.body_type == BodyType::kJson && !spec_.body.empty()) {
    boost::system::error_code error;
    boost::json::parse(spec_.body, error);
    if (error) add("body", "must be JSON (" + error.message() + ")");
  }
}

void Rules::check_times() {
  const bool interval_valid = spec_.interval >= kMinInterval && spec_.interval <= kMaxInterval;
  if (!interval_valid) add("interval", "must be 1 s to 24 h");
  if (spec_.timeout < kMinTimeout || spec_.timeout > kMaxTimeout) {
    add("timeout", "must be 100 ms to 60 s");
  } else if (interval_valid && spec_.timeout > spec_.interval) {
    add("timeout", "must be at most the interval (" + std::to_string(spec_.interval.count()) + " s)");
  }
}

void Rules::check_headers() {
  if (spec_.headers.size() > kMaxHeaders) {
    add("headers", "must be at most " + std::to_string(kMaxHeaders));
    return;
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < spec_.headers.size(); ++i) {
    bytes += spec_.headers[i].name.size() + spec_.headers[i].value.size();
    check_header(spec_.headers[i], indexed("headers", i));
  }
  if (bytes > kMaxHeaderBytes) add("headers", "must be at most 16 KiB in all");
}

void Rules::check_header(const Header& header, const std::string& path) {
  const std::string name = lower(header.name);
  if (header.name.empty()) {
    add(path + ".name", "must not be empty");
  } else if (!is_token(header.name)) {
    add(path + ".name", header.name.find_first_of("\r\n") != std::string::npos
                            ? "must not contain a line break"
                            : "must consist of letters, digits and !#$%&'*+-.^_`|~");
  } else if (std::ranges::find(kOwnHeaders, name) != kOwnHeaders.end()) {
    add(path + ".name", "must not be " + header.name + ", which the check sets by itself");
  }
  if (header.value.find_first_of("\r\n") != std::string::npos) {
    add(path + ".value", "must not contain a line break");
  } else if (std::ranges::any_of(header.value, [](char c) { return is_control(c) && c != '\t'; })) {
    add(path + ".value", "must not contain a control character");
  } else if (name == "host" && header.value.find_first_not_of(" \t") == std::string::npos) {
    add(path + ".value", "must not be empty for Host");
  }
}

void Rules::check_statuses() {
  if (spec_.accepted_statuses.size() > kMaxStatusRanges) {
    add("accepted_statuses", "must be at most " + std::to_string(kMaxStatusRanges) + " ranges");
    return;
  }
  for (std::size_t i = 0; i < spec_.accepted_statuses.size(); ++i) {
    const StatusRange& range = spec_.accepted_statuses[i];
    const std::string path = indexed("accepted_statuses", i);
    if (range.first < 100 || range.last > 599 || range.last < 100 || range.first > 599) {
      add(path, "must be within 100 to 599");
    } else if (range.first > range.last) {
      add(path, "must not end before it starts (" + std::to_string(range.first) + "-" +
                    std::to_string(range.last) + ")");
    }
  }
}

void Rules::check_regions(const std::vector<std::string>& known) {
  if (spec_.regions.size() > kMaxRegions) {
    add("regions", "must be at most " + std::to_string(kMaxRegions));
    return;
  }
  for (std::size_t i = 0; i < spec_.regions.size(); ++i) {
    if (std::ranges::find(known, spec_.regions[i]) != known.end()) continue;
    add(indexed("regions", i), spec_.regions[i].size() > kMaxEchoed
                                   ? "must be a known region"
                                   : "must be a known region, which \"" + spec_.regions[i] + "\" is not");
  }
}

void Rules::check_assertions() {
  if (spec_.assertions.size() > kMaxAssertions) {
    add("assertions", "must be at most " + std::to_string(kMaxAssertions));
    return;
  }
  for (std::size_t i = 0; i < spec_.assertions.size(); ++i) {
    std::vector<AssertionFault> found;
    const ReadyAssertion ready(spec_.assertions[i], found);
    for (AssertionFault& fault : found)
      add(indexed("assertions", i) + "." + fault.field, std::move(fault.description));
  }
}

// "4 attempts of 10 s" and the pauses between them.
void Rules::check_retries() {
  const Retries& retries = spec_.retries;
  if (retries.count < 0 || retries.count > kMaxRetries) {
    add("retries.count", "must be 0 to " + std::to_string(kMaxRetries));
    return;
  }
  if (retries.pause < Milliseconds{0} || retries.pause > kMaxPause) {
    add("retries.pause", "must be 0 to 60 s");
    return;
  }
  const Milliseconds all = spec_.timeout * (retries.count + 1) + retries.pause * retries.count;
  if (retries.count > 0 && all > spec_.interval) {
    const auto seconds = [](Milliseconds time) {
      return number_text(static_cast<double>(time.count()) / 1000.0) + " s";
    };
    add("retries", "must fit into the interval of " + seconds(spec_.interval) + ": " +
                       std::to_string(retries.count + 1) + " attempts of " + seconds(spec_.timeout) +
                       " with their pauses take up to " + seconds(all));
  }
}

void Rules::check_tags() {
  if (spec_.tags.size() > kMaxTags) {
    add("tags", "must be at most " + std::to_string(kMaxTags));
    return;
  }
  for (std::size_t i = 0; i < spec_.tags.size(); ++i) {
    const std::string& tag = spec_.tags[i];
    if (tag.empty() || characters(tag) > kMaxTagCharacters)
      add(indexed("tags", i), "must be 1 to " + std::to_string(kMaxTagCharacters) + " characters");
    else if (std::ranges::any_of(tag, is_control))
      add(indexed("tags", i), "must not contain a line break or another control character");
  }
}

}  // namespace

std::vector<FieldViolation> validate(const MonitorSpec& spec, const std::vector<std::string>& known_regions,
                                     std::string_view prefix) {
  return Rules(spec, prefix).check(known_regions);
}

}  // namespace openseer::domain
