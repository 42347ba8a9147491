// What the ways to reach a target must satisfy; the limits are those of
// proto/openseer/v1/monitor_service.proto.
#include "domain/connection_rules.h"

#include <algorithm>
#include <charconv>

#include "domain/network.h"
#include "domain/text.h"
#include "domain/url.h"

namespace openseer::domain {
namespace {

constexpr std::size_t kMostUsername = 255;  // SOCKS5's limit, too
constexpr std::size_t kMostSecret = 4096;
constexpr std::size_t kMostPem = 64 * 1024;
constexpr std::size_t kMostKeyPem = 16 * 1024;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string text_fault(std::string_view text, std::size_t most) {
  if (text.size() > most) return "must be at most " + std::to_string(most) + " bytes";
  if (std::ranges::any_of(text, is_control))
    return "must not contain a line break or another control character";
  return "";
}

std::string required_fault(std::string_view text, std::size_t most) {
  return text.empty() ? "must not be empty" : text_fault(text, most);
}

void check_user(const Authentication& auth, const std::string& path, Faults& faults) {
  faults.add_unless_empty(path + ".username", required_fault(auth.username, kMostUsername));
  if (auth.scheme == AuthScheme::kBasic && auth.username.find(':') != std::string::npos)
    faults.add(path + ".username", "must not contain a colon (RFC 7617)");
  faults.add_unless_empty(path + ".password", text_fault(auth.password, kMostSecret));
}

void check_bearer(const Authentication& auth, Faults& faults) {
  const bool visible = std::ranges::all_of(auth.token, [](char c) { return c > ' ' && c <= '~'; });
  if (std::string fault = required_fault(auth.token, kMostSecret); !fault.empty())
    faults.add("authentication.bearer.token", std::move(fault));
  else if (!visible)
    faults.add("authentication.bearer.token", "must consist of visible ASCII characters");
}

void check_oauth2(const Authentication& auth, Faults& faults) {
  const std::string path = "authentication.oauth2";
  faults.add_unless_empty(path + ".token_url", url_fault(auth.token_url));
  faults.add_unless_empty(path + ".client_id", required_fault(auth.client_id, kMostUsername));
  faults.add_unless_empty(path + ".client_secret", required_fault(auth.client_secret, kMostSecret));
  faults.add_unless_empty(path + ".scope", text_fault(auth.scope, 1024));
  faults.add_unless_empty(path + ".audience", text_fault(auth.audience, 1024));
}

// "address", "address:port" or "[address]:port".
bool is_dns_server(std::string_view text) {
  if (parse_address(text)) return true;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const std::optional<IpAddress> address = parse_address(host);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return address && address->v6 == bracketed && error == std::errc{} && end == port.data() + port.size() &&
         number >= 1 && number <= 65535;
}

void check_proxy(const MonitorSpec& spec, Faults& faults) {
  const Proxy& proxy = spec.proxy;
  if (proxy.url.empty()) {
    if (!proxy.username.empty() || !proxy.password.empty()) faults.add("proxy.url", "must not be empty");
    return;
  }
  faults.add_unless_empty("proxy.url", proxy_fault(proxy.url));
  faults.add_unless_empty("proxy.username", text_fault(proxy.username, kMostUsername));
  faults.add_unless_empty("proxy.password", text_fault(proxy.password, 255));
  if (proxy.username.empty() && !proxy.password.empty())
    faults.add("proxy.username", "must be given with a password");
  if (!spec.connect_address.empty())
    faults.add("connect_address", "must be empty with a proxy, which makes the connection");
}

bool is_family(IpFamily family, const IpAddress& address) {
  return family == IpFamily::kAny || (family == IpFamily::kIpv6) == address.v6;
}

// Visible ASCII and line breaks: what PEM consists of, with remarks between blocks.
std::string pem_fault(std::string_view pem, std::size_t most) {
  if (pem.size() > most) return "must be at most " + std::to_string(most / 1024) + " KiB";
  const bool text = std::ranges::all_of(
      pem, [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; });
  return text ? "" : "must be PEM, which is ASCII text";
}

}  // namespace

void check_authentication(const MonitorSpec& spec, Faults& faults) {
  switch (spec.authentication.scheme) {
    case AuthScheme::kNone:
      return;
    case AuthScheme::kBasic:
      check_user(spec.authentication, "authentication.basic", faults);
      break;
    case AuthScheme::kDigest:
      check_user(spec.authentication, "authentication.digest", faults);
      break;
    case AuthScheme::kBearer:
      check_bearer(spec.authentication, faults);
      break;
    case AuthScheme::kOauth2:
      check_oauth2(spec.authentication, faults);
      break;
  }
  if (std::ranges::any_of(spec.headers, [](const Header& h) { return lower(h.name) == "authorization"; }))
    faults.add("authentication", "must not be set beside an Authorization header");
}

void check_connection(const MonitorSpec& spec, Faults& faults) {
  check_proxy(spec, faults);
  if (!spec.connect_address.empty()) {
    const std::optional<IpAddress> address = parse_address(spec.connect_address);
    if (!address)
      faults.add("connect_address", "must be an IPv4 or IPv6 address, without brackets or port");
    else if (!is_family(spec.ip_family, *address))
      faults.add("connect_address", "must be of the family that ip_family asks for");
  }
  if (!spec.dns_server.empty() && !is_dns_server(spec.dns_server))
    faults.add("dns_server", "must be an address such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353");
  if (spec.http == HttpPolicy::kOnly2 && lower(spec.url.substr(0, 5)) == "http:")
    faults.add("http", "must be prior knowledge for an http URL, where nothing negotiates HTTP/2");
}

void check_tls(const MonitorSpec& spec, Faults& faults) {
  const TlsSettings& tls = spec.tls;
  if (tls.minimum < TlsVersion::k1_0 || tls.minimum > TlsVersion::k1_3)
    faults.add("tls.minimum", "must be TLS 1.0 to 1.3");
  if (!tls.server_name.empty() && !is_host(tls.server_name))
    faults.add("tls.server_name", "must be a host name or an IP address");
  faults.add_unless_empty("tls.ca_pem", pem_fault(tls.ca_pem, kMostPem));
  faults.add_unless_empty("tls.client_certificate_pem", pem_fault(tls.client_certificate_pem, kMostPem));
  faults.add_unless_empty("tls.client_key_pem", pem_fault(tls.client_key_pem, kMostKeyPem));
  if (tls.client_certificate_pem.empty() != tls.client_key_pem.empty()) {
    faults.add(tls.client_key_pem.empty() ? "tls.client_key_pem" : "tls.client_certificate_pem",
               "must be given: a certificate and its key belong together");
  }
}

}  // namespace openseer::domain
