#include "control/api/sensitive_headers.h"

#include <map>
#include <vector>

namespace openseer::control {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

bool is_always_sensitive(std::string_view header) {
  const std::string name = lower(header);
  if (name == "authorization" || name == "cookie" || name == "proxy-authorization") return true;
  for (const std::string_view part : {"api-key", "apikey", "api_key", "token", "secret", "password"}) {
    if (name.find(part) != std::string::npos) return true;
  }
  return false;
}

void mark_sensitive(domain::MonitorSpec& spec) {
  for (domain::Header& header : spec.headers) {
    header.sensitive = header.sensitive || is_always_sensitive(header.name);
  }
}

namespace {

void keep(std::string& secret, const std::string& stored) {
  if (secret.empty()) secret = stored;
}

void keep_stored_secrets(domain::MonitorSpec& spec, const domain::MonitorSpec& stored) {
  if (spec.authentication.scheme == stored.authentication.scheme) {
    keep(spec.authentication.password, stored.authentication.password);
    keep(spec.authentication.token, stored.authentication.token);
    keep(spec.authentication.client_secret, stored.authentication.client_secret);
  }
  if (!spec.proxy.username.empty()) keep(spec.proxy.password, stored.proxy.password);
  if (!spec.tls.client_certificate_pem.empty()) keep(spec.tls.client_key_pem, stored.tls.client_key_pem);
}

}  // namespace

std::vector<FieldViolation> keep_stored_values(domain::MonitorSpec& spec, const domain::MonitorSpec& stored) {
  keep_stored_secrets(spec, stored);
  std::map<std::string, std::vector<std::string>> values;
  for (const domain::Header& header : stored.headers) {
    if (header.sensitive) values[lower(header.name)].push_back(header.value);
  }
  std::vector<FieldViolation> violations;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < spec.headers.size(); ++i) {
    domain::Header& header = spec.headers[i];
    if (!header.sensitive) continue;
    const std::string name = lower(header.name);
    const std::vector<std::string>& kept = values[name];
    const std::size_t nth = seen[name]++;
    if (!header.value.empty()) continue;
    if (nth < kept.size()) {
      header.value = kept[nth];
    } else {
      violations.push_back({"spec.headers[" + std::to_string(i) + "].value",
                            "must be given: there is no stored value for this name"});
    }
  }
  return violations;
}

}  // namespace openseer::control
