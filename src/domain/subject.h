#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "domain/redactor.h"
#include "domain/result.h"

namespace openseer::domain {

// What assertions look at in one measurement. What costs something (JSON, hash)
// is worked out when it is first asked for. Measurement and redactor must outlive it.
class Subject {
 public:
  Subject(const Measurement& found, Instant started_at, const Redactor& redactor)
      : found_(found), started_at_(started_at), redactor_(redactor) {}

  const Measurement& found() const { return found_; }
  // For what a message shows of the answer.
  const Redactor& redactor() const { return redactor_; }
  // Repeated ones joined by ", "; nothing when there is none.
  std::optional<std::string> header(std::string_view name) const;
  std::string_view body() const { return found_.details.body; }
  // The body's JSON; null when json_fault() says why.
  const boost::json::value* json();
  const std::string& json_fault() const { return json_fault_; }
  const std::string& body_sha256();
  // Whole days, rounded down; of the final hop's leaf.
  std::optional<std::int64_t> certificate_days_left() const;
  std::optional<std::string_view> certificate_issuer() const;
  std::string_view http_version() const;  // empty: none
  std::string_view tls_version() const;   // empty: none

 private:
  const Hop* last_hop() const { return found_.details.hops.empty() ? nullptr : &found_.details.hops.back(); }

  const Measurement& found_;
  Instant started_at_;
  const Redactor& redactor_;
  std::optional<boost::json::value> json_;
  bool json_read_ = false;
  std::string json_fault_;
  std::string sha256_;
};

}  // namespace openseer::domain
