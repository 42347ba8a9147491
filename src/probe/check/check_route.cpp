// The way of a check's hop to its target: names, addresses, proxies, TLS.

#include <charconv>

#include "probe/check/check.h"
#include "probe/check/proxy_route.h"
#include "probe/http/proxy.h"
#include "probe/net/address.h"
#include "probe/net/egress.h"

namespace openseer::probe {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::udp;
using domain::HttpPolicy;
using domain::IpFamily;
using domain::Reason;
using http::Fault;

constexpr std::uint16_t kDnsPort = 53;

std::optional<address> numeric(const std::string& text) {
  boost::system::error_code error;
  const address parsed = boost::asio::ip::make_address(text, error);
  return error ? std::nullopt : std::optional(parsed);
}

// "192.0.2.1", "192.0.2.1:5353", "2001:db8::1", "[2001:db8::1]:5353".
std::optional<udp::endpoint> parse_server(std::string_view text) {
  if (const auto whole = numeric(std::string(text))) return udp::endpoint(*whole, kDnsPort);
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto at = numeric(std::string(host));
  std::uint16_t port = kDnsPort;
  if (colon != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || last != end) return std::nullopt;
  }
  return at ? std::optional(udp::endpoint(*at, port)) : std::nullopt;
}

tls::Offer offer_of(HttpPolicy policy) {
  switch (policy) {
    case HttpPolicy::kOnly1_1:
      return tls::Offer::kHttp1;
    case HttpPolicy::kOnly2:
    case HttpPolicy::kPriorKnowledge2:
      return tls::Offer::kHttp2;
    case HttpPolicy::kPrefer2:
      break;
  }
  return tls::Offer::kBoth;
}

}  // namespace

void Check::start_route(Monotonic now) {
  step_ = Step::kConnecting;
  if (!spec_.dns_server.empty() && !dns_server_) {
    dns_server_ = parse_server(spec_.dns_server);
    if (!dns_server_) return fail({Reason::kWorker, "the worker cannot read the name server's address"}, now);
    if (!may_connect(options_.egress, dns_server_->address())) {
      return fail(denied_fault(dns_server_->address()), now);
    }
  }
  if (spec_.proxy.url.empty()) return resolve_target(now);
  std::optional<ProxyRoute> route = parse_proxy(spec_.proxy);
  if (!route) return fail({Reason::kWorker, "the worker cannot read the proxy's URL"}, now);
  proxy_ = std::make_unique<ProxyRoute>(std::move(*route));
  if (proxy_->socks) return resolve_target(now);
  // The proxy resolves the target's name; an address is ours to judge.
  const auto& target = url().numeric;
  if (target && !may_connect(options_.egress, *target)) return fail(denied_fault(*target), now);
  resolve(proxy_->url.host, proxy_->url.port, now);
}

void Check::resolve_target(Monotonic now) {
  const bool moved = at_home() && !spec_.connect_address.empty();
  resolve(moved ? spec_.connect_address : url().host, url().port, now);
}

// Both families at once, unless the monitor wants one; on_resolved() goes on.
void Check::resolve(std::string name, std::uint16_t port, Monotonic now) {
  name_ = std::move(name);
  port_ = port;
  io_.forget_lookups();
  const int round = ++lookups_;
  ipv4_ = ipv6_ = {dns::Outcome::kNoAddress, {}, Seconds{0}, ""};
  if (const auto at = numeric(name_)) {
    race_.begin(at->is_v4(), at->is_v6());
    dns::Answer answer{dns::Outcome::kFound, {*at}, Seconds{0}, ""};
    return on_resolved(at->is_v6() ? dns::Family::kIpv6 : dns::Family::kIpv4, answer, now);
  }
  marks_.looked_up = true;
  const bool wants[] = {spec_.ip_family != IpFamily::kIpv6, spec_.ip_family != IpFamily::kIpv4};
  race_.begin(wants[0], wants[1]);
  for (const dns::Family family : {dns::Family::kIpv6, dns::Family::kIpv4}) {
    if (!wants[static_cast<int>(family)]) continue;
    const auto answer = io_.resolve({name_, family, dns_server_});
    if (answer) on_resolved(family, *answer, now);
    if (step_ != Step::kConnecting || round != lookups_) return;  // it went on to something else
  }
}

