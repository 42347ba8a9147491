#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "domain/monitor.h"

// What one hop asks for, and how a redirect changes it (RFC 9110, section 15.4,
// and the Fetch standard's HTTP-redirect fetch). Pure.
namespace openseer::probe {

struct Target {
  std::string url;     // without user name, password and fragment
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, internationalised names as xn--, no brackets
  std::uint16_t port = 0;
  std::optional<boost::asio::ip::address> numeric;  // the host, when it is an address

  bool tls() const { return scheme == "https"; }
  bool same_origin(const Target& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

struct Request {
  std::string method = "GET";
  Target target;
  std::vector<domain::Header> headers;
  std::string body;
};

// Empty when `url` is not a complete http or https URL.
std::optional<Target> parse_target(const std::string& url);

// `location` as a Location header gives it, relative to `base`; empty when it
// leads nowhere this program goes.
std::optional<Target> parse_location(const Target& base, const std::string& location);

// The statuses whose Location is followed.
bool is_redirect(int status);

// Turns `request` into the one that follows a redirect by `status` to `next`:
// the method becomes GET where the standards say so, and headers that belong to
// the origin (sensitive ones, Authorization, Cookie, Host) stay behind.
void redirect(Request& request, int status, Target next);

// Case-insensitive, as header names are.
bool has_header(const std::vector<domain::Header>& headers, std::string_view name);

}  // namespace openseer::probe
