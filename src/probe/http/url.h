#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

// URLs as the engine uses them: RFC 3986 with what browsers (WHATWG) and curl
// forgive in a path, and strict about the host. Pure.
namespace openseer::probe::http {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case, internationalised names as xn--, no brackets
  std::uint16_t port = 0;
  std::string target;                               // path and query as sent, from its slash
  std::optional<boost::asio::ip::address> numeric;  // the host, when it is an address

  bool tls() const { return scheme == "https"; }
  bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
  // "example.com", "[::1]:8080": the port only where it is not the scheme's own.
  std::string authority() const;
  // The same, always with its port, as CONNECT wants it.
  std::string host_and_port() const;
  std::string text() const;
  // The path without the query.
  std::string_view path() const;
};

// A complete URL, as a person wrote it: user name, password and fragment are left
// out, an internationalised host becomes its xn-- form (IDNA 2008, UTS 46), spaces
// and bytes outside ASCII are percent-encoded. Empty when it is not http or https or
// has no valid host.
std::optional<Url> parse_url(std::string_view text);

// `reference` as a Location header gives it, relative to `base` (RFC 3986, section
// 5.2); empty when it leads nowhere this program goes.
std::optional<Url> resolve(const Url& base, std::string_view reference);

}  // namespace openseer::probe::http