void Check::on_resolved(dns::Family family, const dns::Answer& answer, Monotonic now) {
  const bool ipv6 = family == dns::Family::kIpv6;
  if (step_ != Step::kConnecting) return;
  (ipv6 ? ipv6_ : ipv4_) = answer;
  std::vector<address> permitted;
  for (const address& one : answer.addresses) {
    const bool wanted =
        spec_.ip_family == IpFamily::kAny || one.is_v6() == (spec_.ip_family == IpFamily::kIpv6);
    if (!may_connect(options_.egress, one)) {
      if (!denied_) denied_ = one;
    } else if (wanted) {
      permitted.push_back(one);
    }
  }
  if (proxy_ && proxy_->socks && !proxy_->target && !permitted.empty()) {
    proxy_->target = permitted.front();
    return resolve(proxy_->url.host, proxy_->url.port, now);
  }
  if (!permitted.empty() && marks_.resolved == Monotonic{}) marks_.resolved = now;
  race_.resolved(ipv6, permitted, now);
  advance(now);
}

void Check::on_time(Monotonic now) {
  if (step_ == Step::kConnecting) advance(now);
}

void Check::advance(Monotonic now) {
  while (const auto attempt = race_.next(now)) {
    if (hop_.remote_address.empty()) hop_.remote_address = text_of(attempt->address);
    const int error = io_.connect(attempt->id, attempt->address, port_);
    if (error != 0) note_failure(attempt->id, error, now);
  }
  if (race_.lost()) return lose_race(now);
  if (const auto when = race_.wake()) io_.wake_at(*when);
}

void Check::on_connect_failed(std::size_t id, int error, Monotonic now) {
  if (step_ != Step::kConnecting) return;
  note_failure(id, error, now);
  advance(now);
}

// An address that cannot be reached from here says less than one that answered.
void Check::note_failure(std::size_t id, int error, Monotonic now) {
  Fault fault = connect_fault(error, race_.address(id), port_);
  race_.failed(id, fault.reason, now);
  if (connect_fault_ && fault.reason == Reason::kConnectUnreachable) return;
  hop_.remote_address = text_of(race_.address(id));
  connect_fault_ = std::move(fault);
}

void Check::lose_race(Monotonic now) {
  if (connect_fault_) {
    Fault fault = *connect_fault_;
    if (proxy_) fault = {Reason::kProxy, "the proxy: " + fault.message};
    return fail(std::move(fault), now);
  }
  if (denied_) return fail(denied_fault(*denied_), now);
  fail(dns_fault(name_, spec_.ip_family, ipv4_, ipv6_), now);
}

void Check::on_connected(std::size_t id, Monotonic now) {
  if (step_ != Step::kConnecting) return;
  race_.won(id, now);
  io_.use(id);
  hop_.remote_address = text_of(race_.address(id));
  if (!proxy_ || (!proxy_->socks && !url().tls())) return on_route(now);
  step_ = Step::kTunnel;
  if (proxy_->socks) {
    tunnel_ = http::make_socks5(*proxy_->target, url().port, spec_.proxy.username, spec_.proxy.password);
  } else {
    tunnel_ = http::make_http_tunnel(url(), options_.user_agent, proxy_->credentials);
  }
}

// The bytes go to the target from here on.
void Check::on_route(Monotonic now) {
  marks_.connected = now;
  tunnel_.reset();
  const bool prior_knowledge = spec_.http == HttpPolicy::kPriorKnowledge2 && !token_url_;
  if (!url().tls()) return start_exchange(prior_knowledge);
  step_ = Step::kTls;
  marks_.tls = true;
  const domain::TlsSettings* settings = &spec_.tls;
  if (!at_home()) {
    away_ = std::make_unique<domain::TlsSettings>(spec_.tls);
    away_->server_name.clear();
    away_->client_certificate_pem.clear();
    away_->client_key_pem.clear();
    settings = away_.get();
  }
  std::string name = settings->server_name.empty() ? url().host : settings->server_name;
  if (name.ends_with('.')) name.pop_back();
  Fault fault = io_.secure(*settings, token_url_ ? tls::Offer::kBoth : offer_of(spec_.http), std::move(name));
  if (fault) fail(std::move(fault), now);
}

void Check::on_secured(const tls::Report& report, Monotonic now) {
  marks_.secured = now;
  take_report(report);
  const bool http2 = report.protocol == "h2";
  if (spec_.http == HttpPolicy::kOnly2 && !http2 && !token_url_) {
    return fail({Reason::kHttpVersionRefused, "the server does not speak HTTP/2"}, now);
  }
  start_exchange(http2 || (spec_.http == HttpPolicy::kPriorKnowledge2 && !token_url_));
}

void Check::on_tls_failed(Fault fault, const tls::Report& report, Monotonic now) {
  take_report(report);
  fail(std::move(fault), now);
}

}  // namespace openseer::probe
