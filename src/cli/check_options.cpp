#include "cli/check_options.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/assertion_text.h"

namespace openseer::cli {
namespace {

using domain::AuthScheme;
using domain::MonitorSpec;
using options::Parser;
using Problem = std::optional<std::string>;

constexpr std::size_t kLargestFile = 1024 * 1024;

// What the words say before they make a specification: some depend on each other.
struct Typed {
  bool digest = false;
  bool head = false;
  bool follow = false;
  int max_redirects = 20;
  Milliseconds timeout{30'000};
  std::vector<std::string> resolve;
};

Problem read_file(const std::string& path, std::string& into) {
  std::istream* in = &std::cin;
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return "cannot be read: " + path;
    in = &file;
  }
  into.assign(std::istreambuf_iterator<char>(*in), {});
  if (in->bad()) return "cannot be read: " + path;
  if (into.size() > kLargestFile) return "must be a file of at most 1 MiB";
  return std::nullopt;
}

Parser file(std::string& into) {
  return [&into](std::string_view path) { return read_file(std::string(path), into); };
}

// "Name: value"; "Name;" sends the header without a value, as curl does.
Parser header(MonitorSpec& spec) {
  return [&spec](std::string_view line) -> Problem {
    const std::size_t end = line.find_first_of(":;");
    if (end == 0 || end == std::string_view::npos) return "must be a header, such as 'Accept: text/html'";
    std::string_view value = line.substr(end + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    if (line[end] == ';' && !value.empty()) return "must be a header, such as 'Accept: text/html'";
    spec.headers.push_back({std::string(line.substr(0, end)), std::string(value), false});
    return std::nullopt;
  };
}

Parser header_named(MonitorSpec& spec, std::string name) {
  return [&spec, name = std::move(name)](std::string_view value) -> Problem {
    spec.headers.push_back({name, std::string(value), false});
    return std::nullopt;
  };
}

// -d: joined by "&", from a file after "@", line ends dropped then (not for --data-binary).
Parser data(MonitorSpec& spec, domain::BodyType type, bool files, bool keep_lines) {
  return [&spec, type, files, keep_lines](std::string_view value) -> Problem {
    std::string part(value);
    if (files && value.starts_with('@')) {
      if (Problem problem = read_file(std::string(value.substr(1)), part)) return problem;
      if (!keep_lines) std::erase_if(part, [](char c) { return c == '\r' || c == '\n'; });
    }
    if (!spec.body.empty()) spec.body += '&';
    spec.body += part;
    spec.body_type = type;
    return std::nullopt;
  };
}

Parser user_password(std::string& user, std::string& password) {
  return [&](std::string_view value) -> Problem {
    const std::size_t colon = value.find(':');
    if (colon == std::string_view::npos) return "must be USER:PASSWORD";
    user = value.substr(0, colon);
    password = value.substr(colon + 1);
    return std::nullopt;
  };
}

// Seconds, also with a fraction, as curl's; or with a unit.
Parser seconds(Milliseconds& into) {
  return [&into](std::string_view value) -> Problem {
    if (const auto duration = options::parse_duration(value)) {
      into = *duration;
      return std::nullopt;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc{} || end != value.data() + value.size() || !(number >= 0 && number < 1e6))
      return "must be seconds, such as 5 or 0.5, or a duration such as 500ms";
    into = Milliseconds{static_cast<std::int64_t>(number * 1000)};
    return std::nullopt;
  };
}

template <class T>
Parser sets(T& field, T value) {
  return [&field, value](std::string_view) -> Problem {
    field = value;
    return std::nullopt;
  };
}

Parser repeated(std::vector<std::string>& into) {
  return [&into](std::string_view value) -> Problem {
    into.emplace_back(value);
    return std::nullopt;
  };
}

Parser assertion(MonitorSpec& spec) {
  return [&spec](std::string_view text) -> Problem {
    auto parsed = parse_assertion(text);
    if (auto* problem = std::get_if<std::string>(&parsed)) return std::move(*problem);
    spec.assertions.push_back(std::get<domain::Assertion>(std::move(parsed)));
    return std::nullopt;
  };
}

Parser proxy(domain::Proxy& into) {
  return [&into](std::string_view value) -> Problem {
    into.url =
        value.find("://") == std::string_view::npos ? "http://" + std::string(value) : std::string(value);
    // curl's names for the same thing.
    for (const std::string_view scheme : {"socks5h://", "socks://"}) {
      if (into.url.starts_with(scheme)) into.url = "socks5://" + into.url.substr(scheme.size());
    }
    return std::nullopt;
  };
}

Parser bearer(domain::Authentication& into) {
  return [&into](std::string_view value) -> Problem {
    into.scheme = AuthScheme::kBearer;
    into.token = value;
    return std::nullopt;
  };
}

std::vector<options::Option> request_options(MonitorSpec& spec, Typed& typed) {
  using options::repeatable;
  using options::secret;
  using options::short_form;
  return {
      short_form('X', {"request", "", "METHOD", "", "The method; GET, or POST with a body.",
                       options::text(spec.method)}),
      repeatable(short_form(
          'H', {"header", "", "LINE", "", "Sends a header, 'Name: value'; repeatable.", header(spec)})),
      repeatable(short_form(
          'd', {"data", "", "DATA", "", "A form body; @FILE reads a file, repeated ones are joined by &.",
                data(spec, domain::BodyType::kForm, true, false)})),
      repeatable({"data-raw", "", "DATA", "", "As --data, without a meaning for @.",
                  data(spec, domain::BodyType::kForm, false, true)}),
      repeatable({"data-binary", "", "DATA", "", "As --data, with line ends kept.",
                  data(spec, domain::BodyType::kForm, true, true)}),
      {"data-json", "", "DATA", "", "A JSON body, sent as application/json; @FILE reads a file.",
       data(spec, domain::BodyType::kJson, true, true)},
      short_form('I', {"head", "", "", "", "Asks for the headers alone.", options::flag(typed.head)}),
      short_form('A', {"user-agent", "", "NAME", "", "The User-Agent.", header_named(spec, "User-Agent")}),
      short_form('e', {"referer", "", "URL", "", "The Referer.", header_named(spec, "Referer")}),
      short_form('b',
                 secret({"cookie", "", "DATA", "", "Cookies, 'a=1; b=2'.", header_named(spec, "Cookie")})),
      short_form('u', secret({"user", "", "USER:PASSWORD", "", "Basic authentication.",
                              user_password(spec.authentication.username, spec.authentication.password)})),
      {"digest", "", "", "", "Digest authentication with --user.", options::flag(typed.digest)},
      secret({"oauth2-bearer", "", "TOKEN", "", "Sends a bearer token.", bearer(spec.authentication)}),
      short_form('L', {"location", "", "", "", "Follows redirects.", options::flag(typed.follow)}),
      {"max-redirs", "", "N", "20", "How many, with --location.",
       options::integer(typed.max_redirects, 0, 20)},
      short_form('m', {"max-time", "", "SECONDS", "30", "The time for all of it; also as 500ms.",
                       seconds(typed.timeout)}),
      {"compressed", "", "", "", "Accepts compressed answers: always so, and understood for curl's sake.",
       [](std::string_view) { return Problem{}; }},
  };
}

std::vector<options::Option> connection_options(MonitorSpec& spec, Typed& typed) {
  using options::secret;
  using options::short_form;
  return {
      short_form('4', {"ipv4", "", "", "", "IPv4 only.", sets(spec.ip_family, domain::IpFamily::kIpv4)}),
      short_form('6', {"ipv6", "", "", "", "IPv6 only.", sets(spec.ip_family, domain::IpFamily::kIpv6)}),
      options::repeatable({"resolve", "", "HOST:PORT:ADDRESS", "", "Connects there for that host and port.",
                           repeated(typed.resolve)}),
      {"dns-servers", "", "ADDRESS", "", "The DNS server to ask, as address or address:port.",
       options::text(spec.dns_server)},
      short_form('x', {"proxy", "", "URL", "", "Through a proxy: http://host:port or socks5://host:port.",
                       proxy(spec.proxy)}),
      short_form('U', secret({"proxy-user", "", "USER:PASSWORD", "", "Credentials for the proxy.",
                              user_password(spec.proxy.username, spec.proxy.password)})),
      {"http1.1", "", "", "", "HTTP/1.1 only.", sets(spec.http, domain::HttpPolicy::kOnly1_1)},
      {"http2", "", "", "", "HTTP/2 where the server speaks it: the default.",
       sets(spec.http, domain::HttpPolicy::kPrefer2)},
      {"http2-only", "", "", "", "HTTP/2 or nothing.", sets(spec.http, domain::HttpPolicy::kOnly2)},
      {"http2-prior-knowledge", "", "", "", "HTTP/2 from the first byte, also without TLS.",
       sets(spec.http, domain::HttpPolicy::kPriorKnowledge2)},
      {"keep-alive", "", "", "", "Keeps the connection between repeats.",
       options::flag(spec.reuse_connection)},
      short_form('k', {"insecure", "", "", "", "Does not verify the certificate.",
                       options::flag(spec.tls.skip_verification)}),
      {"cacert", "", "FILE", "", "Trusts these certificates (PEM) instead of the system's.",
       file(spec.tls.ca_pem)},
      short_form('E', {"cert", "", "FILE", "", "A client certificate (PEM), with its key or with --key.",
                       file(spec.tls.client_certificate_pem)}),
      {"key", "", "FILE", "", "The client certificate's key (PEM).", file(spec.tls.client_key_pem)},
      {"sni", "", "NAME", "", "The name to ask for in TLS and to verify.",
       options::text(spec.tls.server_name)},
      {"tlsv1.0", "", "", "", "TLS 1.0 or newer.", sets(spec.tls.minimum, domain::TlsVersion::k1_0)},
      {"tlsv1.1", "", "", "", "TLS 1.1 or newer.", sets(spec.tls.minimum, domain::TlsVersion::k1_1)},
      {"tlsv1.2", "", "", "", "TLS 1.2 or newer: the default.",
       sets(spec.tls.minimum, domain::TlsVersion::k1_2)},
      {"tlsv1.3", "", "", "", "TLS 1.3 or newer.", sets(spec.tls.minimum, domain::TlsVersion::k1_3)},
  };
}

std::vector<options::Option> verdict_options(CheckOptions& o) {
  using options::short_form;
  return {
      options::repeatable(
          {"assert", "", "TEXT", "",
           "What must hold, such as 'status in 200-299', 'header content-type contains json', 'json "
           "$.status = ok', 'total < 500ms', 'certificate-days > 14'; 'warn: ...' for what only "
           "degrades. Repeatable; without one about the status, 200-299.",
           assertion(o.spec)}),
      short_form('n', {"repeat", "", "N", "1", "Checks so often and shows percentiles.",
                       options::integer(o.repeats, 1, 100'000)}),
      {"pause", "", "SECONDS", "0", "Waits between repeats; also as 500ms.", seconds(o.pause)},
      short_form('i', {"include", "", "", "", "Shows the answer's headers.", options::flag(o.show_headers)}),
      short_form('s',
                 {"silent", "", "", "", "Shows nothing: the exit status says it.", options::flag(o.quiet)}),
      {"json", "", "", "", "Prints one JSON object a check: result, evidence, attempts.",
       options::flag(o.json)},
      {"color", "", "WHEN", "auto", "auto, always or never; NO_COLOR is honoured.",
       options::choice(o.color,
                       {{"auto", Color::kAuto}, {"always", Color::kAlways}, {"never", Color::kNever}})},
  };
}

Parser url(std::string& into) {
  return [&into](std::string_view value) -> Problem {
    if (value.empty()) return "must not be empty";
    into = value.find("://") == std::string_view::npos ? "http://" + std::string(value) : std::string(value);
    return std::nullopt;
  };
}

// The host and port of `url` as --resolve names them.
std::string endpoint_of(const std::string& url) {
  const bool tls = url.starts_with("https://");
  std::string_view rest(url);
  rest.remove_prefix(rest.find("://") + 3);
  std::string authority(rest.substr(0, rest.find_first_of("/?#")));
  if (const std::size_t at = authority.rfind('@'); at != std::string::npos) authority.erase(0, at + 1);
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  return has_port ? authority : authority + (tls ? ":443" : ":80");
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return std::tolower(x) == std::tolower(y); });
}

// "host:port:address" of the URL's own host and port; others do not concern this check.
Problem apply_resolve(const Typed& typed, MonitorSpec& spec) {
  const std::string endpoint = endpoint_of(spec.url);
  for (const std::string& entry : typed.resolve) {
    const std::size_t host_end = entry.starts_with('[') ? entry.find("]:") : entry.find(':');
    const std::size_t port_end = host_end == std::string::npos
                                     ? host_end
                                     : entry.find(':', host_end + (entry.starts_with('[') ? 2 : 1));
    if (port_end == std::string::npos || port_end + 1 == entry.size())
      return "--resolve must be HOST:PORT:ADDRESS, got '" + entry + "'";
    if (!same_letters(entry.substr(0, port_end), endpoint)) continue;
    std::string address = entry.substr(port_end + 1);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    spec.connect_address = std::move(address);
  }
  return std::nullopt;
}

// Puts what was typed together. What is wrong with it, or nothing.
Problem assemble(const Typed& typed, bool method_given, MonitorSpec& spec) {
  if (typed.head && !spec.body.empty()) return "--head and a body exclude each other";
  if (typed.digest && spec.authentication.username.empty()) return "--digest needs --user";
  if (typed.digest)
    spec.authentication.scheme = AuthScheme::kDigest;
  else if (!spec.authentication.username.empty() && spec.authentication.scheme == AuthScheme::kNone)
    spec.authentication.scheme = AuthScheme::kBasic;
  if (!method_given) spec.method = typed.head ? "HEAD" : spec.body.empty() ? "GET" : "POST";
  // As curl: the key may be in the certificate's file.
  if (!spec.tls.client_certificate_pem.empty() && spec.tls.client_key_pem.empty())
    spec.tls.client_key_pem = spec.tls.client_certificate_pem;
  spec.max_redirects = typed.follow ? typed.max_redirects : 0;
  spec.timeout = typed.timeout;
  spec.interval = Seconds{24 * 60 * 60};
  return apply_resolve(typed, spec);
}

}  // namespace

std::optional<int> read_check_options(const std::vector<std::string>& arguments,
                                      const options::Environment& environment, std::ostream& out,
                                      std::ostream& err, CheckOptions& into) {
  Typed typed;
  options::Command command{
      "openseer check",
      "Checks a URL once, as a monitor would, and shows where the time went. Exit status: 0 the "
      "check is ok, 1 it failed, 2 the command line is wrong.",
      request_options(into.spec, typed)};
  into.spec.method.clear();
  for (auto part : {connection_options(into.spec, typed), verdict_options(into)}) {
    command.options.insert(command.options.end(), part.begin(), part.end());
  }
  command.argument = options::Option{"url", "", "URL", "", "", url(into.spec.url)};
  if (const auto exit = options::read(command, arguments, environment, out, err)) return exit;
  if (environment("NO_COLOR") && into.color == Color::kAuto) into.color = Color::kNever;
  if (const Problem problem = assemble(typed, !into.spec.method.empty(), into.spec)) {
    err << command.name << ": " << *problem << '\n' << std::flush;
    return 2;
  }
  domain::complete(into.spec);
  const auto violations = domain::validate(into.spec, {std::string(domain::kGlobalRegion)}, "");
  for (const FieldViolation& violation : violations) {
    err << command.name << ": " << violation.field << ' ' << violation.description << '\n';
  }
  err << std::flush;
  if (!violations.empty()) return 2;
  return std::nullopt;
}

}  // namespace openseer::cli
