#include "wire/monitor_parts.h"

#include "wire/time.h"

namespace openseer::wire {
namespace {

constexpr std::uint32_t kLargestCount = 1000;

std::string indexed(std::string_view field, int index, std::string_view part) {
  return std::string(field) + "[" + std::to_string(index) + "]." + std::string(part);
}

void write_password(const domain::Authentication& from, bool secrets, v1::Authentication::UserPassword& to) {
  to.set_username(from.username);
  if (secrets) to.set_password(from.password);
}

void write_oauth2(const domain::Authentication& from, bool secrets, v1::Authentication::OAuth2& to) {
  to.set_token_url(from.token_url);
  to.set_client_id(from.client_id);
  if (secrets) to.set_client_secret(from.client_secret);
  to.set_scope(from.scope);
  to.set_audience(from.audience);
}

void write_tls(const domain::TlsSettings& from, bool secrets, v1::MonitorSpec& to) {
  to.set_skip_tls_verification(from.skip_verification);
  v1::TlsSettings tls;
  // What is absent says the same.
  if (from.minimum != domain::TlsVersion::k1_2) tls.set_minimum(static_cast<v1::TlsVersion>(from.minimum));
  tls.set_server_name(from.server_name);
  tls.set_ca_pem(from.ca_pem);
  tls.set_client_certificate_pem(from.client_certificate_pem);
  if (secrets) tls.set_client_key_pem(from.client_key_pem);
  if (tls.ByteSizeLong() > 0) *to.mutable_tls() = std::move(tls);
}

domain::Authentication read_password(domain::AuthScheme scheme,
                                     const v1::Authentication::UserPassword& proto) {
  domain::Authentication out;
  out.scheme = scheme;
  out.username = proto.username();
  out.password = proto.password();
  return out;
}

domain::Authentication read_oauth2(const v1::Authentication::OAuth2& proto) {
  domain::Authentication out;
  out.scheme = domain::AuthScheme::kOauth2;
  out.token_url = proto.token_url();
  out.client_id = proto.client_id();
  out.client_secret = proto.client_secret();
  out.scope = proto.scope();
  out.audience = proto.audience();
  return out;
}

void read_tls(const v1::MonitorSpec& from, Violations& violations, domain::TlsSettings& to) {
  const v1::TlsSettings& proto = from.tls();
  to.skip_verification = from.skip_tls_verification();
  if (!v1::TlsVersion_IsValid(proto.minimum())) {
    violations.add("tls.minimum", "must be one of the versions that the API has");
  } else if (proto.minimum() != v1::TLS_VERSION_UNSPECIFIED) {
    to.minimum = static_cast<domain::TlsVersion>(proto.minimum());
  }
  to.server_name = proto.server_name();
  to.ca_pem = proto.ca_pem();
  to.client_certificate_pem = proto.client_certificate_pem();
  to.client_key_pem = proto.client_key_pem();
}

}  // namespace

void write_authentication(const domain::Authentication& from, bool secrets, v1::MonitorSpec& to) {
  switch (from.scheme) {
    case domain::AuthScheme::kNone:
      return;
    case domain::AuthScheme::kBasic:
      return write_password(from, secrets, *to.mutable_authentication()->mutable_basic());
    case domain::AuthScheme::kDigest:
      return write_password(from, secrets, *to.mutable_authentication()->mutable_digest());
    case domain::AuthScheme::kBearer:
      to.mutable_authentication()->mutable_bearer()->set_token(secrets ? from.token : "");
      return;
    case domain::AuthScheme::kOauth2:
      return write_oauth2(from, secrets, *to.mutable_authentication()->mutable_oauth2());
  }
}

void write_connection(const domain::MonitorSpec& from, bool secrets, v1::MonitorSpec& to) {
  if (!from.proxy.url.empty()) {
    to.mutable_proxy()->set_url(from.proxy.url);
    to.mutable_proxy()->set_username(from.proxy.username);
    if (secrets) to.mutable_proxy()->set_password(from.proxy.password);
  }
  to.set_http(static_cast<v1::HttpPolicy>(from.http));
  to.set_ip_family(static_cast<v1::IpFamily>(from.ip_family));
  to.set_connect_address(from.connect_address);
  to.set_dns_server(from.dns_server);
  to.set_reuse_connection(from.reuse_connection);
  write_tls(from.tls, secrets, to);
}

void write_assertions(const domain::MonitorSpec& from, v1::MonitorSpec& to) {
  for (const domain::Assertion& assertion : from.assertions) {
    v1::Assertion& out = *to.add_assertions();
    out.set_source(static_cast<v1::Source>(assertion.source));
    out.set_property(assertion.property);
    out.set_comparison(static_cast<v1::Comparison>(assertion.comparison));
    out.set_target(assertion.target);
    out.set_severity(static_cast<v1::Severity>(assertion.severity));
  }
}

void write_retries(const domain::Retries& from, v1::MonitorSpec& to) {
  if (from == domain::Retries{}) return;
  to.mutable_retries()->set_count(static_cast<std::uint32_t>(from.count));
  *to.mutable_retries()->mutable_pause() = to_proto(Microseconds{from.pause});
}

domain::Authentication read_authentication(const v1::Authentication& proto) {
  domain::Authentication bearer;
  switch (proto.scheme_case()) {
    case v1::Authentication::SCHEME_NOT_SET:
      break;
    case v1::Authentication::kBasic:
      return read_password(domain::AuthScheme::kBasic, proto.basic());
    case v1::Authentication::kDigest:
      return read_password(domain::AuthScheme::kDigest, proto.digest());
    case v1::Authentication::kBearer:
      bearer.scheme = domain::AuthScheme::kBearer;
      bearer.token = proto.bearer().token();
      return bearer;
    case v1::Authentication::kOauth2:
      return read_oauth2(proto.oauth2());
  }
  return {};
}

void read_connection(const v1::MonitorSpec& from, Violations& violations, domain::MonitorSpec& to) {
  to.proxy = {from.proxy().url(), from.proxy().username(), from.proxy().password()};
  if (v1::HttpPolicy_IsValid(from.http()))
    to.http = static_cast<domain::HttpPolicy>(from.http());
  else
    violations.add("http", "must be one of the policies that the API has");
  if (v1::IpFamily_IsValid(from.ip_family()))
    to.ip_family = static_cast<domain::IpFamily>(from.ip_family());
  else
    violations.add("ip_family", "must be one of the families that the API has");
  to.connect_address = from.connect_address();
  to.dns_server = from.dns_server();
  to.reuse_connection = from.reuse_connection();
  read_tls(from, violations, to.tls);
}

void read_assertions(const v1::MonitorSpec& from, Violations& violations, domain::MonitorSpec& to) {
  for (int i = 0; i < from.assertions_size(); ++i) {
    const v1::Assertion& proto = from.assertions(i);
    const auto require = [&](bool valid, const char* part) {
      if (!valid) violations.add(indexed("assertions", i, part), "must be one of those that the API has");
    };
    require(v1::Source_IsValid(proto.source()) && proto.source() != v1::SOURCE_UNSPECIFIED, "source");
    require(v1::Comparison_IsValid(proto.comparison()) && proto.comparison() != v1::COMPARISON_UNSPECIFIED,
            "comparison");
    require(v1::Severity_IsValid(proto.severity()), "severity");
    domain::Assertion assertion;
    // Kept as they are: what follows names the assertion by its place.
    assertion.source = static_cast<domain::Source>(proto.source());
    assertion.property = proto.property();
    assertion.comparison = static_cast<domain::Comparison>(proto.comparison());
    assertion.target = proto.target();
    assertion.severity =
        proto.severity() == v1::SEVERITY_DEGRADED ? domain::Severity::kDegraded : domain::Severity::kFail;
    to.assertions.push_back(std::move(assertion));
  }
}

void read_retries(const v1::MonitorSpec& from, Violations& violations, domain::MonitorSpec& to) {
  if (from.retries().count() > kLargestCount)
    violations.add("retries.count", "must be from 0 to 3");
  else
    to.retries.count = static_cast<int>(from.retries().count());
  const auto pause = from_proto(from.retries().pause());
  if (!pause || *pause < Microseconds{0} || *pause > std::chrono::hours{24})
    violations.add("retries.pause", "must be from 0 to 60 seconds");
  else if (from.retries().pause().nanos() % 1'000'000 != 0)
    violations.add("retries.pause", "must be a whole number of milliseconds");
  else
    to.retries.pause = std::chrono::duration_cast<Milliseconds>(*pause);
}

}  // namespace openseer::wire
