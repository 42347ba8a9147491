#include "probe/check/reason.h"

#include <cerrno>
#include <system_error>

#include "probe/net/egress.h"

namespace openseer::probe {
namespace {

using dns::Outcome;
using domain::IpFamily;
using domain::Reason;
using http::Fault;

std::string duration_text(Milliseconds duration) {
  const auto ms = duration.count();
  if (ms < 1000) return std::to_string(ms) + " ms";
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    std::string fraction = std::to_string(1000 + ms % 1000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + " s";
}

std::string_view family_name(IpFamily family) {
  switch (family) {
    case IpFamily::kIpv4:
      return "IPv4 address";
    case IpFamily::kIpv6:
      return "IPv6 address";
    case IpFamily::kAny:
      break;
  }
  return "address";
}

}  // namespace

Fault dns_fault(const std::string& name, IpFamily asked, const dns::Answer& ipv4, const dns::Answer& ipv6) {
  const auto found = [&](Outcome outcome) -> const dns::Answer* {
    if (asked != IpFamily::kIpv6 && ipv4.outcome == outcome) return &ipv4;
    return asked != IpFamily::kIpv4 && ipv6.outcome == outcome ? &ipv6 : nullptr;
  };
  if (found(Outcome::kNotFound) != nullptr) {
    return {Reason::kDnsNotFound, "the name " + name + " does not exist"};
  }
  if (const dns::Answer* answer = found(Outcome::kServerFailure)) {
    return {Reason::kDnsServerFailure, "the name server answered " + answer->detail + " for " + name};
  }
  if (found(Outcome::kTimeout) != nullptr) {
    return {Reason::kTimeoutDns, "no name server answered for " + name};
  }
  if (found(Outcome::kUnreachable) != nullptr) {
    return {Reason::kDnsFailed, "no name server can be reached to look up " + name};
  }
  if (const dns::Answer* answer = found(Outcome::kWorker)) {
    return {Reason::kWorker, "the worker could not look up " + name + ": " + answer->detail};
  }
  return {Reason::kDnsNoAddress, "the name " + name + " has no " + std::string(family_name(asked))};
}

Fault connect_fault(int error, const boost::asio::ip::address& address, std::uint16_t port) {
  const std::string where = address.to_string() + " port " + std::to_string(port);
  switch (error) {
    case ECONNREFUSED:
      return {Reason::kConnectRefused, where + " refused the connection"};
    case ECONNRESET:
      return {Reason::kConnectReset, where + " reset the connection attempt"};
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EAFNOSUPPORT:
      return {Reason::kConnectUnreachable, where + " cannot be reached from this network"};
    case ETIMEDOUT:
      return {Reason::kTimeoutConnect, where + " did not answer the connection attempt"};
    case EMFILE:
    case ENFILE:
      return {Reason::kWorker, "the worker has no descriptors left"};
    case ENOBUFS:
    case ENOMEM:
      return {Reason::kWorker, "the worker has no memory left for a connection"};
    case EADDRNOTAVAIL:  // also what Linux says where it has no IPv6 address to send from
      if (address.is_v6())
        return {Reason::kConnectUnreachable, where + " cannot be reached from this network"};
      return {Reason::kWorker, "the worker has no local port left to connect to " + where};
    default:
      break;
  }
  return {Reason::kConnectFailed,
          "connecting to " + where + " failed: " + std::error_code(error, std::generic_category()).message()};
}

Fault denied_fault(const boost::asio::ip::address& address) {
  const std::string text = address.to_string();
  if (reach_of(address) == Reach::kPrivate) {
    return {Reason::kEgressDenied, text + " is a private address, which this worker may not connect to"};
  }
  return {Reason::kEgressDenied, text + " is a reserved address, which no check may connect to"};
}

Fault timeout_fault(Stage stage, Milliseconds timeout) {
  const std::string limit = duration_text(timeout);
  switch (stage) {
    case Stage::kDns:
      return {Reason::kTimeoutDns, "the name server gave no answer within " + limit};
    case Stage::kConnect:
      return {Reason::kTimeoutConnect, "no connection within " + limit};
    case Stage::kTunnel:
      return {Reason::kTimeoutTotal, "the proxy did not connect to the target within " + limit};
    case Stage::kTls:
      return {Reason::kTimeoutTls, "the TLS handshake did not finish within " + limit};
    case Stage::kWait:
      return {Reason::kTimeoutFirstByte, "no answer within " + limit};
    case Stage::kDownload:
      break;
  }
  return {Reason::kTimeoutDownload, "the answer was not complete after " + limit};
}

}  // namespace openseer::probe
