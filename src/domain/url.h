#pragma once

#include <string>
#include <string_view>

// The URLs a monitor may watch or be proxied by: http or https by RFC 3986, in ASCII, read so
// strictly that no two parsers can disagree about the host.
namespace openseer::domain {

inline constexpr std::size_t kMaxUrlLength = 2048;

// What is wrong with `url`, as a sentence without its subject ("must be http or
// https"); empty when it may be watched.
std::string url_fault(std::string_view url);

// Likewise of a proxy's URL: "http://host:port" or "socks5://host:port".
std::string proxy_fault(std::string_view url);

// A host name or an IP address without brackets.
bool is_host(std::string_view text);

// The host as written, without brackets or port; empty when there is none.
std::string host_of(std::string_view url);

// Scheme, host and port, by which the web tells who is who (RFC 6454), in lower case
// and with the scheme's port where none is named; empty when there is no host.
std::string origin_of(std::string_view url);

}  // namespace openseer::domain
