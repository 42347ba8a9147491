#include "control/api/stored_secrets.h"

#include <map>
#include <vector>

#include "domain/text.h"
#include "domain/url.h"

namespace openseer::control {

bool is_always_sensitive(std::string_view header) {
  const std::string name = domain::lower(header);
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

bool newly_given(const std::string& setting, const std::string& stored) {
  return !setting.empty() && setting != stored;
}

std::string host_header(const domain::MonitorSpec& spec) {
  for (const domain::Header& header : spec.headers) {
    if (domain::lower(header.name) == "host") return header.value;
  }
  return "";
}

// Where the proxy's name and the target's lead to.
bool resolves_elsewhere(const domain::MonitorSpec& spec, const domain::MonitorSpec& stored) {
  return newly_given(spec.dns_server, stored.dns_server);
}

// A setting that is taken back leads to whom the URL names, as seen by the worker.
bool goes_elsewhere(const domain::MonitorSpec& spec, const domain::MonitorSpec& stored) {
  return domain::origin_of(spec.url) != domain::origin_of(stored.url) || resolves_elsewhere(spec, stored) ||
         newly_given(host_header(spec), host_header(stored)) ||
         newly_given(spec.connect_address, stored.connect_address) ||
         newly_given(spec.proxy.url, stored.proxy.url) ||
         newly_given(spec.tls.server_name, stored.tls.server_name) ||
         newly_given(spec.tls.ca_pem, stored.tls.ca_pem) ||
         (spec.tls.skip_verification && !stored.tls.skip_verification);
}

class Keeper {
 public:
  Keeper(domain::MonitorSpec& spec, const domain::MonitorSpec& stored)
      : spec_(spec), stored_(stored), elsewhere_(goes_elsewhere(spec, stored)) {}

  std::vector<FieldViolation> run() {
    headers();
    if (spec_.authentication.scheme == stored_.authentication.scheme) authentication();
    if (!spec_.proxy.username.empty()) {
      keep(spec_.proxy.password, stored_.proxy.password,
           spec_.proxy.url != stored_.proxy.url || resolves_elsewhere(spec_, stored_), "proxy.password");
    }
    // Is never sent to anybody.
    if (!spec_.tls.client_certificate_pem.empty())
      keep(spec_.tls.client_key_pem, stored_.tls.client_key_pem, false, "tls.client_key_pem");
    return std::move(violations_);
  }

 private:
  void keep(std::string& secret, const std::string& stored, bool elsewhere, const std::string& path) {
    if (!secret.empty() || stored.empty()) return;
    if (elsewhere) {
      violations_.push_back(
          {"spec." + path, "must be given again: it would go to another place, or another way, than before"});
    } else {
      secret = stored;
    }
  }

  void headers() {
    std::map<std::string, std::vector<std::string>> values;
    for (const domain::Header& header : stored_.headers) {
      if (header.sensitive) values[domain::lower(header.name)].push_back(header.value);
    }
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < spec_.headers.size(); ++i) {
      domain::Header& header = spec_.headers[i];
      if (!header.sensitive) continue;
      const std::string name = domain::lower(header.name);
      const std::vector<std::string>& kept = values[name];
      const std::size_t nth = seen[name]++;
      const std::string path = "headers[" + std::to_string(i) + "].value";
      if (nth < kept.size()) {
        keep(header.value, kept[nth], elsewhere_, path);
      } else if (header.value.empty()) {
        violations_.push_back({"spec." + path, "must be given: there is no stored value for this name"});
      }
    }
  }

  void authentication() {
    domain::Authentication& auth = spec_.authentication;
    const domain::Authentication& stored = stored_.authentication;
    const bool other_issuer = domain::origin_of(auth.token_url) != domain::origin_of(stored.token_url);
    const std::string user =
        auth.scheme == domain::AuthScheme::kDigest ? "authentication.digest" : "authentication.basic";
    keep(auth.password, stored.password, elsewhere_, user + ".password");
    keep(auth.token, stored.token, elsewhere_, "authentication.bearer.token");
    // The token that it buys goes to the target.
    keep(auth.client_secret, stored.client_secret, elsewhere_ || other_issuer,
         "authentication.oauth2.client_secret");
  }

  domain::MonitorSpec& spec_;
  const domain::MonitorSpec& stored_;
  const bool elsewhere_;
  std::vector<FieldViolation> violations_;
};

}  // namespace

std::vector<FieldViolation> keep_stored_secrets(domain::MonitorSpec& spec,
                                                const domain::MonitorSpec& stored) {
  return Keeper(spec, stored).run();
}

}  // namespace openseer::control
