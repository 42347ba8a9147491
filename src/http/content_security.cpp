#include "http/content_security.h"

#include <array>

#include <openssl/evp.h>

#include "http/base64.h"
#include "http/fields.h"
#include "http/static_files.h"

namespace openseer::http {
namespace {

std::size_t find_tag(std::string_view html, std::string_view tag, std::size_t from) {
  for (std::size_t at = html.find('<', from); at != std::string_view::npos; at = html.find('<', at + 1)) {
    if (same_name(html.substr(at, tag.size()), tag)) return at;
  }
  return std::string_view::npos;
}

// The position of the '>' that ends the tag which starts at `from`.
std::size_t end_of_tag(std::string_view html, std::size_t from) {
  char quote = 0;
  for (std::size_t at = from; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return at;
    }
  }
  return std::string_view::npos;
}

// Whether a script element's attributes make it run what it contains: no src,
// and not a block of data.
bool runs_inline(std::string_view attributes) {
  return attributes.find(" src=") == std::string_view::npos &&
         attributes.find("application/json") == std::string_view::npos;
}

std::string source_hash(std::string_view script) {
  std::array<unsigned char, 32> digest{};
  EVP_Digest(script.data(), script.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return "'sha256-" + base64(bytes, Padding::kYes) + "'";
}

// " 'sha256-...'" for each element that is run or applied as it stands in the page.
std::string inline_hashes(std::string_view html, std::string_view name, bool (*counts)(std::string_view)) {
  const std::string open_tag = "<" + std::string(name);
  const std::string close_tag = "</" + std::string(name);
  std::string hashes;
  for (std::size_t at = find_tag(html, open_tag, 0); at != std::string_view::npos;
       at = find_tag(html, open_tag, at)) {
    const std::size_t open_end = end_of_tag(html, at);
    if (open_end == std::string_view::npos) break;
    const std::string_view attributes = html.substr(at + open_tag.size(), open_end - at - open_tag.size());
    const std::size_t close = find_tag(html, close_tag, open_end);
    if (close == std::string_view::npos) break;
    if (counts(attributes)) {
      const std::string hash = source_hash(html.substr(open_end + 1, close - open_end - 1));
      if (hashes.find(hash) == std::string::npos) hashes.append(" ").append(hash);
    }
    at = close;
  }
  return hashes;
}

}  // namespace

// Styles that scripts set (the CSSOM) need no permission; style attributes in the
// page itself get none.
std::string page_policy(std::string_view html) {
  const std::string scripts = inline_hashes(html, "script", runs_inline);
  const std::string styles = inline_hashes(html, "style", [](std::string_view) { return true; });
  return "default-src 'self'; script-src 'self'" + scripts + "; style-src 'self'" + styles +
         "; img-src 'self' data:; connect-src 'self'; "
         "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'";
}

void add_security_headers(Response& response, bool tls) {
  const auto add_missing = [&](std::string name, std::string value) {
    if (response.headers.get(name).empty()) response.headers.set(std::move(name), std::move(value));
  };
  add_missing("X-Content-Type-Options", "nosniff");
  add_missing("Content-Security-Policy", "frame-ancestors 'none'");
  add_missing("Referrer-Policy", "same-origin");
  if (tls) add_missing("Strict-Transport-Security", "max-age=31536000");
}

}  // namespace openseer::http
