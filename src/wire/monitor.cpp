#include "wire/monitor.h"

#include "wire/monitor_parts.h"
#include "wire/time.h"

namespace openseer::wire {
namespace {

constexpr Seconds kDefaultInterval{60};
constexpr Milliseconds kDefaultTimeout{10'000};
constexpr int kDefaultRedirects = 10;
constexpr std::uint32_t kLargestStatus = 999;
constexpr std::uint32_t kLargestRedirects = 1000;

Seconds interval_of(const v1::MonitorSpec& spec, Violations& violations) {
  if (!spec.has_interval()) return kDefaultInterval;
  const auto interval = from_proto(spec.interval());
  if (!interval || *interval < Seconds{0} || *interval > std::chrono::hours{24}) {
    violations.add("interval", "must be from 1 second to 24 hours");
  } else if (spec.interval().nanos() != 0) {
    violations.add("interval", "must be a whole number of seconds");
  } else {
    return std::chrono::duration_cast<Seconds>(*interval);
  }
  return kDefaultInterval;
}

Milliseconds timeout_of(const v1::MonitorSpec& spec, Seconds interval, Violations& violations) {
  const Milliseconds fallback = std::min<Milliseconds>(kDefaultTimeout, interval);
  if (!spec.has_timeout()) return fallback;
  const auto timeout = from_proto(spec.timeout());
  if (!timeout || *timeout < Milliseconds{0} || *timeout > std::chrono::hours{24}) {
    violations.add("timeout", "must be from 100 milliseconds to 60 seconds");
  } else if (spec.timeout().nanos() % 1'000'000 != 0) {
    violations.add("timeout", "must be a whole number of milliseconds");
  } else {
    return std::chrono::duration_cast<Milliseconds>(*timeout);
  }
  return fallback;
}

std::vector<domain::StatusRange> statuses_of(const v1::MonitorSpec& spec, Violations& violations) {
  std::vector<domain::StatusRange> ranges;
  for (int i = 0; i < spec.accepted_statuses_size(); ++i) {
    const v1::StatusRange& range = spec.accepted_statuses(i);
    if (range.first() > kLargestStatus || range.last() > kLargestStatus) {
      violations.add("accepted_statuses[" + std::to_string(i) + "]", "must be within 100 to 599");
      continue;
    }
    ranges.push_back({static_cast<int>(range.first()), static_cast<int>(range.last())});
  }
  return ranges;
}

int redirects_of(const v1::MonitorSpec& spec, Violations& violations) {
  if (!spec.has_max_redirects()) return kDefaultRedirects;
  if (spec.max_redirects() <= kLargestRedirects) return static_cast<int>(spec.max_redirects());
  violations.add("max_redirects", "must be from 0 to 20");
  return kDefaultRedirects;
}

}  // namespace

v1::MonitorSpec to_proto(const domain::MonitorSpec& spec, Secrets secrets) {
  v1::MonitorSpec proto;
  proto.set_name(spec.name);
  proto.set_url(spec.url);
  proto.set_method(spec.method);
  *proto.mutable_interval() = to_proto(Microseconds{spec.interval});
  *proto.mutable_timeout() = to_proto(Microseconds{spec.timeout});
  for (const domain::Header& header : spec.headers) {
    v1::Header& out = *proto.add_headers();
    out.set_name(header.name);
    if (!header.sensitive || secrets == Secrets::kIncluded) out.set_value(header.value);
    out.set_sensitive(header.sensitive);
  }
  proto.set_body(spec.body);
  for (const domain::StatusRange& range : spec.accepted_statuses) {
    v1::StatusRange& out = *proto.add_accepted_statuses();
    out.set_first(static_cast<std::uint32_t>(range.first));
    out.set_last(static_cast<std::uint32_t>(range.last));
  }
  for (const std::string& region : spec.regions) proto.add_regions(region);
  proto.set_max_redirects(static_cast<std::uint32_t>(spec.max_redirects));
  const bool secrets_too = secrets == Secrets::kIncluded;
  proto.set_body_type(static_cast<v1::BodyType>(spec.body_type));
  write_authentication(spec.authentication, secrets_too, proto);
  write_connection(spec, secrets_too, proto);
  write_assertions(spec, proto);
  write_retries(spec.retries, proto);
  for (const std::string& tag : spec.tags) proto.add_tags(tag);
  return proto;
}

domain::MonitorSpec from_proto(const v1::MonitorSpec& proto, std::string_view prefix,
                               std::vector<FieldViolation>& found) {
  Violations violations(prefix, found);
  domain::MonitorSpec spec;
  spec.name = proto.name();
  spec.url = proto.url();
  spec.method = proto.method().empty() ? "GET" : proto.method();
  spec.interval = interval_of(proto, violations);
  spec.timeout = timeout_of(proto, spec.interval, violations);
  for (const v1::Header& header : proto.headers())
    spec.headers.push_back({header.name(), header.value(), header.sensitive()});
  spec.body = proto.body();
  spec.accepted_statuses = statuses_of(proto, violations);
  spec.regions.assign(proto.regions().begin(), proto.regions().end());
  spec.max_redirects = redirects_of(proto, violations);
  if (v1::BodyType_IsValid(proto.body_type()))
    spec.body_type = static_cast<domain::BodyType>(proto.body_type());
  else
    violations.add("body_type", "must be one of the types that the API has");
  spec.authentication = read_authentication(proto.authentication());
  read_connection(proto, violations, spec);
  read_assertions(proto, violations, spec);
  read_retries(proto, violations, spec);
  spec.tags.assign(proto.tags().begin(), proto.tags().end());
  return spec;
}

Result<domain::MonitorSpec> from_proto(const v1::MonitorSpec& proto, std::string_view prefix) {
  std::vector<FieldViolation> violations;
  domain::MonitorSpec spec = from_proto(proto, prefix, violations);
  if (!violations.empty()) return invalid(std::move(violations));
  return spec;
}

}  // namespace openseer::wire
