#include "probe/check/proxy_route.h"

#include "probe/http/compose.h"

namespace openseer::probe {

std::optional<ProxyRoute> parse_proxy(const domain::Proxy& proxy) {
  constexpr std::string_view kSocks = "socks5://";
  constexpr std::uint16_t kSocksPort = 1080;
  ProxyRoute route;
  std::string url = proxy.url;
  if (url.starts_with(kSocks)) {
    route.socks = true;
    const std::string place = url.substr(kSocks.size());
    url = "http://" + place;
  }
  std::optional<http::Url> parsed = http::parse_url(url);
  if (!parsed || parsed->tls()) return std::nullopt;
  route.url = std::move(*parsed);
  // No SOCKS proxy is at the port of HTTP unless its URL says so.
  const bool has_port =
      url.find(":80", url.size() - std::min<std::size_t>(url.size(), 4)) != std::string::npos;
  if (route.socks && route.url.port == 80 && !has_port) route.url.port = kSocksPort;
  if (!route.socks && !proxy.username.empty()) {
    route.credentials = http::basic_credentials(proxy.username, proxy.password);
  }
  return route;
}

}  // namespace openseer::probe
