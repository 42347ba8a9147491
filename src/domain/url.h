#pragma once

#include <string>
#include <string_view>

// The URLs a monitor may watch: http or https by RFC 3986, in ASCII, read so
// strictly that no two parsers can disagree about the host.
namespace openseer::domain {

inline constexpr std::size_t kMaxUrlLength = 2048;

// What is wrong with `url`, as a sentence without its subject ("must be http or
// https"); empty when it may be watched.
std::string url_fault(std::string_view url);

// The host as written, without brackets or port; empty when there is none.
std::string host_of(std::string_view url);

}  // namespace openseer::domain
