#include "store/spec_columns.h"

#include "pki/secret_box.h"

namespace openseer::store {
namespace {

// What secrets are sealed for: one never opens as another.
constexpr auto kHeaderContext = "monitor-header";
constexpr auto kBodyContext = "monitor-body";
constexpr auto kAuthContext = "monitor-auth";
constexpr auto kProxyContext = "monitor-proxy";
constexpr auto kClientKeyContext = "monitor-client-key";

// The columns of a row, one after another.
class Reader {
 public:
  Reader(const pki::SecretBox& secrets, const pg::Row& row, int first)
      : secrets_(secrets), row_(row), column_(first) {}

  template <class T>
  void read(T& into) {
    into = row_.get<T>(column_++);
  }
  template <class Enum>
  void read_enum(Enum& into) {
    into = static_cast<Enum>(row_.get<std::int16_t>(column_++));
  }
  void read_text(std::string& into) { into = row_.get<std::optional<std::string>>(column_++).value_or(""); }
  void read_sealed(std::string& into, const char* context) {
    const auto sealed = row_.get<std::optional<pg::Bytes>>(column_++);
    into = sealed ? open(*sealed, context) : "";
  }
  template <class T>
  T take() {
    return row_.get<T>(column_++);
  }
  std::string open(const pg::Bytes& sealed, const char* context) const {
    return secrets_.open(sealed.data, context);
  }

