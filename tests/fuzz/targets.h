#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Every parser of bytes from outside and the engine as a whole, for libFuzzer: the first byte of an input
// chooses the target, what follows is the target's. A target aborts when a promise
// of the code under test is broken.
namespace openseer::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

// Exchanges: a hostile server's bytes in pieces, behind a few bytes that say how.
void http1(std::string_view input);
void http2(std::string_view input);
void http_tunnel(std::string_view input);
void socks5(std::string_view input);

// Pieces of answers.
void url(std::string_view input);
void cookies(std::string_view input);
void digest(std::string_view input);
void oauth(std::string_view input);

// A name server's reply.
void dns_reply(std::string_view input);

// A whole check against a scripted server, from the name to the evidence.
void engine(std::string_view input);

// A JSONPath, a zero byte and a body that it is applied to.
void jsonpath(std::string_view input);

// The first byte of an input counts along this list: only ever add at its end, or the
// corpus is void.
inline constexpr Target kTargets[] = {
    {"http1", http1},   {"http2", http2},       {"http_tunnel", http_tunnel},
    {"socks5", socks5}, {"url", url},           {"cookies", cookies},
    {"digest", digest}, {"oauth", oauth},       {"dns_reply", dns_reply},
    {"engine", engine}, {"jsonpath", jsonpath},
};

// Ends the process where `holds` does not, whatever the build.
inline void promise(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace openseer::fuzz
