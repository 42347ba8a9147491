// What is taken out of an answer's headers and body, and what is found in it.

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include <boost/json/parse.hpp>

#include "domain/jsonpath.h"
#include "fuzz/targets.h"
#include "probe/dns/reply.h"
#include "probe/http/cookies.h"
#include "probe/http/digest.h"
#include "probe/http/oauth.h"
#include "probe/http/url.h"

namespace openseer::fuzz {

using namespace probe::http;

namespace {

bool is_sendable(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) return false;
  }
  return true;
}

// What a URL is read to must be read to the same again, or two parts of the program
// could take it for two hosts.
void check(const std::optional<Url>& url) {
  if (!url) return;
  promise(is_sendable(url->text()));
  const auto again = parse_url(url->text());
  promise(again && again->same_origin(*url) && again->numeric == url->numeric);
  promise(again->text() == url->text());
}

Headers headers(std::string_view name, std::string_view lines) {
  Headers out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    out.add(name, lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return out;
}

}  // namespace

void url(std::string_view input) {
  check(parse_url(input));
  check(resolve(*parse_url("https://example.com:8443/a/b?c"), input));
}

void cookies(std::string_view input) {
  const Instant now{Seconds{1'800'000'000}};
  const Url from = *parse_url("https://www.example.com/a/b");
  CookieJar jar;
  jar.store(from, headers("Set-Cookie", input), now);
  promise(jar.size() <= 50);
  promise(jar.cookies_for(from, now).find_first_of("\r\n") == std::string::npos);
  promise(jar.cookies_for(*parse_url("https://example.org/"), now).empty());
  parse_cookie_date(input);
}

void digest(std::string_view input) {
  const auto challenge = find_digest_challenge(headers("WWW-Authenticate", input));
  if (!challenge) return;
  promise(!challenge->nonce.empty());
  digest_credentials(*challenge, {"user", "password", "GET", "/", "0123456789abcdef"});
}

void oauth(std::string_view input) {
  Answer answer;
  answer.status = input.starts_with('!') ? 400 : 200;
  answer.body = input;
  const auto token = oauth_token(answer);
  if (const auto* good = std::get_if<OauthToken>(&token))
    promise(is_sendable(good->value) && !good->value.empty());
}

void dns_reply(std::string_view input) {
  namespace dns = probe::dns;
  for (const dns::Family family : {dns::Family::kIpv4, dns::Family::kIpv6}) {
    const dns::Answer answer =
        dns::read_reply({reinterpret_cast<const unsigned char*>(input.data()), input.size()}, family);
    promise((answer.outcome == dns::Outcome::kFound) == !answer.addresses.empty());
    promise(answer.ttl.count() >= 0);
    for (const auto& address : answer.addresses) promise(address.is_v4() == (family == dns::Family::kIpv4));
  }
}

void jsonpath(std::string_view input) {
  const std::size_t end = std::min(input.find('\0'), input.size());
  const auto path = domain::JsonPath::parse(input.substr(0, end));
  if (!path) {
    promise(!path.error().message.empty());
    return;
  }
  const std::string_view body = input.substr(std::min(end + 1, input.size()));
  boost::system::error_code error;
  const boost::json::value root =
      boost::json::parse(boost::json::string_view(body.data(), body.size()), error);
  if (error) return;
  if (const auto nodes = path->select(root)) {
    for (const boost::json::value* node : *nodes) promise(domain::equal(*node, *node));
  }
}

}  // namespace openseer::fuzz