 private:
  const pki::SecretBox& secrets_;
  const pg::Row& row_;
  int column_;
};

// The one secret of a scheme.
template <class Authentication>
auto* secret_of(Authentication& authentication) {
  switch (authentication.scheme) {
    case domain::AuthScheme::kBasic:
    case domain::AuthScheme::kDigest:
      return &authentication.password;
    case domain::AuthScheme::kBearer:
      return &authentication.token;
    case domain::AuthScheme::kOauth2:
      return &authentication.client_secret;
    case domain::AuthScheme::kNone:
      break;
  }
  return decltype(&authentication.password){};
}

void read_request(Reader& in, domain::MonitorSpec& spec) {
  in.read(spec.name);
  in.read(spec.url);
  in.read(spec.method);
  spec.interval = std::chrono::duration_cast<Seconds>(in.take<Microseconds>());
  spec.timeout = Milliseconds{in.take<std::int32_t>()};
  const auto names = in.take<std::vector<std::string>>();
  const auto values = in.take<std::vector<pg::Bytes>>();
  const auto sensitive = in.take<std::vector<bool>>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    spec.headers.push_back({names[i], in.open(values.at(i), kHeaderContext), sensitive.at(i)});
  }
  in.read_sealed(spec.body, kBodyContext);
  in.read_enum(spec.body_type);
  const auto statuses = in.take<std::vector<std::int32_t>>();
  for (std::size_t i = 0; i + 1 < statuses.size(); i += 2) {
    spec.accepted_statuses.push_back({statuses[i], statuses[i + 1]});
  }
  spec.max_redirects = in.take<std::int16_t>();
  in.read(spec.reuse_connection);
}

void read_authentication(Reader& in, domain::Authentication& authentication) {
  std::string secret;
  in.read_enum(authentication.scheme);
  in.read_text(authentication.username);
  in.read_sealed(secret, kAuthContext);
  in.read_text(authentication.token_url);
  in.read_text(authentication.client_id);
  in.read_text(authentication.scope);
  in.read_text(authentication.audience);
  if (std::string* const into = secret_of(authentication)) *into = std::move(secret);
}

void read_connection(Reader& in, domain::MonitorSpec& spec) {
  in.read_text(spec.proxy.url);
  in.read_text(spec.proxy.username);
  in.read_sealed(spec.proxy.password, kProxyContext);
  in.read_enum(spec.http);
  in.read_enum(spec.ip_family);
  in.read_text(spec.connect_address);
  in.read_text(spec.dns_server);
  in.read_enum(spec.tls.minimum);
  in.read(spec.tls.skip_verification);
  in.read_text(spec.tls.server_name);
  in.read_text(spec.tls.ca_pem);
  in.read_text(spec.tls.client_certificate_pem);
  in.read_sealed(spec.tls.client_key_pem, kClientKeyContext);
}

void read_assertions(Reader& in, std::vector<domain::Assertion>& assertions) {
  const auto sources = in.take<std::vector<std::int16_t>>();
  const auto properties = in.take<std::vector<std::string>>();
  const auto comparisons = in.take<std::vector<std::int16_t>>();
  const auto targets = in.take<std::vector<std::string>>();
  const auto severities = in.take<std::vector<std::int16_t>>();
  for (std::size_t i = 0; i < sources.size(); ++i) {
    assertions.push_back({static_cast<domain::Source>(sources[i]), properties.at(i),
                          static_cast<domain::Comparison>(comparisons.at(i)), targets.at(i),
                          static_cast<domain::Severity>(severities.at(i))});
  }
}

std::optional<std::string> text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<pg::Bytes> sealed_or_null(const pki::SecretBox& secrets, const std::string& secret,
                                        const char* context) {
  if (secret.empty()) return std::nullopt;
  return pg::Bytes{secrets.seal(secret, context)};
}

template <class... T>
void append(pg::Params& params, const T&... values) {
  (params.push_back(pg::param(values)), ...);
}

void write_request(const pki::SecretBox& secrets, const domain::MonitorSpec& spec, pg::Params& params) {
  std::vector<std::string> names;
  std::vector<pg::Bytes> values;
  std::vector<bool> sensitive;
  for (const domain::Header& header : spec.headers) {
    names.push_back(header.name);
    values.push_back({secrets.seal(header.value, kHeaderContext)});
    sensitive.push_back(header.sensitive);
  }
  std::vector<std::int32_t> statuses;
  for (const domain::StatusRange& range : spec.accepted_statuses) {
    statuses.push_back(range.first);
    statuses.push_back(range.last);
  }
  append(params, spec.name, spec.url, spec.method, spec.interval,
         static_cast<std::int32_t>(spec.timeout.count()), names, values, sensitive,
         sealed_or_null(secrets, spec.body, kBodyContext), static_cast<std::int16_t>(spec.body_type),
         statuses, static_cast<std::int16_t>(spec.max_redirects), spec.reuse_connection);
}

void write_connection(const pki::SecretBox& secrets, const domain::MonitorSpec& spec, pg::Params& params) {
  const domain::Authentication& auth = spec.authentication;
  const std::string* const secret = secret_of(auth);
  append(params, static_cast<std::int16_t>(auth.scheme), text_or_null(auth.username),
         sealed_or_null(secrets, secret != nullptr ? *secret : "", kAuthContext),
         text_or_null(auth.token_url), text_or_null(auth.client_id), text_or_null(auth.scope),
         text_or_null(auth.audience));
  append(params, text_or_null(spec.proxy.url), text_or_null(spec.proxy.username),
         sealed_or_null(secrets, spec.proxy.password, kProxyContext), static_cast<std::int16_t>(spec.http),
         static_cast<std::int16_t>(spec.ip_family), text_or_null(spec.connect_address),
         text_or_null(spec.dns_server));
  append(params, static_cast<std::int16_t>(spec.tls.minimum), spec.tls.skip_verification,
         text_or_null(spec.tls.server_name), text_or_null(spec.tls.ca_pem),
         text_or_null(spec.tls.client_certificate_pem),
         sealed_or_null(secrets, spec.tls.client_key_pem, kClientKeyContext));
}

void write_assertions(const std::vector<domain::Assertion>& assertions, pg::Params& params) {
  std::vector<std::int16_t> sources, comparisons, severities;
  std::vector<std::string> properties, targets;
  for (const domain::Assertion& assertion : assertions) {
    sources.push_back(static_cast<std::int16_t>(assertion.source));
    properties.push_back(assertion.property);
    comparisons.push_back(static_cast<std::int16_t>(assertion.comparison));
    targets.push_back(assertion.target);
    severities.push_back(static_cast<std::int16_t>(assertion.severity));
  }
  append(params, sources, properties, comparisons, targets, severities);
}

}  // namespace

domain::MonitorSpec read_spec(const pki::SecretBox& secrets, const pg::Row& row, int first) {
  Reader in(secrets, row, first);
  domain::MonitorSpec spec;
  read_request(in, spec);
  read_authentication(in, spec.authentication);
  read_connection(in, spec);
  read_assertions(in, spec.assertions);
  spec.retries.count = in.take<std::int16_t>();
  spec.retries.pause = Milliseconds{in.take<std::int32_t>()};
  in.read(spec.tags);
  return spec;
}

void write_spec(const pki::SecretBox& secrets, const domain::MonitorSpec& spec, pg::Params& params) {
  write_request(secrets, spec, params);
  write_connection(secrets, spec, params);
  write_assertions(spec.assertions, params);
  append(params, static_cast<std::int16_t>(spec.retries.count),
         static_cast<std::int32_t>(spec.retries.pause.count()), spec.tags);
}

}  // namespace openseer::store
